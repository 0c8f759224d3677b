"""What is known of the packages of a project becomes findings, to which every decision of a review applies."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisories_sample import advisory, database
from buckler.cli.exits import Exit
from buckler.cli.main import buckler
from buckler.finding.evidence import Assessment
from buckler.finding.model import Reach, Severity
from buckler.workbench.dependencies import dependencies
from buckler.workbench.review import Options, review_paths
from buckler.workbench.trust import tree_config
from buckler.workbench.wishes import Wishes

CRITICAL = {"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}


@pytest.fixture
def known(tmp_path: Path) -> Path:
    return database(
        tmp_path / "data",
        advisory("GHSA-aaaa-bbbb-cccc", "cartwheel", "1.5", aliases=["CVE-2030-0001"], summary="Carts roll over", **CRITICAL),
        advisory("PYSEC-2030-1", "cartwheel", "1.5", aliases=["CVE-2030-0001"]),
        advisory("PYSEC-2030-2", "cartwheel", "1.7"),
        advisory("PYSEC-2030-3", "oldcart"),
        advisory("GHSA-dddd-eeee-ffff", "left-cart", "2.0.1", "npm"),
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "requirements.txt").write_text("# web\nCartwheel==1.4  # pinned\nflask>=2\n")
    (folder / "app.py").write_text("import cartwheel\n\ndef roll(x):\n    return cartwheel.spin(x)\n")
    return folder


def assessed(folder: Path, known: Path, **more: object) -> Assessment:
    return dependencies([folder], Options(database=known, **more))  # type: ignore[arg-type]


def titles(outcome: Assessment) -> list[str]:
    return [finding.title for finding in outcome.review.findings]


def test_one_finding_for_one_flaw_however_many_databases_know_it(project: Path, known: Path) -> None:
    outcome = assessed(project, known)
    first, second = outcome.review.findings
    assert first.title == "Vulnerable dependency cartwheel 1.4: CVE-2030-0001"
    assert (first.severity, second.severity) == (Severity.CRITICAL, Severity.MEDIUM)
    assert (first.location.path, first.location.line) == ("requirements.txt", 2)
    facts = first.facts.dependency
    assert facts is not None
    assert facts.purl == "pkg:pypi/cartwheel@1.4"
    assert facts.aliases == ("GHSA-aaaa-bbbb-cccc", "PYSEC-2030-1")
    assert facts.fixed == "1.7", "1.5 has another flaw"
    assert "Carts roll over" in first.message
    assert second.approximations == ("no-severity",)


def test_a_review_tells_them_too_and_leaves_them_out_when_asked(project: Path, known: Path) -> None:
    review = review_paths([project], Options(database=known)).review
    assert [f.rule for f in review.findings].count("known-vulnerability") == 2
    assert any("2 packages of 1 manifest held against" in notice.text for notice in review.notices)
    without = review_paths([project], Options(database=known, dependencies=False)).review
    assert not without.findings
    assert not any(notice.kind == "advisories" for notice in without.notices)


def test_fingerprints_survive_other_lines_and_versions(project: Path, known: Path) -> None:
    before = [finding.fingerprint for finding in assessed(project, known).review.findings]
    (project / "requirements.txt").write_text("\n\n\nflask>=2\ncartwheel==1.4.2\n")
    assert [finding.fingerprint for finding in assessed(project, known).review.findings] == before


def test_a_comment_beside_the_line_counts(project: Path, known: Path) -> None:
    (project / "requirements.txt").write_text(
        "cartwheel==1.4  # buckler: ignore[known-vulnerability] only in the demo until 2999-01-01\n"
    )
    outcome = assessed(project, known)
    assert not outcome.review.findings
    assert {item.reason for item in outcome.review.suppressed} == {"only in the demo"}
    untrusted = assessed(project, known, untrusted=True)
    assert len(untrusted.review.findings) == 2


def test_a_baseline_accepts_what_is_known_now(project: Path, known: Path, tmp_path: Path) -> None:
    accepted = tmp_path / "known.json"
    assessed(project, known, write_baseline=accepted)
    (project / "package.json").write_text('{"dependencies": {"left-cart": "2.0.0"}}')
    runner = run("dependencies", str(project), "--database", str(known), "--baseline", str(accepted), "--no-reach")
    assert "left-cart 2.0.0" in runner.output
    assert "cartwheel" not in runner.output.replace("cartwheel.spin", "")


def test_the_tree_hides_nothing_by_its_configuration(project: Path, known: Path) -> None:
    (project / "buckler.toml").write_text('[rules]\ndisable = ["known-vulnerability"]\n')
    outcome = assessed(project, known, tree=tree_config([project]))
    assert not outcome.review.findings
    assert outcome.review.partial, "nobody but the tree has accepted it"


def test_only_what_a_change_brings_in(project: Path, known: Path) -> None:
    git(project, "init", "-q", ".")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    (project / "package.json").write_text('{"dependencies": {"left-cart": "2.0.0"}}')
    assert titles(assessed(project, known, changed_since="HEAD")) == [
        "Vulnerable dependency left-cart 2.0.0: GHSA-dddd-eeee-ffff"
    ]


def test_an_archive_is_read_as_it_is(project: Path, known: Path, tmp_path: Path) -> None:
    packed = tmp_path / "shop.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.write(project / "requirements.txt", "shop/requirements.txt")
        file.writestr("shop/more.txt", "x")
    assert len(assessed(packed, known).review.findings) == 2


def test_a_range_of_which_nothing_is_safe(project: Path, known: Path) -> None:
    (project / "requirements.txt").write_text("cartwheel<1.5\noldcart\n")
    found = {finding.title: finding for finding in assessed(project, known).review.findings}
    assert set(found) == {
        "Vulnerable dependency cartwheel: CVE-2030-0001",
        "Vulnerable dependency cartwheel: PYSEC-2030-2",
        "Vulnerable dependency oldcart: PYSEC-2030-3",
    }
    assert "not-pinned" in found["Vulnerable dependency oldcart: PYSEC-2030-3"].approximations
    assert "no release of oldcart" in found["Vulnerable dependency oldcart: PYSEC-2030-3"].fix


def test_development_only_counts_one_step_less(project: Path, known: Path) -> None:
    (project / "requirements.txt").unlink()
    (project / "requirements-dev.txt").write_text("cartwheel==1.4\n")
    assert assessed(project, known).review.findings[0].severity is Severity.HIGH


def test_without_sources_nobody_claims_to_know(project: Path, known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKLER_CACHE", "off")
    facts = assessed(project, known, reach=Wishes()).review.findings[0].facts.dependency
    assert facts is not None
    assert facts.reach is Reach.UNKNOWN
    assert facts.reason == "the sources of cartwheel are not at hand"


def installed(project: Path, name: str, version: str, files: dict[str, str]) -> None:
    packages = project / ".venv" / "lib" / "python3.11" / "site-packages"
    info = packages / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))
    for path, text in files.items():
        (packages / path).parent.mkdir(parents=True, exist_ok=True)
        (packages / path).write_text(text)


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """An advisory that says which function is vulnerable."""
    about = advisory("GO-0001", "cartwheel", "1.5")
    about["affected"][0]["ecosystem_specific"] = {"imports": [{"path": "cartwheel", "symbols": ["spin"]}]}
    return database(tmp_path / "named", about)


CODE = {"cartwheel/__init__.py": "def spin(x):\n    return eval(x)\n\ndef stop(x):\n    return None\n"}


def test_untrusted_data_is_followed_to_the_vulnerable_function(project: Path, named: Path) -> None:
    (project / "app.py").write_text(
        "import cartwheel\nfrom flask import Flask, request\napp = Flask(__name__)\n\n"
        '@app.route("/roll")\ndef roll():\n    return cartwheel.spin(request.args["x"])\n'
    )
    installed(project, "cartwheel", "1.4", CODE)
    finding = assessed(project, named, reach=Wishes()).review.findings[0]
    facts = finding.facts.dependency
    assert facts is not None
    assert facts.reach is Reach.UNTRUSTED
    assert [step.location.line for step in finding.flow] == [7]
    assert finding.source is not None
    assert finding.source.kind == "remote"
    assert facts.path[-1].location.path.endswith("cartwheel/__init__.py")


def test_what_the_code_does_not_get_to_is_a_note(project: Path, named: Path) -> None:
    (project / "app.py").write_text("import cartwheel\n\ndef halt(x):\n    return cartwheel.stop(x)\n")
    installed(project, "cartwheel", "1.4", CODE)
    outcome = assessed(project, named, reach=Wishes())
    (finding,) = outcome.review.findings
    assert finding.severity is Severity.NOTE
    assert finding.facts.dependency is not None
    assert finding.facts.dependency.reach is Reach.NOT_REACHABLE
    assert "1 file" in finding.facts.dependency.reason


def run(*arguments: str) -> Result:
    return CliRunner().invoke(buckler, arguments, standalone_mode=False)


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda folder: None, Exit.FINDINGS),
        (lambda folder: (folder / "requirements.txt").write_text("flask==3.0\n"), Exit.CLEAN),
        (lambda folder: (folder / "poetry.lock").write_text("[[package"), Exit.FINDINGS_AND_PARTIAL),
        (lambda folder: (folder / "requirements.txt").unlink(), Exit.PARTIAL),
    ],
)
def test_exit_codes(project: Path, known: Path, change: Callable[[Path], object], code: Exit) -> None:
    change(project)
    outcome = run("dependencies", str(project), "--database", str(known), "--no-reach")
    assert outcome.return_value == code, outcome.output


def test_the_json_report_names_release_chain_and_fix(project: Path, known: Path) -> None:
    outcome = run("dependencies", str(project), "--database", str(known), "--no-reach", "--format", "json")
    report = json.loads(outcome.output)
    assert report["findings"][0]["dependency"]["chain"] == ["pkg:pypi/cartwheel@1.4"]
    assert [row["purl"] for row in report["components"]] == ["pkg:pypi/cartwheel@1.4", "pkg:pypi/flask"]


def test_a_malicious_package_is_critical_whatever_the_code_does(project: Path, tmp_path: Path) -> None:
    known = database(tmp_path / "hostile", advisory("MAL-2030-1", "cartwheel"))
    (finding,) = assessed(project, known, reach=Wishes()).review.findings
    assert (finding.rule, finding.severity) == ("malicious-package", Severity.CRITICAL)
    assert finding.title == "Malicious package cartwheel 1.4: MAL-2030-1"


def test_names_that_may_not_be_meant(project: Path, known: Path) -> None:
    (project / "requirements.txt").write_text("--extra-index-url https://pypi.example.org\nreqeusts==2.0\n")
    found = {finding.rule: finding for finding in assessed(project, known).review.findings}
    assert found["lookalike-package"].title == "Lookalike package reqeusts 2.0: requests"
    assert found["dependency-confusion"].location.line == 1
    assert "reqeusts may be taken from the public index" in found["dependency-confusion"].message
