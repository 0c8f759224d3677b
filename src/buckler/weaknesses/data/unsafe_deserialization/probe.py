"""An object whose reconstruction leaves a file behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from buckler.prove.probes.marker import marker
from buckler.prove.probes.sending import VALUE, attempt

__all__ = ["Leaves", "attack", "marker"]


class Leaves:
    """An object whose reconstruction makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)

    def __reduce__(self) -> Any:
        return open, (self.file, "w")


def attack(marker: Path) -> None:
    attempt(VALUE)
    assert not marker.exists(), "EXPLOITED: what was sent was run and left a file behind"
