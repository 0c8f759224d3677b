"""Functions that a web application runs before its handlers: `@app.before_request`, for a part of it or for all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from buckler.analysis.program.modules import Routine
from buckler.review.checks.view import ProgramView

BEFORE = re.compile(r"(?:\w+\.)*?(\w+)\.before_(app_)?request\b")
WHOLE = re.compile(r"app|server", re.I)
"""How the object is called that all handlers belong to; others are parts, kept in one module."""


def first_asked(view: ProgramView) -> Iterator[tuple[Routine, Callable[[Routine], bool]]]:
    """Each such function, and which handlers it comes before."""
    for routine in view.program.routines.values():
        for text in routine.function.decorators:
            found = BEFORE.match(text)
            if found is not None:
                whole = found[2] is not None or WHOLE.search(found[1]) is not None
                yield routine, partial(covers, routine, whole)


def covers(first: Routine, whole: bool, handler: Routine) -> bool:
    """In the same module, or anywhere in the package of an application."""
    mine, theirs = first.module.name, handler.module.name
    return mine == theirs or (whole and mine.partition(".")[0] == theirs.partition(".")[0])
