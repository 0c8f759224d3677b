"""A structural check: what one weakness looks for where no data flow shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir.ops import Module
from buckler.finding.model import Finding, Rule
from buckler.review.checks.view import ProgramView
from buckler.review.findings import Sources


@dataclass(slots=True, frozen=True)
class Check:
    """Looks at the analysed program once; knows operations and facts, no syntax of any language."""

    find: Callable[[ProgramView], Iterator[Misuse]]
    across: bool = False
    """It compares functions of several modules; all others look at one module after the other."""


@dataclass(slots=True, frozen=True)
class TextCheck:
    """Looks at the text of one file, in any language."""

    rule: str
    find: Callable[[Module, Rule, Sources], Iterator[Finding]]
    masked: bool = False
    """Its findings hide a part of their line, so that no other finding of the rule may show that line."""
