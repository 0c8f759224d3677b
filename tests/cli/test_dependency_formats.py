"""SBOM and VEX from the command line: also what the code does not reach is in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from buckler.cli.main import run
from buckler.dependencies.advisories.database import Source, updating
from buckler.dependencies.model import Advisory, Affected, Bound, Event
from buckler.finding.model import Severity


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    below = (Event(Bound.INTRODUCED, "0"), Event(Bound.FIXED, "2.0"))
    with updating(tmp_path / "advisories.sqlite") as writer:
        writer.begin(Source("test", "here", date="2030-01-01"))
        for name, severity in (("CVE-2030-1", Severity.HIGH), ("CVE-2030-2", Severity.NOTE)):
            writer.add(Advisory(name, affected=(Affected("PyPI", "shopcart", (below,)),), severity=severity))
    monkeypatch.setenv("BUCKLER_ADVISORIES", str(tmp_path / "advisories.sqlite"))
    monkeypatch.setenv("BUCKLER_CACHE", "off")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "requirements.txt").write_text("shopcart==1.0\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "shop"


def test_a_bill_of_materials_and_statements_come_of_one_run(project: Path) -> None:
    assert run(["dependencies", "shop", "--output", "sbom.json", "--output", "shop.vex.json", "--quiet"]) == 1
    bill = json.loads(Path("sbom.json").read_text())
    assert [part["purl"] for part in bill["components"]] == ["pkg:pypi/shopcart@1.0"]
    assert [row["id"] for row in bill["vulnerabilities"]] == ["CVE-2030-1", "CVE-2030-2"]
    said = json.loads(Path("shop.vex.json").read_text())["statements"]
    assert {row["vulnerability"]["name"] for row in said} == {"CVE-2030-1", "CVE-2030-2"}


def test_beside_other_reports_the_usual_severity_counts(project: Path) -> None:
    run(["dependencies", "shop", "--output", "sbom.json", "--output", "shop.csv", "--quiet"])
    assert [row["id"] for row in json.loads(Path("sbom.json").read_text())["vulnerabilities"]] == ["CVE-2030-1"]
    run(["dependencies", "shop", "--output", "sbom.json", "--output", "shop.csv", "--quiet", "--min-severity", "note"])
    assert len(json.loads(Path("sbom.json").read_text())["vulnerabilities"]) == 2
