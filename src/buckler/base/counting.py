"""A number with its noun, so that no sentence speaks of "1 steps".

Example::

    counted(1, "step"), counted(3, "step")       # "1 step", "3 steps"
"""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
