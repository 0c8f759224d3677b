"""The language of command lines: which programs read one, and what their options mean."""

from __future__ import annotations

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh",
                    "/bin/sh", "/bin/bash", "/usr/bin/env"})  # fmt: skip
COMMAND_OPTIONS = frozenset({"-c", "/c", "/C", "/k", "-Command", "-lc", "-ic"})
"""A shell takes what follows for a command line."""
PROGRAM_OPTION = "-c"
"""Any interpreter takes what follows for a program."""
END_OF_OPTIONS = "--"
OPTION = "-"
"""Begins an option; by itself it is none."""
TAKES_VALUE = frozenset({
    "--author", "--branch", "--config", "--date", "--depth", "--directory", "--file", "--format", "--host", "--label",
    "--local-user", "--message", "--name", "--output", "--password", "--port", "--tag", "--target", "--title",
    "--user", "--username", "-C", "-m", "-o",
})  # fmt: skip
"""Options that swallow what follows, a dash at its front included."""
