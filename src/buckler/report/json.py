"""Buckler's own JSON, for programs: everything a `Review` holds, nothing more.

The shape is promised by `schema/review.schema.json` and explained in docs/json-format.md; `version`
changes when a reader would have to.

Example::

    buckler review . --format json | jq '.findings[] | select(.severity == "critical") | .location.path'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from buckler.base.version import VERSION
from buckler.explain.steps import step_words
from buckler.finding.model import Finding, Location, Notice, Review, Rule, Step, Suppressed
from buckler.report.plain import json_text
from buckler.report.words import severity_word, ways_of_hiding, worst_first
from buckler.review.wording import origin_words

FORMAT_VERSION = 1


def render(review: Review, rules: Sequence[Rule], prefix: str = "") -> str:
    """The whole review as one JSON object."""
    seen = {finding.rule for finding in review.findings} | {s.finding.rule for s in review.suppressed}
    document = {
        "version": FORMAT_VERSION,
        "tool": {"name": "buckler", "version": VERSION},
        "root": review.root,
        "partial": review.partial,
        "statistics": _statistics(review),
        "findings": [finding_row(finding) for finding in worst_first(review.findings)],
        **decision_rows(review),
        "rules": [_rule(rule) for rule in rules if rule.id in seen],
    }
    return json_text(document)


def _statistics(review: Review) -> dict[str, Any]:
    return {
        "files": review.files,
        "lines": review.lines,
        "functions": review.functions,
        "broken": review.broken,
        "rules": review.rules,
        "seconds": round(review.seconds, 3),
        "languages": dict(sorted(review.languages.items())),
        "opaque": dict(sorted(review.opaque.items())),
    }


def finding_row(finding: Finding) -> dict[str, Any]:
    source = finding.source
    return {
        "rule": finding.rule,
        "title": finding.title,
        "severity": severity_word(finding.severity),
        "grade": finding.grade.value,
        "cwe": list(finding.cwe),
        "location": _location(finding.location),
        "function": finding.function,
        "language": finding.language,
        "code": finding.code,
        "message": finding.message,
        "attacker": finding.attacker,
        "fix": finding.fix,
        "source": {"kind": source.kind, "text": origin_words(source)} if source else None,
        "flow": [_step(step) for step in finding.flow],
        "approximations": list(finding.approximations),
        "fingerprint": finding.fingerprint,
    }


def _location(location: Location) -> dict[str, Any]:
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "location": _location(step.location),
        "text": step_words(step),
        "code": step.code,
        "function": step.function,
    }


def decision_rows(review: Review) -> dict[str, Any]:
    """What is not among the findings: decisions, what the tree hides by itself, and what is said of the review."""
    return {
        "suppressed": [_suppressed(item) for item in review.suppressed],
        "hidden": [
            {
                "by": first.by,
                "where": first.where,
                "reason": first.reason,
                "accepted": first.accepted,
                "findings": {severity_word(severity): number for severity, number in found.items()},
            }
            for first, found in ways_of_hiding(review.hidden)
        ],
        "notices": [_notice(notice) for notice in review.notices],
    }


def _suppressed(item: Suppressed) -> dict[str, Any]:
    return {"finding": finding_row(item.finding), "reason": item.reason, "by": item.by, "accepted": item.accepted}


def _notice(notice: Notice) -> dict[str, Any]:
    return {"kind": notice.kind, "path": notice.path, "text": notice.text, "partial": notice.partial}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "family": rule.family,
        "cwe": list(rule.cwe),
        "severity": severity_word(rule.severity),
        "attacker": rule.attacker,
        "fix": rule.fix,
        "references": list(rule.references),
    }
