"""CycloneDX and OpenVEX: valid, complete about dependencies, and never more certain than what was found out."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from buckler.finding.evidence import Assessment, SoftwareComponent
from buckler.finding.model import Reach, Review
from buckler.report.formats import FORMATS
from buckler.report.vex import moment, project_name
from buckler.report.view import View
from dependency_sample import TEMPLATE, TEST, WEB, YAML, dependencies, flaw
from golden import check
from review_sample import HOSTILE

HERE = Path(__file__).parent
NAMES = [name for name, known in FORMATS.items() if not known.complete]
SAMPLES = {
    "dependencies": dependencies(),
    "clean": Assessment(Review("clean")),
    "hostile": Assessment(
        Review(HOSTILE, findings=[flaw(HOSTILE, HOSTILE, Reach.UNKNOWN, reason=HOSTILE)]),
        components=(SoftwareComponent(HOSTILE, HOSTILE, hashes=(HOSTILE,), chain=(HOSTILE, HOSTILE)),),
    ),
}


@pytest.fixture(autouse=True)
def at_a_fixed_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1893456000")


def rendered(name: str, sample: str = "dependencies") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FORMATS[name].render(SAMPLES[sample], View("examples/shop")))
    return document


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str) -> None:
    text = FORMATS[name].render(SAMPLES["dependencies"], View("examples/shop"))
    check(HERE / "golden" / f"dependencies{FORMATS[name].suffixes[0]}", text)


def schemas() -> Registry[Any]:
    folder = files("cyclonedx.schema") / "_res"
    known = [json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".schema.json")]
    return Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in known])


@pytest.mark.parametrize("sample", SAMPLES)
def test_cyclonedx_is_valid(sample: str) -> None:
    registry = schemas()
    schema = registry.contents("http://cyclonedx.org/schema/bom-1.6.schema.json")
    validator = jsonschema.Draft7Validator(schema, registry=registry, format_checker=None)
    assert [error.message for error in validator.iter_errors(rendered("cyclonedx", sample))] == []


def test_cyclonedx_names_every_component_where_it_comes_from_and_what_it_brings() -> None:
    document = rendered("cyclonedx")
    parts = {part["bom-ref"]: part for part in document["components"]}
    assert list(parts) == [WEB, TEMPLATE, YAML, TEST]
    assert (parts[YAML]["group"], parts[YAML]["name"], parts[YAML]["version"]) == ("@shop", "yaml", "3.1.0")
    assert [parts[purl]["scope"] for purl in parts] == ["required", "required", "optional", "excluded"]
    assert parts[TEMPLATE]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert parts[TEMPLATE]["evidence"]["occurrences"] == [
        {"location": "examples/shop/requirements.txt", "line": 3},
        {"location": "examples/shop/api/poetry.lock", "line": 40},
    ]
    edges = {row["ref"]: row["dependsOn"] for row in document["dependencies"]}
    assert edges == {"project": [WEB, YAML, TEST], WEB: [TEMPLATE], TEMPLATE: [], YAML: [], TEST: []}


def test_both_say_the_same_of_each_vulnerability() -> None:
    states = {
        row["id"]: (row["analysis"]["state"], row["analysis"].get("justification"), row["analysis"].get("response"))
        for row in rendered("cyclonedx")["vulnerabilities"]
    }
    assert states == {
        "CVE-2030-1": ("exploitable", None, ["update"]),
        "CVE-2030-2": ("exploitable", None, None),
        "CVE-2030-3": ("in_triage", None, None),
        "CVE-2030-4": ("not_affected", "code_not_reachable", None),
        "CVE-2030-5": ("exploitable", None, ["will_not_fix"]),
    }
    statuses = {
        row["vulnerability"]["name"]: (row["status"], row.get("justification"), row.get("action_statement"))
        for row in rendered("openvex")["statements"]
    }
    assert statuses == {
        "CVE-2030-1": ("affected", None, "Upgrade template to 2.10.1."),
        "CVE-2030-2": ("affected", None, "Nothing is known that helps."),
        "CVE-2030-3": ("under_investigation", None, None),
        "CVE-2030-4": ("not_affected", "vulnerable_code_not_in_execute_path", None),
        "CVE-2030-5": ("affected", None, "Upgrade template to 2.10.1."),
    }


def test_what_somebody_accepted_is_told_and_changes_no_status() -> None:
    last = rendered("openvex")["statements"][-1]
    assert last["status"] == "affected" and "Suppressed: the firewall stops it" in last["status_notes"]


def test_openvex_has_what_its_schema_requires() -> None:
    document = rendered("openvex")
    assert {"@context", "@id", "author", "timestamp", "version", "statements"} <= document.keys()
    assert document["timestamp"] == "2030-01-01T00:00:00Z" and document["@id"].startswith("urn:uuid:")
    for row in document["statements"]:
        assert row["products"][0]["@id"] == "pkg:generic/shop" and row["products"][0]["subcomponents"]
        assert row["status"] != "not_affected" or row["impact_statement"]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_is_named_the_same_and_another_otherwise(name: str) -> None:
    key = {"cyclonedx": "serialNumber", "openvex": "@id"}[name]
    assert rendered(name)[key] == rendered(name)[key] != rendered(name, "hostile")[key]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_words_stay_words(name: str) -> None:
    text = FORMATS[name].render(SAMPLES["hostile"], View(HOSTILE))
    text.encode("utf-8")
    assert not any(bad in text for bad in "\x1b\x07\x00\u202e")


def test_the_project_is_called_after_its_folder() -> None:
    assert [project_name(Assessment(Review(root))) for root in ("a/shop", ".", "", "C:\\shop\\")] == [
        "shop",
        "project",
        "project",
        "shop",
    ]


def test_the_moment_is_now_unless_a_build_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert moment() == "2030-01-01T00:00:00Z"
    for nonsense in ("", "soon", "-1", "9" * 40):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", nonsense)
        assert moment() > "2026" and moment() < "2100"
