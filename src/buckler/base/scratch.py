"""Folders that last as long as the process.

Example::

    folder = scratch("buckler-etc-")
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

_FOLDERS: list[Path] = []


def scratch(prefix: str) -> Path:
    """A new temporary folder that everybody may read; `tidy` takes it away."""
    if not _FOLDERS:
        atexit.register(tidy)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    _FOLDERS.append(folder)
    return folder


def tidy() -> None:
    """Remove the folders; for a process that ends without the usual ceremony."""
    while _FOLDERS:
        shutil.rmtree(_FOLDERS.pop(), ignore_errors=True)
