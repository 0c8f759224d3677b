"""A pipe from a command."""

import os


def kind(name):
    with os.popen("file -b %s" % name) as pipe:
        return pipe.read()
