"""Programs of the system that Buckler starts: found where only the system or its owner puts programs.

`PATH` may hold an empty entry, or one that is relative; either means the folder a command is given in, which is often
the tree under review. Both are passed over, and the system's own folders come first.

Example::

    program("bwrap")     # Path("/usr/bin/bwrap"), or None
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SYSTEM = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin")


def program(name: str) -> Path | None:
    """Where a program lies, or None."""
    return next((file for folder in folders() if _runs(file := folder / name)), None)


def folders() -> Iterator[Path]:
    """Folders of programs: the system's, then the absolute ones of `PATH` outside the current folder."""
    here = _here()
    for entry in dict.fromkeys((*SYSTEM, *os.environ.get("PATH", "").split(os.pathsep))):
        folder = Path(entry)
        if entry in SYSTEM or (folder.is_absolute() and not (here and folder.resolve().is_relative_to(here))):
            yield folder


def _here() -> Path | None:
    """The folder the command was given in, if it is one that a project could be in."""
    try:
        here = Path.cwd().resolve()
    except OSError:
        return None
    return None if here == Path("/") else here


def _runs(file: Path) -> bool:
    try:
        return file.is_file() and os.access(file, os.X_OK)
    except OSError:
        return False
