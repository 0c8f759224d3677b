"""The command has a name, and more is said about how it runs."""

import subprocess


def size(folder):
    command = f"du -s --block-size=1 '{folder}'"
    done = subprocess.run(
        command,
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split("\t")[0]
