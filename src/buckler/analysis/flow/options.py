"""Which arguments of a program may be taken for options: those that begin with what somebody else chose.

Not an argument behind `--`, nor one that an option before it swallows, nor one that begins with fixed text.

    >>> swallows(("--message",)), swallows(("status",))
    (True, False)
"""

from __future__ import annotations

from buckler.analysis.flow.shapes import holes, option
from buckler.analysis.flow.value import Container, Value
from buckler.analysis.languages.shells import OPTION, PROGRAM_OPTION, TAKES_VALUE

PROGRAM_TEXT = 2
"""Where the text stands that a program (a shell, an interpreter) is given after `-c`."""
PAIR = 2


def swallows(words: tuple[object, ...]) -> bool:
    return bool(words) and all(w in TAKES_VALUE for w in words)


def dashed(value: Value) -> bool:
    """An option written out in the program."""
    return bool(value.consts) and all(isinstance(c, str) and c.startswith(OPTION) and c != OPTION for c in value.consts)


def value_of_option(box: Container, n: int) -> bool:
    """Item `n` belongs to the option before it: a known one, the two stand alone, or another option follows.

    What a program works on stands last as a rule, not between two of its options.
    """
    if not n or not dashed(box.items[n - 1]):
        return False
    before = box.items[n - 1].consts
    if swallows(before) or (n == PROGRAM_TEXT and before == (PROGRAM_OPTION,)):
        return True
    alone = n == 1 and box.size == PAIR
    return alone or (n + 1 < box.size and dashed(box.items[n + 1]))


def begins_fixed(value: Value) -> bool:
    """The text has something of its own before the first hole."""
    return value.shape is not None and not value.objs and not any(option(lead) for lead, _ in holes(value.shape))
