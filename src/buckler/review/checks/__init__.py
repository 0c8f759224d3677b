"""Flaws that are no flow from a source to a sink: what is missing, compared, named or left open.

Each module looks for one class of flaw and exports `find(view)`; `find_all` runs them all, once, over the analysed
program. They know operations and facts, no syntax of any language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from buckler.analysis.flow.solve import Misuse
from buckler.base.source import in_tests
from buckler.review.checks import (
    access,
    amounts,
    assignment,
    containment,
    disclosure,
    forgery,
    lexicons,
    logs,
    lookalikes,
    ownership,
    permissions,
    slow_regexes,
    storage,
    templates,
    temporary,
    timing,
)
from buckler.review.checks.view import ProgramView

Check = Callable[[ProgramView], Iterator[Misuse]]

CHECKS: tuple[Check, ...] = (
    timing.find,
    logs.find,
    temporary.find,
    containment.find,
    permissions.find,
    slow_regexes.find,
    lexicons.find,
    assignment.find,
    lookalikes.find,
    templates.find,
    amounts.find,
    access.find,
    ownership.find,
    forgery.find,
    storage.find,
    disclosure.find,
)

ACROSS: frozenset[Check] = frozenset({slow_regexes.find, access.find, forgery.find, disclosure.find})
"""Patterns that compare across modules; all others look at one module after the other."""

Found = list[list[Misuse]]
"""Per pattern that stays within a module, what it sees there."""


def look(module: str, find: Callable[[], Found]) -> Found:
    """Remember nothing from run to run."""
    return find()


def find_all(view: ProgramView, in_module: Callable[[str, Callable[[], Found]], Found] = look) -> Iterator[Misuse]:
    """Everything the patterns see, one finding per rule and operation."""
    seen: set[tuple[str, str, int]] = set()
    modules = [
        in_module(name, partial(within, view, name)) for name in view.by_module()
        if not in_tests(view.program.modules[name].path)
    ]  # fmt: skip
    view.within = ""
    number = 0
    for find in CHECKS:
        if find in ACROSS:
            found = find(view)
        else:
            found = chain.from_iterable([one[number] for one in modules if one])
            number += 1
        for misuse in found:
            key = (misuse.rule, misuse.routine, misuse.operation)
            if key not in seen:
                seen.add(key)
                yield misuse


def within(view: ProgramView, module: str) -> Found:
    """What the patterns that need no more see in one module; empty if nothing."""
    view.within = module
    view.opened.clear()
    view.watched.clear()
    found = [list(find(view)) for find in CHECKS if find not in ACROSS]
    return found if any(found) else []


__all__ = ["CHECKS", "ProgramView", "find_all"]
