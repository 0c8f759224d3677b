"""The command line that makes a sandbox with bubblewrap.

As root, bubblewrap keeps the host's user numbers so that `init.py` can become nobody and the cap on processes holds
(the kernel ignores it for root, whatever root is called inside); otherwise a user namespace does the same.

Example::

    arguments(Path("/usr/bin/bwrap"), cell, ["python", "-V"])
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from buckler.prove.sandbox.first import first_program, nobody
from buckler.prove.sandbox.model import SandboxSpec
from buckler.prove.sandbox.mounts import Mount, environment, mounts

RIGHTS = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_CHOWN", "CAP_DAC_OVERRIDE")
"""What `init.py` needs as root before it gives up being root."""


def arguments(bwrap: Path, cell: SandboxSpec, command: Sequence[str]) -> list[str]:
    """The command line, the interpreter of our own first program included."""
    root = os.geteuid() == 0
    user = nobody()
    out = [str(bwrap), "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
           "--die-with-parent", "--new-session", "--hostname", "localhost", "--clearenv"]  # fmt: skip
    out += [] if cell.network else ["--unshare-net"]
    if root:
        out += [word for right in RIGHTS for word in ("--cap-add", right)]
    else:
        out += ["--unshare-user", "--uid", str(user), "--gid", str(user)]
    out += [word for row in mounts(cell, user) for word in words(row)]
    out += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in environment(cell).items():
        out += ["--setenv", name, value]
    return [*out, "--chdir", "/", *first_program(cell, command, user if root else None)]


def words(row: Mount) -> list[str]:
    """One row in bubblewrap's words."""
    if row.kind in ("proc", "dev"):
        return [f"--{row.kind}", row.target]
    if row.kind == "folder":
        return ["--perms", "0755", "--dir", row.target]
    if row.kind == "memory":
        return ["--size", str(row.size), "--tmpfs", row.target]
    option = {"read": "--ro-bind", "cover": "--ro-bind", "write": "--bind", "link": "--symlink"}[row.kind]
    return [option, row.source, row.target]
