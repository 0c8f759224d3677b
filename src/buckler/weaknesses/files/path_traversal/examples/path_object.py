"""A name behind a Path."""

from pathlib import Path

FOLDER = Path("/tmp/reports")


def read(name):
    return (FOLDER / name).read_text()
