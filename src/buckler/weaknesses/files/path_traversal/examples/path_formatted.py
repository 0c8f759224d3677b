"""A name in a formatted text, and the file is removed."""

import os

FOLDER = "/tmp/reports"


def remove(name):
    path = f"{FOLDER}/{name}"
    os.remove(path)
