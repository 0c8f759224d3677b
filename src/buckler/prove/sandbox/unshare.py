"""The second tier: namespaces made by `unshare`, whose root folder is built by `enter.py`.

Example::

    arguments(Path("/usr/bin/unshare"), cell, ["python", "-V"])
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from buckler.prove.sandbox.first import first_program, nobody
from buckler.prove.sandbox.model import SandboxSpec
from buckler.prove.sandbox.mounts import environment, mounts

ENTER = Path(__file__).with_name("enter.py")


def arguments(unshare: Path, cell: SandboxSpec, command: Sequence[str]) -> list[str]:
    """The command line."""
    root = os.geteuid() == 0
    user = nobody()
    order = {
        "mounts": [asdict(row) for row in mounts(cell, user)],
        "network": cell.network,
        "command": first_program(cell, command, user if root else None),
        "environment": environment(cell),
    }
    users = [] if root else ["--user", "--map-root-user"]  # root's own processes are never counted, nobody's are
    flags = [*users, "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--ipc", "--uts",
             "--cgroup", *([] if cell.network else ["--net"])]  # fmt: skip
    return [str(unshare), *flags, sys.executable, "-I", "-S", "-B", str(ENTER), json.dumps(order)]
