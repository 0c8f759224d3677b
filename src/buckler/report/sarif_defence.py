"""Adds what was proved and fixed to a SARIF log: the grade, the checks, the evidence, the fix as replacements.

Example::

    text = render_sarif(review, rules, prefix, defences, {"ec96…": "evidence/ec96…"})
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from buckler.explain.sandbox import where_it_ran
from buckler.finding.evidence import Edit, Remediation, VerifiedPatch
from buckler.finding.model import Review, Rule
from buckler.report.plain import all_visible, joined, json_text, uri, visible
from buckler.report.sarif import FINGERPRINT, ROOT, log


def render_sarif(
    review: Review, rules: Sequence[Rule], prefix: str, defences: Sequence[Remediation], bundles: Mapping[str, str],
    left: Collection[str] = (),
) -> str:  # fmt: skip
    """The review as SARIF, each defended result with its evidence; `left` are the fingerprints that were not reached."""
    made = log(review, rules, prefix)
    if where := where_it_ran(defences):
        made["runs"][0].setdefault("properties", {})["sandbox"] = visible(where)
    known = {defence.finding.fingerprint: defence for defence in defences}
    for result in made["runs"][0]["results"]:
        mark = result.get("partialFingerprints", {}).get(FINGERPRINT, "")
        defence = known.get(mark)
        if defence is not None:
            extend(result, defence, prefix, bundles.get(mark, ""))
        elif mark in left:
            result.setdefault("properties", {})["grade"] = "not reached"
    return json_text(made)


def extend(result: dict[str, Any], defence: Remediation, prefix: str, bundle: str) -> None:
    """One result: what is known goes to its properties, the best patch that holds to its fixes."""
    best = defence.fix
    rungs = (*defence.rungs, *(best.rungs if best else ()))
    properties = result.setdefault("properties", {})
    properties["grade"] = defence.grade.value
    properties["checks"] = [{"name": r.name, "outcome": r.outcome.value, "reason": r.reason} for r in rungs]
    if bundle:
        properties["evidence"] = bundle
    if defence.proof is not None:
        properties["test"] = defence.proof.test.path
        properties["effect"] = defence.proof.effect
    result["properties"] = all_visible(properties)
    if best is not None:
        result["fixes"] = [fix(best, prefix)]


def fix(judged: VerifiedPatch, prefix: str) -> dict[str, Any]:
    edits: dict[str, list[Edit]] = {}
    for edit in judged.patch.edits:
        edits.setdefault(edit.path, []).append(edit)
    return {
        "description": {"text": visible(f"{judged.patch.title}. {judged.patch.explanation}")},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": uri(joined(prefix, path)), "uriBaseId": ROOT},
                "replacements": [replacement(edit) for edit in rows],
            }
            for path, rows in edits.items()
        ],
    }


def replacement(edit: Edit) -> dict[str, Any]:
    return {
        "deletedRegion": {"byteOffset": edit.start, "byteLength": edit.end - edit.start},
        "insertedContent": {"text": edit.text},
    }
