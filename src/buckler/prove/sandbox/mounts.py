"""What code in a sandbox can see, as rows that every tier puts up in its own way.

Only what a cell names is there: the system's programs and libraries, the interpreter, the dependencies, our own
programs, and the project, which `init.py` copies into memory. Whatever can be written is memory of a given size, and
the sizes add up to the cap on the disk; everything else is read-only, the root folder and `/dev` included. Sockets and
pipes in the project's folder lead to processes of the host, so they are covered.

Example::

    mounts(cell, user=65534)[-1]     # Mount("read", "/.buckler/buckler_harness", "…/prove/inside")
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from buckler.base.scratch import scratch
from buckler.prove.sandbox.interpreter import parts_of
from buckler.prove.sandbox.model import HARNESS, PROJECT, SandboxSpec

HOME = "/home/nobody"
TEMPORARY = "/tmp"  # noqa: S108 - the sandbox's own
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the sandbox's own
ORIGINAL = "/.original"
OVERLAY = "/.overlay"
OURS = Path(__file__).resolve().parents[1] / "inside"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
LOADER = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
NETWORK = ("/etc/resolv.conf", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/nsswitch.conf", "/etc/hosts")
KEYS = ("/proc/keys", "/proc/key-users")
"""Names of the keys that the user holds."""
PRIVATE = {"/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n", "/etc/nsswitch.conf": "hosts: files\n"}
SHARES = {PROJECT: 5, TEMPORARY: 2, SHARED_MEMORY: 1}
"""How the cap on the disk is divided, in eighths; the home folder lies in the temporary one."""


@dataclass(slots=True, frozen=True)
class Mount:
    """One row: `read` and `write` show a place of the host, `memory` is a new file system of `size` bytes, `cover`
    hides a file, `folder` and `link` (whose text is the source) are made, `proc` and `dev` are the kernel's."""

    kind: Literal["read", "write", "memory", "cover", "folder", "link", "proc", "dev"]
    target: str
    source: str = ""
    size: int = 0


def layers(cell: SandboxSpec) -> list[str]:
    """The folders, as seen inside, that the copy of the project is put together from."""
    return [*([ORIGINAL] if cell.project else []), *(f"{OVERLAY}{n}" for n in range(len(cell.overlays)))]


def mounts(cell: SandboxSpec, user: int) -> list[Mount]:
    """What is visible inside, in the order in which it is put up."""
    return [
        Mount("proc", "/proc"), *(Mount("cover", name, "/dev/null") for name in KEYS if Path(name).exists()),
        Mount("dev", "/dev"),
        *(row for place in SYSTEM for row in _system(Path(place))),
        Mount("folder", "/etc"),
        *(Mount("read", n, n) for n in (*LOADER, *(NETWORK if cell.network else ())) if Path(n).exists()),
        *(Mount("memory", place, size=cell.limits.disk * share // 8) for place, share in SHARES.items()),
        Mount("folder", str(Path(HOME).parent)), Mount("link", HOME, f"{TEMPORARY}/home"),
        *_folders(cell),
        *_layers(cell),
        *_etc(cell, user),
        Mount("folder", str(Path(HARNESS).parent)), Mount("read", HARNESS, str(OURS)),
    ]  # fmt: skip


def environment(cell: SandboxSpec) -> dict[str, str]:
    """The variables inside; nothing of the host's gets in."""
    bins = dict.fromkeys([str(cell.python.resolve().parent), "/usr/local/bin", "/usr/bin", "/bin"])
    path = [] if cell.bare else [*([PROJECT] if cell.project else []), *map(str, cell.path)]
    return {
        "HOME": HOME, "PATH": ":".join(bins), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "TMPDIR": TEMPORARY,
        "PYTHONPATH": ":".join(path), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1",
        **cell.environment,
    }  # fmt: skip


def _system(place: Path) -> list[Mount]:
    if place.is_symlink():
        return [Mount("link", str(place), os.readlink(place))]  # noqa: PTH115 - the text of the link, as it is
    return [Mount("read", str(place), str(place))] if place.is_dir() else []


def _folders(cell: SandboxSpec) -> Iterator[Mount]:
    """What is read or written at its own path, and the folders above, in which nothing else is seen."""
    wanted: Iterable[Path] = (*parts_of(cell.python), *cell.reads, *cell.path, *cell.tools)
    known = {Path(place) for place in (*SYSTEM, PROJECT)}
    reads = sorted({str(p) for p in wanted if not known & {p, *p.parents}})
    writes = [str(cell.writes)] if cell.writes else []
    python = cell.python.absolute()
    links = [str(python)] if python.is_symlink() and not known & set(python.parents) else []
    above = {str(p) for place in (*reads, *writes, *links) for p in Path(place).parents if p != Path("/")}
    yield from (Mount("folder", place) for place in sorted(above))
    yield from (Mount("read", place, place) for place in reads if Path(place).exists())
    yield from (Mount("write", place, place) for place in writes)
    yield from (Mount("link", place, str(python.resolve())) for place in links)


def _layers(cell: SandboxSpec) -> Iterator[Mount]:
    folders = [*([cell.project] if cell.project else []), *cell.overlays]
    for folder, target in zip(folders, layers(cell), strict=True):
        yield Mount("read", target, str(folder))
        yield from (Mount("cover", f"{target}/{name}", "/dev/null") for name in special_files(folder))


@cache
def special_files(folder: Path) -> tuple[str, ...]:
    """Sockets, pipes and devices below a folder: a connection made through one of them would leave the sandbox."""
    found = []
    for here, _, names in os.walk(folder):
        for name in names:
            path = Path(here) / name
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
                found.append(path.relative_to(folder).as_posix())
    return tuple(found)


def _etc(cell: SandboxSpec, user: int) -> Iterator[Mount]:
    """The users that programs inside see, and a network that ends at the sandbox."""
    texts = {
        "/etc/passwd": f"root:x:0:0::/root:/bin/false\nnobody:x:{user}:{user}::{HOME}:/bin/sh\n",
        "/etc/group": f"root:x:0:\nnogroup:x:{user}:\n",
        **({} if cell.network else PRIVATE),
    }
    yield from (Mount("read", name, _file(name, text)) for name, text in texts.items())


def _file(name: str, text: str) -> str:
    """A file of ours with this text, in a folder that goes when the process does."""
    file = _scratch() / f"{name.strip('/').replace('/', '-')}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    if not file.exists():
        file.write_text(text)
        file.chmod(0o444)
    return str(file)


def _scratch() -> Path:
    if not (_MADE and _MADE[0].is_dir()):  # the folders of a run may be taken away before the process ends
        _MADE[:] = [scratch("buckler-etc-")]
    return _MADE[0]


_MADE: list[Path] = []
