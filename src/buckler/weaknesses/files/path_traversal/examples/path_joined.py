"""A name joined to a folder."""

import os

FOLDER = "/tmp/reports"


def read(name):
    with open(os.path.join(FOLDER, name)) as file:
        return file.read()
