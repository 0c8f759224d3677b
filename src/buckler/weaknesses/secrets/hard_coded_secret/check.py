"""Secrets that stand in the text of a file: known shapes of tokens, and credentials bound to names that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from buckler.analysis.flow.relevance import TEST
from buckler.analysis.ir.ops import Module
from buckler.finding.model import Facts, Finding, Rule
from buckler.review.checks.model import TextCheck
from buckler.review.findings import Sources, make
from buckler.review.secrets import judge_literals, scan_text
from buckler.review.wording import message

SHOWN_BEFORE = 120
"""Bytes of the line before a secret."""


def secrets(module: Module, rule: Rule, sources: Sources) -> Iterator[Finding]:
    """Every secret of a file; test files carry no real credentials."""
    data = sources.data[module.path]
    if TEST.search(module.path):
        return
    end = 0
    for hit in sorted((*scan_text(data), *judge_literals(module.literals)), key=lambda h: h.start):
        location = sources.location(module.path, hit.start, hit.end)
        what = f"`{hit.name}`" if hit.name else hit.kind
        said = message(rule, "", what)
        found = make(rule, location, said, rule.severity, None, sources, Facts(hit.name or hit.kind))
        near = max(end, hit.start - SHOWN_BEFORE)
        begin = max(near, data.rfind(b"\n", near, hit.start) + 1)
        end = max(end, hit.end)
        yield masked(found, data[begin : hit.start], hit.shown)


def masked(finding: Finding, before: bytes, shown: str) -> Finding:
    """Reports must not spread the secret: the quoted line stops at the value."""
    head = before.decode("utf-8", "replace").lstrip()
    return replace(finding, code=f"{head}{shown}")


TEXT_CHECKS = (TextCheck("hard-coded-secret", secrets, masked=True),)
