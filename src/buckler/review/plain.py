"""What can be seen in the text alone: known token shapes, credentials bound to telling names, trickery in source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from buckler.analysis.flow.relevance import TEST
from buckler.analysis.ir.ops import Module
from buckler.finding.model import Facts, Finding, Location, Rule
from buckler.review.findings import Sources, make
from buckler.review.secrets import judge_literals, scan_text
from buckler.review.text import scan_tricks
from buckler.review.wording import message

SECRET, TRICK = "hard-coded-secret", "bidi-trickery"
SHOWN_BEFORE = 120
"""Bytes of the line before a secret."""


def look(module: Module, rules: Mapping[str, Rule], sources: Sources) -> Iterator[Finding]:
    """Findings of the two rules that need no data flow; test files carry no real credentials."""
    data = sources.data[module.path]
    if SECRET in rules and not TEST.search(module.path):
        yield from secrets(module, data, rules[SECRET], sources)
    if TRICK in rules and not data.isascii():
        yield from tricks(module, data, rules[TRICK], sources)


def secrets(module: Module, data: bytes, rule: Rule, sources: Sources) -> Iterator[Finding]:
    told = 0
    for hit in sorted((*scan_text(data), *judge_literals(module.literals)), key=lambda h: h.start):
        location = sources.location(module.path, hit.start, hit.end)
        what = f"`{hit.name}`" if hit.name else hit.kind
        said = message(rule, "", what)
        found = make(rule, location, said, rule.severity, None, sources, facts=Facts(hit.name or hit.kind))
        near = max(told, hit.start - SHOWN_BEFORE)
        begin = max(near, data.rfind(b"\n", near, hit.start) + 1)
        told = max(told, hit.end)
        yield masked(found, data[begin : hit.start], hit.shown)


def masked(finding: Finding, before: bytes, shown: str) -> Finding:
    """Reports must not spread the secret: the quoted line stops at the value."""
    head = before.decode("utf-8", "replace").lstrip()
    return replace(finding, code=f"{head}{shown}")


def tricks(module: Module, data: bytes, rule: Rule, sources: Sources) -> Iterator[Finding]:
    for trick in scan_tricks(data, module.language):
        location = Location(module.path, trick.line, trick.column, trick.line, trick.end_column)
        yield make(rule, location, message(rule, "", trick.text), rule.severity, None, sources, facts=Facts(trick.text))
