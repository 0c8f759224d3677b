"""The command line that makes a sandbox with bubblewrap.

Only what a cell names is mounted: the system's programs and libraries, the interpreter, the dependencies, our own
programs, and the project, which `init.py` copies into memory before it gives up every right. As root, bubblewrap
keeps the host's user numbers so that `init.py` can become nobody and the cap on processes holds (the kernel ignores it
for root, whatever root is called inside); otherwise a user namespace does the same.

Example::

    arguments(Path("/usr/bin/bwrap"), cell, ["python", "-V"], seccomp=7)
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

from buckler.base.scratch import scratch
from buckler.prove.sandbox.model import INSIDE, PROJECT, Cell

NOBODY = 65534
HOME = "/home/nobody"
ORIGINAL = "/.original"
OVERLAY = "/.overlay"
OURS = Path(__file__).resolve().parents[1] / "inside"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
LOADER = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
NETWORK = ("/etc/resolv.conf", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/nsswitch.conf", "/etc/hosts")
PRIVATE = {"/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n", "/etc/nsswitch.conf": "hosts: files\n"}
RIGHTS = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_CHOWN", "CAP_DAC_OVERRIDE")
"""What `init.py` needs as root before it gives up being root."""


def nobody() -> int:
    """The user number inside. As root each sandbox gets one of its own, because the kernel counts processes by it."""
    return 200_000 + secrets.randbelow(1 << 20) if os.geteuid() == 0 else NOBODY


def user_files(user: int) -> dict[str, str]:
    """The users that programs inside are told of."""
    return {
        "/etc/passwd": f"root:x:0:0::/root:/bin/false\nnobody:x:{user}:{user}::{HOME}:/bin/sh\n",
        "/etc/group": f"root:x:0:\nnogroup:x:{user}:\n",
    }


def arguments(bwrap: Path, cell: Cell, command: Sequence[str], seccomp: int | None) -> list[str]:
    """The command line, the interpreter of our own first program included."""
    root = os.geteuid() == 0
    user = nobody()
    out = [str(bwrap), "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
           "--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]  # fmt: skip
    out += [] if cell.network else ["--unshare-net"]
    if root:
        out += [word for right in RIGHTS for word in ("--cap-add", right)]
    else:
        out += ["--unshare-user", "--uid", str(user), "--gid", str(user)]
    out += mounts(cell, user)
    for name, value in environment(cell).items():
        out += ["--setenv", name, value]
    if seccomp is not None:
        out += ["--seccomp", str(seccomp)]
    order = {
        "command": list(command), "target": PROJECT,
        "project": layers(cell),
        "user": user if root else None, "writes": str(cell.writes or ""), "limits": asdict(cell.limits),
    }  # fmt: skip
    return [*out, "--chdir", "/", str(cell.python), "-I", "-S", f"{INSIDE}/init.py", json.dumps(order)]


def layers(cell: Cell) -> list[str]:
    """The folders, as seen inside, that the copy of the project is put together from."""
    return [*([ORIGINAL] if cell.project else []), *(f"{OVERLAY}{n}" for n in range(len(cell.overlays)))]


def mounts(cell: Cell, user: int) -> list[str]:
    """What is visible inside."""
    out = ["--proc", "/proc", "--dev", "/dev"]
    for place in SYSTEM:
        out += _system(Path(place))
    names = (*LOADER, *(NETWORK if cell.network else ()))
    out += ["--perms", "0755", "--dir", "/etc"]
    out += [word for name in names for word in ("--ro-bind-try", name, name)]
    size = str(cell.limits.disk)
    out += ["--size", size, "--tmpfs", "/dev/shm"]  # noqa: S108
    out += ["--size", size, "--tmpfs", "/tmp", "--size", size, "--tmpfs", PROJECT, "--size", size, "--tmpfs", HOME]  # noqa: S108
    folders = folders_of(cell)
    writes = [str(cell.writes)] if cell.writes else []
    above = sorted({str(p) for folder in (*folders, *writes) for p in Path(folder).parents if p != Path("/")})
    out += [word for folder in above for word in ("--perms", "0755", "--dir", folder)]
    out += [word for folder in folders for word in ("--ro-bind", folder, folder)]
    if cell.project:
        out += ["--ro-bind", str(cell.project), ORIGINAL]
    for number, overlay in enumerate(cell.overlays):
        out += ["--ro-bind", str(overlay), f"{OVERLAY}{number}"]
    if cell.writes:
        out += ["--bind", str(cell.writes), str(cell.writes)]
    etc = _written({**user_files(user), **({} if cell.network else PRIVATE)})
    out += [word for name, file in etc.items() for word in ("--ro-bind", file, name)]
    return [*out, "--ro-bind", str(OURS), INSIDE]


def folders_of(cell: Cell) -> list[str]:
    """Folders to read at their own paths; those of the system are there already."""
    wanted: Iterable[Path] = (*interpreter_folders(cell.python), *cell.reads, *cell.path)
    known = {Path(place) for place in (*SYSTEM, PROJECT)}
    return sorted({str(p) for p in wanted if not known & {p, *p.parents}})


def interpreter_folders(python: Path) -> set[Path]:
    """Where an interpreter and its standard library live; a virtual environment has two such places."""
    real = python.resolve()
    out = {real.parent.parent}
    settings = python.parent.parent / "pyvenv.cfg"
    if settings.is_file():
        out.add(python.parent.parent)
    return {folder for folder in out if folder != Path("/")}


def environment(cell: Cell) -> dict[str, str]:
    """The variables inside; nothing of the host's gets in."""
    bins = dict.fromkeys([str(cell.python.parent), "/usr/local/bin", "/usr/bin", "/bin"])
    path = [PROJECT, *map(str, cell.path)] if cell.project else [*map(str, cell.path)]
    return {
        "HOME": HOME, "PATH": ":".join(bins), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "TMPDIR": "/tmp",  # noqa: S108
        "PYTHONPATH": ":".join(path), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1",
        **cell.environment,
    }  # fmt: skip


def _system(place: Path) -> list[str]:
    if place.is_symlink():
        return ["--symlink", os.readlink(place), str(place)]  # noqa: PTH115 - the text of the link, as it is
    return ["--ro-bind", str(place), str(place)] if place.is_dir() else []


def _written(files: dict[str, str]) -> dict[str, str]:
    return {name: _file(name, text) for name, text in files.items()}


def _file(name: str, text: str) -> str:
    """A file of ours with this text, in a folder that goes when the process does."""
    file = _scratch() / f"{name.strip('/').replace('/', '-')}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    file.write_text(text)
    file.chmod(0o444)
    return str(file)


@cache
def _scratch() -> Path:
    return scratch("buckler-etc-")
