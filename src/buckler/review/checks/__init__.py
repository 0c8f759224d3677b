"""Runs the structural checks that the rooms of weaknesses bring, once, over the analysed program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain

from buckler.analysis.flow.solve import Misuse
from buckler.base.source import in_tests
from buckler.review.checks.model import Check
from buckler.review.checks.view import ProgramView

Found = list[list[Misuse]]
"""Per check that stays within a module, what it sees there."""


def look(module: str, find: Callable[[], Found]) -> Found:
    """Remember nothing from run to run."""
    return find()


def find_all(
    view: ProgramView, checks: Sequence[Check], in_module: Callable[[str, Callable[[], Found]], Found] = look
) -> Iterator[Misuse]:
    """Everything the checks see, one finding per rule and operation."""
    seen: set[tuple[str, str, int]] = set()
    near = [check for check in checks if not check.across]
    modules = [
        in_module(name, partial(within, view, name, near)) for name in view.by_module()
        if not in_tests(view.program.modules[name].path)
    ]  # fmt: skip
    view.within = ""
    number = 0
    for check in checks:
        if check.across:
            found = check.find(view)
        else:
            found = chain.from_iterable([one[number] for one in modules if one])
            number += 1
        for misuse in found:
            key = (misuse.rule, misuse.routine, misuse.operation)
            if key not in seen:
                seen.add(key)
                yield misuse


def within(view: ProgramView, module: str, checks: Sequence[Check]) -> Found:
    """What the checks that need no more see in one module; empty if nothing."""
    view.within = module
    view.opened.clear()
    view.watched.clear()
    found = [list(check.find(view)) for check in checks]
    return found if any(found) else []


__all__ = ["Check", "ProgramView", "find_all"]
