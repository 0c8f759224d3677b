"""A check that lets the neighbour with the same beginning through."""

import os

FOLDER = "/tmp/reports"


def read(name):
    path = os.path.abspath(os.path.join(FOLDER, name))
    if not path.startswith(FOLDER):
        raise ValueError("outside")
    with open(path) as file:
        return file.read()
