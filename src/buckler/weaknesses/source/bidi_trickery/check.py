"""Letters that make a reader see other code than the one that runs."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.ir.ops import Module
from buckler.finding.model import Facts, Finding, Location, Rule
from buckler.review.checks.model import TextCheck
from buckler.review.findings import Sources, make
from buckler.review.text import scan_tricks
from buckler.review.wording import message


def tricks(module: Module, rule: Rule, sources: Sources) -> Iterator[Finding]:
    """Every such letter of a file."""
    data = sources.data[module.path]
    for trick in scan_tricks(data, module.language) if not data.isascii() else ():
        location = Location(module.path, trick.line, trick.column, trick.line, trick.end_column)
        yield make(rule, location, message(rule, "", trick.text), rule.severity, None, sources, Facts(trick.text))


TEXT_CHECKS = (TextCheck("bidi-trickery", tricks),)
