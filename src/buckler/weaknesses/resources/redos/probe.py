"""The processor's time for texts of one shape in growing sizes."""

from __future__ import annotations

import time
from typing import Any, Iterable

from buckler.prove.probes.sending import VALUE, attempt

SIZES: Iterable[int] = range(2, 64, 2)
ENOUGH = 0.3
"""Seconds of processor time after which nothing larger is sent."""


def seconds(value: Any) -> float:
    """The processor's time that one value takes."""
    before = time.process_time()
    attempt(value)
    return time.process_time() - before


def run_away(times: list[float]) -> bool:
    """The last is long, and each of the last steps more than doubled the time and a half."""
    return len(times) > 2 and times[-1] > ENOUGH and times[-1] > 2.5 * times[-2] and times[-2] > 2.5 * times[-3]


def attack() -> None:
    times: list[float] = []
    for n in SIZES:  # noqa: B007 - what is sent grows with it
        times.append(seconds(VALUE))
        if times[-1] > ENOUGH:
            break
    assert not run_away(times), (
        f"EXPLOITED: {n} repetitions take {times[-1]:.1f} s, and every step in size takes {times[-1] / times[-2]:.0f} times as long"
    )
