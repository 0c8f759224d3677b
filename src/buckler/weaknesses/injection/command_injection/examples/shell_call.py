"""A formatted text for the shell, with a redirection that needs it."""

import subprocess


def count_lines(name):
    return subprocess.call(f"wc -l {name} > /dev/null", shell=True)
