"""The value stands in double quotes with more beside it."""

import subprocess


def mentions(word):
    return subprocess.call(f'printf "%s\\n" one two | grep -c "about {word}" > /dev/null', shell=True)
