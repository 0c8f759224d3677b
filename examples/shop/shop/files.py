"""Manuals, invoices and pictures on disk."""

import subprocess
from pathlib import Path

MANUALS = "/srv/shop/manuals/"
INVOICES = Path("/srv/shop/invoices").resolve()


def read_manual(name):
    # Flaw: "../../../etc/passwd" is a name, too.
    with open(MANUALS + name, encoding="utf-8") as file:
        return file.read()


def read_invoice(name):
    # Safe: the resolved path must lie in the folder.
    path = (INVOICES / name).resolve()
    if not path.is_relative_to(INVOICES):
        raise ValueError("no such invoice")
    return path.read_text("utf-8")


def make_thumbnail(picture, size):
    # Flaw: one string for a shell.
    return subprocess.call(f"convert {picture} -resize {size} thumb.png", shell=True)


def count_pictures():
    # Safe: a constant command, no shell.
    return subprocess.run(["ls", "/srv/shop/pictures"], capture_output=True, check=True).stdout.count(b"\n")
