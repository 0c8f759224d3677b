"""Flaws that are no flow from a source to a sink: what is missing, compared, named or left open.

Each module looks for one class of flaw and exports `find(view)`; `find_all` runs them all, once, over the analysed
program. They know operations and facts, no syntax of any language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.review.patterns import (
    access,
    amounts,
    assignment,
    forgery,
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
from buckler.review.patterns.view import ProgramView

PATTERNS: tuple[Callable[[ProgramView], Iterator[Misuse]], ...] = (
    timing.find,
    logs.find,
    temporary.find,
    permissions.find,
    slow_regexes.find,
    assignment.find,
    lookalikes.find,
    templates.find,
    amounts.find,
    access.find,
    ownership.find,
    forgery.find,
    storage.find,
)


def find_all(view: ProgramView) -> Iterator[Misuse]:
    """Everything the patterns see, one finding per rule and operation."""
    seen: set[tuple[str, str, int]] = set()
    for find in PATTERNS:
        for misuse in find(view):
            key = (misuse.rule, misuse.routine, misuse.operation)
            if key not in seen:
                seen.add(key)
                yield misuse


__all__ = ["PATTERNS", "ProgramView", "find_all"]
