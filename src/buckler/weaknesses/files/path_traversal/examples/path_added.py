"""A name added to a folder."""

FOLDER = "/tmp/reports/"


def read(name):
    with open(FOLDER + name + ".txt") as file:
        return file.read()
