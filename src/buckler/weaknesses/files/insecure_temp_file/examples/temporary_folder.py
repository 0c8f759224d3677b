import os
import tempfile


def workspace(name):
    folder = tempfile.mktemp(prefix=name)
    os.mkdir(folder)
    return folder
