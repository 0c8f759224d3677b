"""Compares text with a committed file; `./do bless` (BUCKLER_BLESS=1) rewrites the file instead.

Example::

    check(HERE / "golden" / "review.md", render(review, rules))
"""

from __future__ import annotations

import os
from pathlib import Path


def check(file: Path, actual: str) -> None:
    """The file holds exactly this text."""
    if os.environ.get("BUCKLER_BLESS"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(actual, "utf-8")
    expected = file.read_text("utf-8") if file.exists() else ""
    assert actual == expected, f"{file.name} differs; run ./do bless and read the difference"
