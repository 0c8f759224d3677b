"""What following data through a file may take, and who has taken how much.

Steps are counted, not seconds: the same program gives the same findings on any machine. A step is an operation, or
sixteen places copied where control meets. Every so many steps whoever is at work is charged for all of them, which is
right on average and costs next to nothing. Processor time is a net below that, for what no count foresees: another
thread looks from time to time which file is at work, and ends work that reaches no step any more.

>>> meter = Meter({"a.py": 100})
>>> meter.charge("a.py"), meter.over
(None, {})
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

TICK = 20_000
"""Steps between two looks at the account."""
STEPS = 600_000
"""What a file may take, however small: twelve times what the largest of Django takes."""
STEPS_A_BYTE = 5
SECONDS = 20.0
BYTES_A_SECOND = 25_000
PATIENCE = 3.0
"""Seconds of processor time after which work that is over its budget and has not noticed is interrupted."""


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
    last: float = 0.0

    def charge(self, path: str) -> None:
        """Put the steps since the last look on a file's account; raises `OverBudget` when that is overdrawn."""
        self.steps[path] = steps = self.steps.get(path, 0) + TICK
        if steps > STEPS + STEPS_A_BYTE * self.sizes.get(path, 0):
            self.over.setdefault(path, f"takes more than {steps - TICK:,} steps")
        if path in self.over:
            raise OverBudget(path)

    def look(self, path: str, now: float, interrupt: Callable[[], None]) -> None:
        """Put the processor time since the last look on the account of the file at work; called by another thread."""
        self.seconds[path] = seconds = self.seconds.get(path, 0.0) + now - self.last
        self.last = now
        if not path:  # what is done for all files together
            return
        most = SECONDS + self.sizes.get(path, 0) / BYTES_A_SECOND
        if seconds > most:
            self.over.setdefault(path, f"takes more than {most:.0f} s of processor time")
        if seconds > most + PATIENCE:
            self.seconds[path] = most  # a while until the next time
            interrupt()


def clock_of(thread: int) -> float:
    """Processor time of a thread."""
    return time.clock_gettime(time.pthread_getcpuclockid(thread))


def interrupt(thread: int) -> None:
    """Raise `OverBudget` in a thread, as soon as it is back from native code."""
    ctypes = importlib.import_module("ctypes")  # hardly ever needed
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(OverBudget))
