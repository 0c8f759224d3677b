"""Run attacks against the real `re`, in a process of its own: JSON in, JSON out.

In: list of {pattern, flags, mode, prefix, pump, suffix, kind}. Out: for each, the measured growth or null if the text
matched after all. A timer interrupts matches that take too long, which counts as growth without end.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from typing import Any

LIMIT = 0.2
ENDLESS = 99.0


class Interrupted(Exception):
    """The match took longer than LIMIT."""


def interrupt(number: int, frame: object) -> None:
    raise Interrupted


def seconds(attack: dict[str, Any], repeats: int) -> float:
    text = attack["prefix"] + attack["pump"] * repeats + attack["suffix"]
    run = getattr(re.compile(attack["pattern"], attack["flags"]), attack["mode"])
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        started = time.process_time()
        run(text)
        return time.process_time() - started
    except Interrupted:
        return ENDLESS
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def least(attack: dict[str, Any], repeats: int) -> float:
    """The least of three times, because a busy machine only ever adds to one."""
    return min(seconds(attack, repeats) for _ in range(3))


def growth(attack: dict[str, Any]) -> float:
    """Time for four times as many repetitions over the time for so many; for a few more when exponential."""
    exponential = attack["kind"] == "exponential"
    size = 10 if exponential else 100
    while size < (64 if exponential else 20_000):
        now = least(attack, size)
        if now > 0.005:
            more = least(attack, size + 6 if exponential else size * 4)
            return ENDLESS if ENDLESS in (now, more) else more / now
        size = size + 3 if exponential else size * 2
    return 0.0


def main() -> None:
    signal.signal(signal.SIGALRM, interrupt)
    json.dump([growth(attack) for attack in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
