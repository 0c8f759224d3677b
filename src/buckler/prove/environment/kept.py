"""The environments that are kept: where they lie, which of them are ours, how much room they take, and a fresh start.

Only folders with our note in them are ever deleted; whatever else somebody keeps beside their cache stays.

Example::

    room(Path("~/.cache/buckler"))     # 652_500_000
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDER = "environments"
NOTE = "buckler-missing.json"
"""In every environment: what it was to hold and could not be had."""


def kept(cache: Path) -> Iterator[Path]:
    """The environments beside a cache."""
    folder = cache / FOLDER
    yield from (note.parent for note in sorted(folder.glob(f"*/{NOTE}")))


def room(cache: Path) -> int:
    """Bytes of all of them."""
    return sum(weight(folder) for folder in kept(cache))


def weight(folder: Path) -> int:
    """Bytes of the files below a folder; what goes while it is counted counts as nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total


def clear(cache: Path) -> int:
    """Delete them; how many there were."""
    folders = list(kept(cache))
    for folder in folders:
        shutil.rmtree(folder)
    return len(folders)
