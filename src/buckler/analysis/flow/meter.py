"""What following data through a file may take, and who has taken how much.

Steps are counted, not seconds: the same program gives the same findings on any machine. A step is an operation, or
sixteen places copied where control meets. Every so many steps whoever is at work is charged for all of them, which is
right on average and costs next to nothing. Processor time is a net below that, for what no count foresees.

>>> meter = Meter({"a.py": 100})
>>> meter.charge("a.py"), meter.over
(None, {})
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

TICK = 20_000
"""Steps between two looks at the account."""
STEPS = 600_000
"""What a file may take, however small: twelve times what the largest of Django takes."""
STEPS_A_BYTE = 5
SECONDS = 20.0
BYTES_A_SECOND = 25_000


class OverBudget(Exception):
    """A file has taken what it may; the function being analysed is given up."""


@dataclass(slots=True)
class Meter:
    """The accounts of the files of one program."""

    sizes: Mapping[str, int]
    """Bytes by path."""
    steps: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    over: dict[str, str] = field(default_factory=dict)
    """Files that took too much, with what it was."""
    last: float = field(default_factory=time.thread_time)

    def charge(self, path: str) -> None:
        """Put the steps since the last look on a file's account; raises `OverBudget` when that is overdrawn."""
        now, size = time.thread_time(), self.sizes.get(path, 0)
        self.steps[path] = steps = self.steps.get(path, 0) + TICK
        self.seconds[path] = seconds = self.seconds.get(path, 0.0) + now - self.last
        self.last = now
        if steps > STEPS + STEPS_A_BYTE * size:
            self.over[path] = f"takes more than {steps - TICK:,} steps"
        elif seconds > SECONDS + size / BYTES_A_SECOND:
            self.over[path] = f"takes more than {SECONDS + size / BYTES_A_SECOND:.0f} s of processor time"
        if path in self.over:
            raise OverBudget(path)
