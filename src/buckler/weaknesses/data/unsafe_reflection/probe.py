"""Modules that this program has no use for: whether one of them is loaded."""

from __future__ import annotations

import sys
from typing import Iterator

import pytest

from buckler.prove.probes.sending import VALUE, attempt


@pytest.fixture
def rare() -> Iterator[tuple[str, ...]]:
    """Modules of the standard library that this program has no use for; they are not loaded."""
    names = ("colorsys", "chunk", "stringprep", "nturl2path", "tabnanny")
    kept = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    yield names
    sys.modules.update(kept)


def attack(rare: tuple[str, ...]) -> None:
    attempt(VALUE)
    loaded = [name for name in rare if name in sys.modules]
    assert not loaded, f"EXPLOITED: a module of the sender's choice was loaded: {loaded[0]}"
