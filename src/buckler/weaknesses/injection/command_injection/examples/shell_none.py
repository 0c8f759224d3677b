"""A program whose name is chosen outside, started without a shell: there is nothing to quote for."""

import subprocess


def start(tool):
    return subprocess.Popen([f"{tool}", "--version"], stdout=subprocess.PIPE).communicate()[0].decode()
