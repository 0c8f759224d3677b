"""Which packages many people use, by name; the most used first.

Example::

    popular("npm")[0]          # "semver"
"""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "popular"


@cache
def popular(ecosystem: str) -> tuple[str, ...]:
    """As the ecosystem compares names; none for an ecosystem that no list is shipped for."""
    file = FOLDER / f"{ecosystem}.txt.xz"
    return tuple(lzma.decompress(file.read_bytes()).decode().split()) if file.is_file() else ()
