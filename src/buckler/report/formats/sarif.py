"""SARIF 2.1.0, the exchange format of code scanning services and editors.

One run, one driver, all rules with their prose; the CWE numbers as a taxonomy; the path of untrusted data
as a code flow; suppressed findings as suppressed results, with the reason: "under review" what only the tree
itself decided, so that no viewer takes it for settled. Limits of GitHub's upload are kept: at most 5,000 results (the
worst ones, with a notification when some are left out), relative percent-encoded paths, lines from 1, at most 20 tags.

What was proved and fixed goes to the properties of a result; `fixes` holds a verified fix and nothing else.

Example::

    buckler review . --format sarif --output buckler.sarif
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from buckler.base.digest import text_digest
from buckler.base.version import VERSION
from buckler.explain.sandbox import where_it_ran
from buckler.explain.steps import step_words
from buckler.finding.evidence import RUNG_NAMES, Assessment, Edit, Remediation, VerifiedPatch
from buckler.finding.model import Finding, Location, Notice, Review, Step, Suppressed
from buckler.report.checks import all_checks
from buckler.report.plain import all_visible, joined, json_text, uri, visible
from buckler.report.sarif_rules import LEVELS, cwe_taxonomy, rule_descriptors
from buckler.report.view import PLAIN, View
from buckler.report.words import grades, worst_first
from buckler.review.wording import origin_words

SUFFIXES = (".sarif",)
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 5_000
MAX_STEPS = 1_000
ROOT = "SRCROOT"
FINGERPRINT = "buckler/v1"
Object = dict[str, Any]


def render(assessment: Assessment, view: View = PLAIN) -> str:
    """The assessment as one SARIF log; viewers show its texts as they are, so nothing in them may be hidden."""
    log: Object = all_visible({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(assessment, view.prefix)]})
    _add_fixes(log["runs"][0]["results"], assessment, view.prefix)
    return json_text(log)


def _run(assessment: Assessment, prefix: str) -> Object:
    review = assessment.review
    shown, hidden = _chosen(review)
    known = rule_descriptors(assessment.rules, [*review.findings, *(s.finding for s in review.suppressed)])
    index = {rule["id"]: number for number, rule in enumerate(known)}
    occurrences: Counter[str] = Counter()
    results = [_result(item, index, prefix, occurrences) for item in shown]
    _add_evidence(results, assessment)
    return {
        "tool": {"driver": _driver(known)},
        "automationDetails": {"id": "buckler/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder the review was started in."}}},
        "invocations": [_invocation(review, [*review.notices, *_left_out(shown, review, hidden)], prefix)],
        "artifacts": _artifacts(shown, prefix),
        "taxonomies": [cwe_taxonomy(known)],
        "results": results,
        "properties": _statistics(review) | _where(assessment),
    }


def _where(assessment: Assessment) -> Object:
    where = where_it_ran(assessment.remediations)
    return {"sandbox": where} if where else {}


def _chosen(review: Review) -> tuple[list[Finding | Suppressed], int]:
    shown = {finding.fingerprint for finding in review.findings}
    lowered = {
        s.finding.fingerprint: s for s in review.hidden if s.by == "configuration" and s.finding.fingerprint in shown
    }
    everything: list[Finding | Suppressed] = [lowered.get(f.fingerprint, f) for f in worst_first(review.findings)]
    everything += [item for item in review.suppressed if item not in lowered.values()]
    return everything[:MAX_RESULTS], max(0, len(everything) - MAX_RESULTS)


def _left_out(shown: Sequence[object], review: Review, hidden: int) -> list[Notice]:
    if not hidden:
        return []
    total = len(review.findings) + len(review.suppressed)
    text = f"{hidden} of {total} results are left out of this file, which holds the {len(shown)} worst"
    return [Notice("report", "", text, partial=False)]


def _driver(known: list[Object]) -> Object:
    return {
        "name": "Buckler",
        "semanticVersion": VERSION,
        "version": VERSION,
        "shortDescription": {"text": "Security review that follows untrusted data and shows its evidence."},
        "rules": known,
        "supportedTaxonomies": [{"name": "CWE", "index": 0}],
    }


def _statistics(review: Review) -> Object:
    return {
        "root": review.root,
        "files": review.files,
        "lines": review.lines,
        "functions": review.functions,
        "languages": dict(sorted(review.languages.items())),
        "opaque": dict(sorted(review.opaque.items())),
        "partial": review.partial,
    }


def _invocation(review: Review, notices: Sequence[Notice], prefix: str) -> Object:
    return {
        "executionSuccessful": not review.partial,
        "toolExecutionNotifications": [_notification(notice, prefix) for notice in notices],
    }


def _notification(notice: Notice, prefix: str) -> Object:
    notification: Object = {
        "descriptor": {"id": f"buckler/{notice.kind}"},
        "level": "warning" if notice.partial else "note",
        "message": {"text": notice.text or notice.kind},
        "properties": {"partial": notice.partial},
    }
    path, _, line = notice.path.rpartition(":")
    path, region = (path, {"startLine": int(line)}) if path and line.isdecimal() else (notice.path, None)
    if _relative(path):
        place: Object = {"artifactLocation": _artifact(path, prefix)}
        if region:
            place["region"] = region
        notification["locations"] = [{"physicalLocation": place}]
    elif path:
        notification["properties"]["path"] = notice.path
    return notification


def _relative(path: str) -> bool:
    return bool(path) and not path.startswith(("/", "\\")) and path[1:3] not in (":\\", ":/")


def _artifact(path: str, prefix: str) -> Object:
    return {"uri": uri(joined(prefix, path)), "uriBaseId": ROOT}


def _artifacts(shown: Sequence[Finding | Suppressed], prefix: str) -> list[Object]:
    paths: dict[str, str] = {}
    for item in shown:
        finding = _of(item)
        paths.setdefault(finding.location.path, finding.language)
        for step in finding.way:
            paths.setdefault(step.location.path, finding.language)
    known = {path: {"sourceLanguage": language} if language else {} for path, language in paths.items()}
    return [{"location": _artifact(path, prefix), **more} for path, more in sorted(known.items())]


def _of(item: Finding | Suppressed) -> Finding:
    return item.finding if isinstance(item, Suppressed) else item


def _result(item: Finding | Suppressed, index: dict[str, int], prefix: str, seen: Counter[str]) -> Object:
    finding = _of(item)
    result: Object = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding.location, prefix, finding.function, finding.code)],
        "partialFingerprints": _fingerprints(finding, seen),
        "taxa": [{"id": str(n), "toolComponent": {"name": "CWE", "index": 0}} for n in finding.cwe],
        "properties": _properties(finding),
    }
    if finding.way:
        result["codeFlows"] = [_code_flow(finding, prefix)]
    result["suppressions"] = [_suppression(item)] if isinstance(item, Suppressed) else []
    return result


def _message(finding: Finding) -> str:
    said = [text for text in (finding.message, finding.attacker, finding.fix and f"Fix: {finding.fix}") if text]
    return _literal("\n".join(said) or finding.title or finding.rule)


def _literal(text: str) -> str:
    """Message text reads `[a](b)` as a link and `{0}` as a placeholder; ours has neither."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("{", "{{").replace("}", "}}")


