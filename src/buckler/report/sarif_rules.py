"""The part of a SARIF log that describes rules and weaknesses rather than results.

`security-severity` is the number GitHub sorts by; it uses the middle of its documented bands. A finding
whose rule was not handed in (a rule file since removed) gets a descriptor made from the finding.

Example::

    rule_descriptors(rules, findings)[0]["properties"]["tags"]   # ["security", "external/cwe/cwe-022"]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from buckler.finding.model import Finding, Rule, Severity
from buckler.report.words import cwe_id, cwe_link

SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.NOTE: "0.1",
}
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.NOTE: "note",
}
PRECISION = {"taint": "high", "misuse": "very-high", "pattern": "medium"}
MAX_TAGS = 20
CWE_GUID = "25f72d7e-8a92-459d-ad67-64853f788765"

Object = dict[str, Any]


def rule_descriptors(rules: Sequence[Rule], findings: Iterable[Finding]) -> list[Object]:
    """Descriptors in the order of the rules, then those only findings know of."""
    known = {rule.id: _descriptor(rule) for rule in rules}
    for finding in findings:
        if finding.rule not in known:
            known[finding.rule] = _descriptor(_implied(finding))
    return list(known.values())


def _implied(finding: Finding) -> Rule:
    return Rule(
        id=finding.rule,
        title=finding.title,
        family="",
        cwe=finding.cwe,
        severity=finding.severity,
        kind="taint" if finding.flow else "pattern",
        message=finding.message,
        attacker=finding.attacker,
        fix=finding.fix,
        prose="",
    )


def _descriptor(rule: Rule) -> Object:
    descriptor: Object = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title or rule.id},
        "fullDescription": {"text": rule.attacker or rule.title or rule.id},
        "help": {"text": _help_text(rule), "markdown": _help_markdown(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "relationships": [_relationship(number) for number in rule.cwe],
        "properties": {
            "tags": ["security", *(f"external/cwe/cwe-{number:03}" for number in rule.cwe)][:MAX_TAGS],
            "security-severity": SCORES[rule.severity],
            "precision": PRECISION.get(rule.kind, "medium"),
            "problem.severity": LEVELS[rule.severity].replace("note", "recommendation"),
            "cwe": [cwe_id(number) for number in rule.cwe],
            "family": rule.family,
            "kind": rule.kind,
        },
    }
    if rule.references:
        descriptor["helpUri"] = rule.references[0]
    return descriptor


def _help_text(rule: Rule) -> str:
    return "\n\n".join(part for part in (rule.attacker, rule.prose, rule.fix and f"Fix: {rule.fix}") if part) or rule.id


def _help_markdown(rule: Rule) -> str:
    weaknesses = [f"[{cwe_id(number)}]({cwe_link(number)})" for number in rule.cwe]
    links = [*weaknesses, *(f"<{address}>" for address in rule.references)]
    parts = [
        f"# {rule.title or rule.id}",
        rule.attacker,
        rule.prose,
        f"**Fix:** {rule.fix}" if rule.fix else "",
        "\n".join(f"- {link}" for link in links),
    ]
    return "\n\n".join(part for part in parts if part)


def _relationship(number: int) -> Object:
    target = {"id": str(number), "toolComponent": {"name": "CWE", "guid": CWE_GUID, "index": 0}}
    return {"target": target, "kinds": ["superset"]}


def cwe_taxonomy(descriptors: Iterable[Object]) -> Object:
    """The weaknesses the rules speak of, each with its page."""
    numbers = sorted({int(link["target"]["id"]) for rule in descriptors for link in rule["relationships"]})
    return {
        "name": "CWE",
        "guid": CWE_GUID,
        "organization": "MITRE",
        "informationUri": "https://cwe.mitre.org/",
        "shortDescription": {"text": "The MITRE Common Weakness Enumeration"},
        "isComprehensive": False,
        "taxa": [{"id": str(n), "name": cwe_id(n), "helpUri": cwe_link(n)} for n in numbers],
    }
