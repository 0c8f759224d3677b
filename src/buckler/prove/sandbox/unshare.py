"""The weaker tier: namespaces made by `unshare`, the root folder built by hand with `mount`.

The same things are visible as under bubblewrap, but system calls are not filtered.

Example::

    arguments(Path("/usr/bin/unshare"), cell, ["python", "-V"], None)
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from buckler.prove.sandbox.bubblewrap import HOME, environment, layers, mounts, nobody
from buckler.prove.sandbox.model import INSIDE, PROJECT, Cell

ROOT = "/mnt"


def arguments(unshare: Path, cell: Cell, command: Sequence[str], seccomp: int | None) -> list[str]:
    """The command line; `seccomp` is not used by this tier."""
    root = os.geteuid() == 0
    user = nobody()
    order = {
        "command": list(command), "target": PROJECT,
        "project": layers(cell),
        "user": user if root else None, "writes": str(cell.writes or ""), "limits": asdict(cell.limits),
    }  # fmt: skip
    inner = [
        "env", "-i", *(f"{n}={v}" for n, v in environment(cell).items()),
        str(cell.python), "-I", "-S", f"{INSIDE}/init.py", json.dumps(order),
    ]  # fmt: skip
    leave = ["cd " + ROOT, "mkdir .old", "pivot_root . .old", "/usr/bin/umount -l /.old", "rmdir /.old", "cd /"]
    steps = [
        "set -e",
        f"mount -t tmpfs none {ROOT}",
        *_steps(mounts(cell, user)),
        *leave,
        "exec /usr/bin/" + shlex.join(inner),
    ]
    script = "\n".join(steps)
    users = [] if root else ["--user", "--map-root-user"]  # root's own processes are never counted, nobody's are
    flags = [*users, "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--ipc", "--uts"]
    return [str(unshare), *flags, *([] if cell.network else ["--net"]), "sh", "-c", script]


def _steps(words: list[str]) -> list[str]:
    """bubblewrap's mount options as commands of the shell."""
    out: list[str] = []
    size = ""
    at = 0
    while at < len(words):
        option = words[at]
        count = 1 if option in ("--proc", "--dev", "--tmpfs", "--size", "--perms", "--dir") else 2
        given = words[at + 1 : at + 1 + count]
        at += 1 + count
        if option == "--size":
            size = given[0]
        else:
            out += _step(option, given, size)
    return [*out, "ip link set lo up 2>/dev/null || true", f"mkdir -p {ROOT}{HOME}"]


def _step(option: str, given: list[str], size: str) -> list[str]:
    place = shlex.quote(ROOT + given[-1])
    if option == "--symlink":
        return [f"ln -s {shlex.quote(given[0])} {place}"]
    if option == "--perms":
        return []
    if option == "--dir":
        return [f"mkdir -p {place}"]
    if option == "--tmpfs":
        return [f"mkdir -p {place}", f"mount -t tmpfs -o size={size} none {place}"]
    if option == "--proc":
        return [f"mkdir -p {place}", f"mount -t proc none {place}"]
    if option == "--dev":
        names = ("null", "zero", "random", "urandom", "full")
        make = [f"touch {ROOT}/dev/{n} && mount --bind /dev/{n} {ROOT}/dev/{n}" for n in names]
        return [f"mkdir -p {place}/shm", *make]
    if option == "--ro-bind-try" and not os.path.exists(given[0]):  # noqa: PTH110
        return []
    source = shlex.quote(given[0])
    target = f"mkdir -p {place}" if Path(given[0]).is_dir() else f"mkdir -p $(dirname {place}) && touch {place}"
    bind = [target, f"mount --rbind {source} {place}"]
    return bind if option == "--bind" else [*bind, f"mount -o remount,ro,bind {place}"]
