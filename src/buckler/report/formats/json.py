"""Buckler's own JSON, for programs: everything that was found, proved and fixed, in one shape for all commands.

The shape is promised by `schema/report.schema.json` and explained in docs/json-format.md; `version`
changes when a reader would have to. It is apart from what the cache keeps, which nobody else reads.

Example::

    buckler review . --format json | jq '.findings[] | select(.severity == "critical") | .location.path'
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from buckler.base.version import VERSION
from buckler.explain.model import Audience, Vector
from buckler.explain.steps import step_words
from buckler.explain.words import explain
from buckler.finding.evidence import (
    RUNG_NAMES,
    Assessment,
    Patch,
    Proof,
    Remediation,
    Rung,
    Sandboxed,
    SoftwareComponent,
    VerifiedPatch,
)
from buckler.finding.model import DependencyFacts, Finding, Location, Notice, Review, Rule, Step, Suppressed
from buckler.report.plain import json_text
from buckler.report.view import PLAIN, View
from buckler.report.words import grades, severity_word, ways_of_hiding, worst_first
from buckler.review.wording import origin_words

SUFFIXES = (".json",)
FORMAT_VERSION = 2


def render(assessment: Assessment, view: View = PLAIN) -> str:
    """The whole assessment as one JSON object."""
    review = assessment.review
    seen = {finding.rule for finding in review.findings} | {s.finding.rule for s in review.suppressed}
    document = {
        "version": FORMAT_VERSION,
        "tool": {"name": "buckler", "version": VERSION},
        "root": review.root,
        "partial": review.partial or bool(assessment.left),
        "statistics": _statistics(review),
        "findings": _findings(assessment, view.audience),
        "not_reached": [finding.fingerprint for finding in assessment.left],
        "smaller_left_out": assessment.smaller,
        **decision_rows(review),
        "components": [_component(component) for component in assessment.components],
        "rules": [_rule(rule) for rule in assessment.rules if rule.id in seen],
    }
    return json_text(document)


def _findings(assessment: Assessment, audience: Audience) -> list[dict[str, Any]]:
    graded, known = grades(assessment), assessment.known
    rules = {rule.id: rule for rule in assessment.rules}
    rows = []
    for finding in worst_first(assessment.review.findings):
        done = known.get(finding.fingerprint)
        evidence = remediation_row(done, rules.get(finding.rule), audience) if done else None
        rows.append({**finding_row(finding), "grade": graded[finding.fingerprint], "remediation": evidence})
    return rows


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
        "dependency": _dependency(finding.facts.dependency) if finding.facts.dependency else None,
        "fingerprint": finding.fingerprint,
    }


def _dependency(facts: DependencyFacts) -> dict[str, Any]:
    return {
        "purl": facts.purl,
        "advisory": facts.advisory,
        "aliases": list(facts.aliases),
        "fixed": facts.fixed or None,
        "chain": list(facts.chain),
        "scope": facts.scope,
        "reach": facts.reach.value,
        "reason": facts.reason,
        "path": [_step(step) for step in facts.path],
        "symbols": list(facts.symbols),
    }


def _component(component: SoftwareComponent) -> dict[str, Any]:
    return {
        "purl": component.purl,
        "scope": component.scope,
        "direct": component.direct,
        "places": [_location(place) for place in component.places],
        "chain": list(component.chain),
        "hashes": list(component.hashes),
    }


def remediation_row(done: Remediation, rule: Rule | None, audience: Audience) -> dict[str, Any]:
    """What was done about a finding: explained, proved, fixed, and what each check said."""
    explanation = explain(done, rule, audience)
    return {
        "explanation": {
            "happens": explanation.happens,
            "way": list(explanation.way),
            "why": explanation.why,
            "change": explanation.change,
            "checked": list(explanation.checked),
            "unchecked": list(explanation.unchecked),
        },
        "cvss": [_vector(vector) for vector in explanation.vectors],
        "checks": [_check(rung) for rung in done.rungs],
        "proof": _proof(done.proof) if done.proof else None,
        "patches": [_patch(judged.patch, judged) for judged in done.patches],
        "no_patch_because": done.refused,
        "sandbox": _sandbox(done.sandbox) if done.sandbox else None,
        "seconds": round(done.seconds, 3),
        "proof_seconds": round(done.proof_seconds, 3),
        "cpu_seconds": round(done.cpu, 3),
        "notes": list(done.notes),
    }


def _vector(vector: Vector) -> dict[str, Any]:
    return {
        "version": vector.version,
        "vector": vector.text,
        "score": vector.score,
        "severity": vector.severity,
        "metrics": [asdict(metric) for metric in vector.metrics],
    }


def _check(rung: Rung) -> dict[str, Any]:
    return {
        "code": rung.name,
        "name": RUNG_NAMES[rung.name],
        "outcome": rung.outcome.value,
        "reason": rung.reason,
        "details": list(rung.details),
    }


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "shows": proof.shown.value,
        "entry_point": proof.entry,
        "exposure": proof.exposure.value,
        "attack": proof.attack,
        "benign": proof.benign,
        "effect": proof.effect,
        "test": {"path": proof.test.path, "text": proof.test.text},
        "events": list(proof.events),
        "assumptions": list(proof.assumptions),
    }


def _patch(patch: Patch, judged: VerifiedPatch) -> dict[str, Any]:
    return {
        "title": patch.title,
        "explanation": patch.explanation,
        "assumes": patch.intent,
        "verified": judged.holds,
        "diff": patch.diff,
        "edits": [{"path": e.path, "start": e.start, "end": e.end, "text": e.text} for e in patch.edits],
        "checks": [_check(rung) for rung in judged.rungs],
    }


def _sandbox(sandbox: Sandboxed) -> dict[str, Any]:
    return {
        "tier": sandbox.tier,
        "python": sandbox.python,
        "packages": list(sandbox.packages),
        "missing": list(sandbox.missing),
        "safeguards": [{"name": s.name, "holds": s.holds, "how": s.how} for s in sandbox.safeguards],
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
