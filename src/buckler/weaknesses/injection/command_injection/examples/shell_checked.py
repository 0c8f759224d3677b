"""Only whether it worked is asked; the program takes no `--`."""

import os


def has_module(name):
    if os.system("python3 -m " + name + " --help") == 0:
        return "yes"
    return "no"
