"""The most memory that is taken while a value is dealt with."""

from __future__ import annotations

import tracemalloc
from typing import Any

from buckler.prove.probes.sending import VALUE, attempt


def most_memory(value: Any) -> int:
    """The most memory that was taken at one time while it was dealt with."""
    tracemalloc.start()
    try:
        attempt(value)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def attack() -> None:
    value = VALUE
    taken = most_memory(value)
    assert taken < 36 << 20, f"EXPLOITED: {len(value) >> 10} KiB that were sent took {taken >> 20} MiB of memory"
