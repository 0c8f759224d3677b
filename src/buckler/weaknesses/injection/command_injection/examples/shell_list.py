"""A list, but the program in it is a shell."""

import subprocess


def greet(name):
    command = ["sh", "-c"]
    command.append(f"echo hello {name}")
    return subprocess.run(command, capture_output=True, text=True).stdout
