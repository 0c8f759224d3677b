"""Temporary folders: gone when they are no longer needed, when the process ends, or, if it was killed, with the next.

All of a run lie in one folder, whose owner holds a lock on a file in it. A lock cannot outlive its process, so a folder
whose lock is free belongs to nobody: whoever makes the next one there takes those away. Only folders of the same user
are looked at, and links are never followed.

Example::

    folder = scratch("buckler-etc-")                 # as long as the process
    with passing("buckler-patch-") as folder: ...    # as long as the block
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from buckler.base.errors import InputError

RUN = "buckler-run-"
LOCK = "owner"
LONG_AGO = 24 * 3600.0
_RUNS: dict[Path, tuple[Path, int]] = {}
"""The folder of this run in each place, with the descriptor of its lock."""
_OWNER: list[int] = []
"""The process that made them; one forked from it must not take them away."""


def scratch(prefix: str, where: Path | None = None) -> Path:
    """A new folder that everybody may read, in the usual place or beside what it is made for; `tidy` takes it away."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_run(where or Path(tempfile.gettempdir()))))
        folder.chmod(0o755)
    except OSError as error:
        place = str(where) if where else "temporary folder"
        raise InputError(
            f"no folder can be made: {error.strerror}", where=place, remedy="make room there, or set TMPDIR"
        ) from error
    return folder


@contextmanager
def passing(prefix: str, where: Path | None = None) -> Iterator[Path]:
    """The same for the length of a block."""
    folder = scratch(prefix, where)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tidy() -> None:
    """Remove the folders of this run; for a process that ends without the usual ceremony, too."""
    if [os.getpid()] != _OWNER:
        return
    while _RUNS:
        _, (folder, lock) = _RUNS.popitem()
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep(where: Path | None = None) -> None:
    """Remove what runs that were killed have left."""
    with suppress(OSError):
        for entry in list(os.scandir(where or tempfile.gettempdir())):
            if entry.name.startswith(RUN) and _abandoned(entry):
                shutil.rmtree(entry.path, ignore_errors=True)


def _run(where: Path) -> Path:
    """The folder of this run in a place."""
    if [os.getpid()] != _OWNER:  # the first, or a process forked from one that has its own
        _RUNS.clear()
        _OWNER[:] = [os.getpid()]
        atexit.register(tidy)
    if where not in _RUNS:
        sweep(where)
        folder = Path(tempfile.mkdtemp(prefix=RUN, dir=where))
        folder.chmod(0o755)
        lock = os.open(folder / f".{LOCK}", os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / f".{LOCK}").rename(folder / LOCK)  # under its name it is locked from the first moment on
        _RUNS[where] = folder, lock
    return _RUNS[where][0]


def _abandoned(entry: os.DirEntry[str]) -> bool:
    """Whether this is a folder of ours whose run is gone."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # somebody else took it away
        return False
    try:
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            return False
        lock = os.open(Path(entry.path) / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return time.time() - status.st_mtime > LONG_AGO  # killed before it had its lock
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True
