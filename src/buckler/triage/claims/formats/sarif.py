"""SARIF 2.1.0, as scanners write it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from buckler.triage.claims.model import Claim, Kinds, Names
from buckler.triage.claims.words import cwes, kinds

LARGEST = 20_000_000
"""No line has a larger number."""


def reads(text: str) -> bool:
    """Whether a text is JSON at all; no other format is, yet."""
    return text.lstrip().startswith("{")


def claims(text: str, names: Names) -> Iterator[Claim]:
    """One claim for each result."""
    try:
        runs = json.loads(text)["runs"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("is no SARIF file") from error
    number = 0
    for run in _rows(runs):
        rules = _rule_kinds(run, names)
        for result in _rows(run.get("results")):
            yield replace(_claim(result, rules, names), section=number)
            number += 1


def _rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list; whatever else stands there is passed over."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _rule_kinds(run: dict[str, Any], names: Names) -> dict[str, Kinds]:
    """What the texts of each rule speak of."""
    try:
        rows = _rows(run["tool"]["driver"].get("rules"))
        texts = ((str(row.get("id")), json.dumps(row)) for row in rows)
        return {name: (cwes(text), kinds(text, names)) for name, text in texts}
    except (KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _claim(result: dict[str, Any], rules: dict[str, Kinds], names: Names) -> Claim:
    """A result, also one whose place is missing or makes no sense: that it cannot be checked is said."""
    message = result.get("message")
    words = str(message.get("text", "")) if isinstance(message, dict) else ""
    rule = str(result.get("ruleId") or "")
    path, line = _place(result)
    about = f"{words} {rule}"
    weaknesses, spoken = rules.get(rule, ((), ()))
    return Claim(
        words or rule or "a result without a message",
        path,
        line,
        tuple(dict.fromkeys((*cwes(about), *weaknesses))),
        tuple(dict.fromkeys((*kinds(about, names), *spoken))),
    )


def _place(result: dict[str, Any]) -> tuple[str, int]:
    """File and line of a result, or nothing."""
    try:
        place = result["locations"][0]["physicalLocation"]
        path = str(place["artifactLocation"]["uri"]).removeprefix("file://")
        line = int(place.get("region", {}).get("startLine", 1))
    except (KeyError, TypeError, IndexError, ValueError, AttributeError, OverflowError, RecursionError):
        return "", 0
    return (path, line) if 0 < line <= LARGEST else ("", 0)
