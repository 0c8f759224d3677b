"""A structural check: what one weakness looks for where no data flow shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from buckler.analysis.flow.solve import Misuse
from buckler.review.checks.view import ProgramView


@dataclass(slots=True, frozen=True)
class Check:
    """Looks at the analysed program once; knows operations and facts, no syntax of any language."""

    find: Callable[[ProgramView], Iterator[Misuse]]
    across: bool = False
    """It compares functions of several modules; all others look at one module after the other."""
