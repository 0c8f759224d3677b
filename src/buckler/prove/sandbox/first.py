"""The first program inside a sandbox, `inside/init.py`, and the order it is given; the same for every tier.

Example::

    first_program(cell, ["python", "-V"], user=None)    # ["…/python3.12", "-I", "-S", "-B", "…/init.py", "{…}"]
"""

from __future__ import annotations

import json
import os
import platform
import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict

from buckler.prove.sandbox.model import HARNESS, PROJECT, SandboxSpec
from buckler.prove.sandbox.mounts import HOME, SHARED_MEMORY, TEMPORARY, layers
from buckler.prove.sandbox.seccomp import KEYCTL, bpf_program

NOBODY = 65534


def nobody() -> int:
    """The user number inside. As root each sandbox gets one of its own, because the kernel counts processes by it."""
    return 200_000 + secrets.randbelow(1 << 20) if os.geteuid() == 0 else NOBODY


def first_program(cell: SandboxSpec, command: Sequence[str], user: int | None) -> list[str]:
    """Its command line; `user` is the number to become, None where the sandbox runs as nobody in particular."""
    machine = platform.machine()
    filtering = bpf_program(machine)
    order = {
        "command": list(command),
        "target": PROJECT,
        "project": layers(cell),
        "user": user,
        "memory": [TEMPORARY, SHARED_MEMORY],
        "home": [HOME, f"{TEMPORARY}/home"],
        "writes": str(cell.writes or ""),
        "limits": asdict(cell.limits),
        "filter": b64encode(filtering).decode() if filtering else None,
        "keyctl": KEYCTL.get(machine),
    }
    return [str(cell.python.resolve()), "-I", "-S", "-B", f"{HARNESS}/init.py", json.dumps(order)]
