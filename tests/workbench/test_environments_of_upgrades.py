"""What an environment says of a release that it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from buckler.dependencies.model import Package, Requirement
from buckler.finding.evidence import Outcome
from buckler.finding.model import DependencyFacts, Facts, Finding, Location, Severity
from buckler.prove.environment.build import Environment
from buckler.workbench.defend import package_by_package
from buckler.workbench.upgrade_ladder import flaw_changed, folder_of, installed_version
from buckler.workbench.upgrades import _as_bound


def installed(folder: Path, version: str, record: str = "") -> Path:
    info = folder / f"sample_cart-{version}.dist-info"
    info.mkdir(parents=True)
    (folder / "sample_cart").mkdir()
    if record:
        (info / "RECORD").write_text(record)
    return folder


def environment(*folders: Path) -> Environment:
    return Environment(Path("python"), "3.11.7", folders)


def test_what_the_project_has_comes_before_our_own_tools(tmp_path: Path) -> None:
    own, tools = installed(tmp_path / "own", "1.0"), installed(tmp_path / "tools", "2.0")
    assert installed_version(environment(own, tools), "Sample.Cart") == "1.0"
    assert installed_version(environment(own, tools), "other") == ""


def test_a_release_without_a_list_of_files_has_the_folder_of_its_name(tmp_path: Path) -> None:
    bare = installed(tmp_path / "bare", "1.0")
    assert folder_of(environment(bare), "sample-cart") == (bare, ["sample_cart"])
    listed = installed(tmp_path / "listed", "1.0", "cart.py,,\nsample_cart-1.0.dist-info/RECORD,,\n")
    assert folder_of(environment(listed), "sample-cart") == (listed, ["cart"])


def test_two_environments_with_one_release_say_nothing_about_the_flaw(tmp_path: Path) -> None:
    class Moved:
        name = "sample-cart"

    same = installed(tmp_path / "one", "1.0"), installed(tmp_path / "two", "1.0")
    rung = flaw_changed(Moved(), *map(environment, same))  # type: ignore[arg-type]
    assert (rung.outcome, rung.reason[:17]) == (Outcome.NOT_VERIFIED, "both environments")


def test_the_first_flaw_of_each_package_comes_before_the_second_of_any() -> None:
    def flaw(name: str, purl: str = "") -> Finding:
        facts = Facts(dependency=DependencyFacts(purl, name) if purl else None)
        return Finding(name, "", Severity.HIGH, (), Location("a", 1, 1, 1, 2), "", "", "", "", "", "", facts=facts)

    given = [flaw("a1", "pkg:pypi/a@1"), flaw("a2", "pkg:pypi/a@1"), flaw("code"), flaw("b1", "pkg:pypi/b@1")]
    assert [finding.rule for finding in package_by_package(given)] == ["a1", "code", "b1", "a2"]


@pytest.mark.parametrize(
    ("wanted", "version", "bound"),
    [
        ("", "1.3.0", "mypy>=1.3.0"),
        (">=1,<2", "1.3.0", "mypy>=1,<2,>=1.3.0"),
        (">=1", "", "mypy>=1"),
        ("", "", "mypy"),
    ],
)
def test_nothing_moves_to_an_earlier_version_for_the_sake_of_another(wanted: str, version: str, bound: str) -> None:
    line = Requirement(Package("PyPI", "mypy"), Location("typing.in", 1, 1, 1, 5), "mypy", wanted)
    assert _as_bound(line, version) == bound
