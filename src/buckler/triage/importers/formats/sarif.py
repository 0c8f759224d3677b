"""SARIF 2.1.0 of any producer: https://docs.oasis-open.org/sarif/sarif/v2.1.0/.

A result names its rule by id, by index, or by a reference into an extension; severity, CWE and names of published flaws
stand in the rule, in its tags or properties, or in the result. Results that passed, do not apply or are informational
are skipped and counted; suppressed ones are alerts that say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from buckler.triage.alert import Columns, Reading
from buckler.triage.importers import values
from buckler.triage.importers.paths import Column
from buckler.triage.importers.table import found

LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "note"}
"""What a level means where the rule has no score of its own."""
NO_ALERT = frozenset({"pass", "notApplicable", "informational"})
FIELDS = (
    "tool", "rule", "kind", "title", "message", "severity", "said", "status", "path", "line", "end_line", "symbol",
    "code", "cwe", "ids", "score", "grade", "url", "fingerprint", "record",
)  # fmt: skip
GRADES = frozenset({"claimed", "matched", "traced", "reproduced", "fixed"})
Object = Mapping[str, Any]
NOTHING: Object = {}


def recognize(shape: str, documents: Column) -> int:
    """By its runs with a driver; the version and schema are often missing."""
    if shape != "json" or found(documents, ("runs", "[]", "tool", "driver")) is None:
        empty = found(documents, ("runs",)) == [] and found(documents, ("$schema",)) is not None
        return 3 if shape == "json" and empty else 0
    return 10


def read(batches: Iterator[Column], reading: Reading) -> Iterator[Columns]:
    for documents in batches:
        for document in documents:
            for run in objects(document, "runs"):
                yield from _run(run, reading)


def _run(run: Object, reading: Reading) -> Iterator[Columns]:
    tool = member(run, "tool")
    driver = member(tool, "driver")
    name = values.plain(driver.get("name")) or "SARIF"
    version = values.plain(driver.get("semanticVersion") or driver.get("version"))
    reading.coverage.tools[name] = version
    parts = [driver, *objects(tool, "extensions")]
    rules = {values.plain(rule.get("id")): rule for part in parts for rule in objects(part, "rules")}
    reading.coverage.rules.update(filter(None, rules))
    details = member(run, "automationDetails")
    if details.get("id"):
        reading.coverage.scopes.add(values.plain(details["id"]))
    rows: list[tuple[Any, ...]] = []
    cache: dict[str, tuple[Any, ...]] = {}
    for number, result in enumerate(objects(run, "results"), 1):
        kind = result.get("kind", "fail")
        if kind in NO_ALERT:
            reading.skip(f"result {number}", f"its kind is {kind}")
            continue
        rule, about = _rule(result, rules, parts)
        key = rule or "?"
        if key not in cache:
            cache[key] = _of_rule(about)
        rows.append(_row(name, rule, about, cache[key], result, number, run))
    if rows:
        yield dict(zip(FIELDS, map(list, zip(*rows, strict=True)), strict=True))


def _row(
    tool: str, rule: str, about: Object, known: tuple[Any, ...], result: Object, number: int, run: Object
) -> tuple[Any, ...]:
    title, default, cwe, ids, score, kind = known
    properties = member(result, "properties")
    level = str(result.get("level") or default)
    own = values.score(properties.get("security-severity")) if properties else -1.0
    score = own if own >= 0 else score
    said = properties.get("severity") or properties.get("issue_severity")
    word = values.severity(said, {}) if said else "unknown"
    severity = values.by_score(score) if score >= 0 else word if word != "unknown" else LEVELS.get(level, "unknown")
    message = _message(member(result, "message"), about)
    location = next(objects(result, "locations"), NOTHING)
    physical = member(location, "physicalLocation")
    region = member(physical, "region")
    snippet = member(region, "snippet") or member(member(physical, "contextRegion"), "snippet")
    uri = _uri(member(physical, "artifactLocation"), run)
    logical = next(objects(location, "logicalLocations"), NOTHING)
    prints = member(result, "partialFingerprints") or member(result, "fingerprints")
    fingerprint = next((values.text(v) for k, v in sorted(prints.items()) if v and v != "requires login"), "")
    web = uri.startswith(("http://", "https://"))
    grade = str(properties.get("grade", "")) if tool == "Buckler" else ""
    return (
        tool, rule, "web" if web else kind, title, message, severity, level, _status(result),
        "" if web else values.place(uri), values.integer(region.get("startLine")),
        values.integer(region.get("endLine")),
        values.plain(logical.get("fullyQualifiedName") or logical.get("name")), values.text(snippet.get("text")),
        values.cwes(properties.get("cwe")) or cwe, _ids(rule, message, properties, ids), score,
        grade if grade in GRADES else "", uri if web else "", fingerprint, number,
    )  # fmt: skip


def _rule(result: Object, rules: Mapping[str, Object], parts: list[Object]) -> tuple[str, Object]:
    """The id of a result's rule, and the rule if the report describes it."""
    reference = member(result, "rule")
    name = values.plain(result.get("ruleId") or reference.get("id"))
    if name in rules:
        return name, rules[name]
    index = result.get("ruleIndex", reference.get("index"))
    component = member(reference, "toolComponent").get("index")
    part = parts[component + 1] if isinstance(component, int) and 0 <= component < len(parts) - 1 else parts[0]
    listed = part.get("rules")
    if (
        isinstance(index, int)
        and isinstance(listed, list)
        and 0 <= index < len(listed)
        and isinstance(listed[index], dict)
    ):
        return name or values.plain(listed[index].get("id")), listed[index]
    parent = name.rpartition("/")[0]  # a rule and one of its variants
    return name, rules.get(parent, NOTHING)