def _fingerprints(finding: Finding, seen: Counter[str]) -> Object:
    """GitHub matches on the second one: the line's own text, with a number for its repetitions."""
    content = text_digest(finding.rule, " ".join(finding.code.split()))[:16]
    seen[content] += 1
    return {FINGERPRINT: finding.fingerprint, "primaryLocationLineHash": f"{content}:{seen[content]}"}


def _properties(finding: Finding) -> Object:
    properties: Object = {
        "title": finding.title,
        "severity": finding.severity.name.lower(),
        "grade": finding.grade.value,
        "approximations": list(finding.approximations),
    }
    if finding.source:
        properties["sourceKind"] = finding.source.kind
        properties["source"] = origin_words(finding.source)
    if (facts := finding.facts.dependency) is not None:
        properties |= {
            "purl": facts.purl,
            "advisories": [facts.advisory, *facts.aliases],
            "fixed": facts.fixed,
            "reach": facts.reach.value,
        }
    return properties


def _suppression(item: Suppressed) -> Object:
    kind = "inSource" if item.by == "inline" else "external"
    status = "accepted" if item.accepted else "underReview"
    return {"kind": kind, "status": status, "justification": item.reason, "properties": {"by": item.by}}


def _region(location: Location, code: str) -> Object:
    region: Object = {"startLine": max(1, location.line), "startColumn": max(1, location.column)}
    if location.end_line >= region["startLine"]:
        region["endLine"] = location.end_line
        region["endColumn"] = max(1, location.end_column)
        if location.end_line == location.line and location.end_column < region["startColumn"]:
            region["endColumn"] = region["startColumn"]
    if code:
        region["snippet"] = {"text": code}
    return region


