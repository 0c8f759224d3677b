"""A document that must stay small, in the answer and in memory."""

from __future__ import annotations

import tracemalloc
from typing import Any

from buckler.prove.probes.sending import BENIGN, VALUE, attempt, text


def memory(value: Any) -> tuple[Any, int]:
    """The answer, and the most memory that was taken meanwhile."""
    tracemalloc.start()
    answer = attempt(value)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return answer, most


def attack() -> None:
    attempt(BENIGN)
    _, usual = memory(BENIGN)
    answer, most = memory(VALUE)
    assert len(text(answer)) < 100_000, "EXPLOITED: a document of a few hundred bytes grew past a hundred thousand"
    assert most - usual < 150_000, "EXPLOITED: a document of a few hundred bytes took hundreds of times as much memory"