def _of_rule(rule: Object) -> tuple[Any, ...]:
    """What a rule says about all its results: title, level, CWE, names, score, kind."""
    properties = member(rule, "properties")
    tags = properties.get("tags")
    tags = [str(tag) for tag in tags] if isinstance(tags, list) else []
    short = values.plain(member(rule, "shortDescription").get("text"))
    title = short or values.plain(rule.get("name")) or values.plain(member(rule, "fullDescription").get("text"))
    level = member(rule, "defaultConfiguration").get("level", "warning")
    relations = [member(r, "target").get("id") for r in objects(rule, "relationships")]
    cwe = values.cwes([*tags, *map(str, relations), values.text(properties.get("cwe"))])
    score = values.score(properties.get("security-severity"))
    secret = any("secret" in tag.lower() for tag in tags) or "secret" in str(rule.get("id", "")).lower()
    return (
        title[:300],
        str(level),
        cwe,
        values.advisories([*tags, rule.get("id")]),
        score,
        "secret" if secret else "code",
    )


def _ids(rule: str, message: str, properties: Object, known: tuple[str, ...]) -> tuple[str, ...]:
    if known:
        return known
    return values.advisories([rule, values.text(properties.get("cve"))]) if rule or properties else ()


def _message(message: Object, rule: Object) -> str:
    """The text, or the rule's text of that id with the arguments put in."""
    text = message.get("text") or message.get("markdown")
    if not text:
        strings = member(member(rule, "messageStrings"), str(message.get("id")))
        text = strings.get("text", "")
        arguments = message.get("arguments")
        for number, value in enumerate(arguments if isinstance(arguments, list) else ()):
            text = str(text).replace(f"{{{number}}}", str(value))
    return values.text(text).replace("\r\n", "\n")


def _uri(artifact: Object, run: Object) -> str:
    uri = artifact.get("uri")
    if uri is None and isinstance(artifact.get("index"), int):
        listed = run.get("artifacts")
        index = artifact["index"]
        if isinstance(listed, list) and 0 <= index < len(listed) and isinstance(listed[index], dict):
            uri = member(listed[index], "location").get("uri")
    return values.plain(uri)


def _status(result: Object) -> str:
    accepted = [s for s in objects(result, "suppressions") if s.get("status", "accepted") == "accepted"]
    return "suppressed" if accepted else "fixed" if result.get("baselineState") == "absent" else ""


def objects(value: Any, name: str) -> Iterator[Object]:
    """The objects in a list that may not be there, or be none."""
    listed = value.get(name) if isinstance(value, dict) else None
    return (item for item in listed if isinstance(item, dict)) if isinstance(listed, list) else iter(())


def member(value: Any, name: str) -> Object:
    """An object that may not be there, or be none."""
    found_ = value.get(name) if isinstance(value, dict) else None
    return found_ if isinstance(found_, dict) else NOTHING