def _location(location: Location, prefix: str, function: str, code: str, text: str = "") -> Object:
    place: Object = {
        "physicalLocation": {
            "artifactLocation": _artifact(location.path, prefix),
            "region": _region(location, code),
        }
    }
    if function:
        place["logicalLocations"] = [{"fullyQualifiedName": function, "kind": "function"}]
    if text:
        place["message"] = {"text": _literal(text)}
    return place


def _code_flow(finding: Finding, prefix: str) -> Object:
    last = len(finding.way) - 1
    steps = [_flow_step(step, prefix, number in (0, last)) for number, step in enumerate(finding.way)]
    if len(steps) > MAX_STEPS:
        steps = [*steps[: MAX_STEPS - 1], steps[-1]]
    return {"threadFlows": [{"locations": steps}]}


def _flow_step(step: Step, prefix: str, essential: bool) -> Object:
    location = _location(step.location, prefix, step.function, step.code, step_words(step) or "passed on")
    return {"location": location, "importance": "essential" if essential else "important"}


def _add_evidence(results: Sequence[Object], assessment: Assessment) -> None:
    """To each result what was done about it."""
    graded, known = grades(assessment), assessment.known
    bundles = {folder.name: str(folder) for folder in assessment.bundles}
    for result in results:
        mark = result["partialFingerprints"][FINGERPRINT]
        result["properties"]["grade"] = graded.get(mark, result["properties"]["grade"])
        done = known.get(mark)
        if done is not None:
            result["properties"] |= _evidence(done, bundles.get(mark, ""))


def _evidence(done: Remediation, bundle: str) -> Object:
    checks = [
        {"name": RUNG_NAMES[r.name], "code": r.name, "outcome": r.outcome.value, "reason": r.reason}
        for r in all_checks(done)
    ]
    evidence: Object = {"checks": checks}
    if bundle:
        evidence["evidence"] = bundle
    if done.proof is not None:
        evidence |= {"test": done.proof.test.path, "effect": done.proof.effect}
    return evidence


def _add_fixes(results: Sequence[Object], assessment: Assessment, prefix: str) -> None:
    """Verified fixes, last of all: what is put into a file is put there byte for byte."""
    known = assessment.known
    for result in results:
        done = known.get(result["partialFingerprints"][FINGERPRINT])
        if done is not None and done.fix is not None:
            result["fixes"] = [_fix(done.fix, prefix)]


def _fix(judged: VerifiedPatch, prefix: str) -> Object:
    edits: dict[str, list[Edit]] = {}
    for edit in judged.patch.edits:
        edits.setdefault(edit.path, []).append(edit)
    changes = [
        {"artifactLocation": _artifact(path, prefix), "replacements": [_replacement(edit) for edit in rows]}
        for path, rows in edits.items()
    ]
    return {
        "description": {"text": visible(f"{judged.patch.title}. {judged.patch.explanation}")},
        "artifactChanges": changes,
    }


def _replacement(edit: Edit) -> Object:
    return {
        "deletedRegion": {"byteOffset": edit.start, "byteLength": edit.end - edit.start},
        "insertedContent": {"text": edit.text},
    }
