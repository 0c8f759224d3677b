"""Output of a command with a value in quotes."""

import subprocess


def listing(folder):
    try:
        return subprocess.check_output("ls '{}'".format(folder), shell=True, text=True)
    except subprocess.CalledProcessError:
        return ""
