"""Packages held against advisories: what is joined, what is left out, and what nobody can say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from buckler.dependencies.advisories.database import Source, open_database, updating
from buckler.dependencies.matching import joined, vulnerabilities
from buckler.dependencies.model import (
    Advisory,
    Affected,
    Bound,
    Component,
    Event,
    Origin,
    Package,
    Requirement,
    Vulnerability,
)
from buckler.finding.model import Location, Notice, Severity


def below(fixed: str, ecosystem: str = "PyPI", name: str = "shop") -> tuple[Affected, ...]:
    return (Affected(ecosystem, name, ((Event(Bound.INTRODUCED, "0"), Event(Bound.FIXED, fixed)),)),)


GHSA = Advisory("GHSA-1", ("CVE-2030-5",), below("2.0"), severity=Severity.HIGH)
PYSEC = Advisory("PYSEC-1", ("CVE-2030-5",), below("1.5"))
OTHER = Advisory("GHSA-2", ("CVE-2030-4",), below("1.2.1"))
EVERY = Advisory("MAL-1", (), (Affected("PyPI", "shop", ((Event(Bound.INTRODUCED, "0"),),)),), malicious=True)


def component(version: str, *wanted: str, ecosystem: str = "PyPI", name: str = "shop") -> Component:
    package = Package(ecosystem, name, version)
    place = Location("requirements.txt", 1, 1, 1, 1)
    return Component(package, tuple(Requirement(package, place, "shop", one) for one in wanted or ("",)))


def match(
    tmp_path: Path, advisories: list[Advisory], *components: Component
) -> tuple[list[Vulnerability], list[Notice]]:
    path = tmp_path / "advisories.sqlite"
    with updating(path) as writer:
        writer.begin(Source("test", "here"))
        for advisory in advisories:
            writer.add(advisory)
    with open_database(path) as database:
        return vulnerabilities(components, database)


def test_advisories_with_a_common_name_are_one_vulnerability(tmp_path: Path) -> None:
    found, notices = match(tmp_path, [PYSEC, GHSA, OTHER], component("1.2"))
    assert [one.id for one in found] == ["CVE-2030-4", "CVE-2030-5"]
    assert found[1].names == ("CVE-2030-5", "GHSA-1", "PYSEC-1")
    assert found[1].fixed == ("1.5", "2.0")
    assert found[1].severity is Severity.HIGH and found[1].certain
    assert notices == []


def test_names_join_through_others_in_any_order() -> None:
    chain = [Advisory("A", ("B",)), Advisory("C", ("D",)), Advisory("X"), Advisory("E", ("B", "D"))]
    for order in (chain, chain[::-1], chain[2:] + chain[:2]):
        groups = {frozenset(one.id for one in group) for group in joined(order)}
        assert groups == {frozenset({"A", "C", "E"}), frozenset({"X"})}


def test_only_fixes_above_the_version_at_hand_are_offered(tmp_path: Path) -> None:
    two = (
        Event(Bound.INTRODUCED, "0"),
        Event(Bound.FIXED, "1.4.2"),
        Event(Bound.INTRODUCED, "2.0"),
        Event(Bound.FIXED, "2.1"),
    )
    advisory = replace(GHSA, affected=(Affected("PyPI", "shop", (two,)),))
    found, _ = match(tmp_path, [advisory], component("2.0.3"))
    assert found[0].fixed == ("2.1",)


@pytest.mark.parametrize("name", ["Shop", "SHOP", "shop"])
def test_names_are_compared_as_their_ecosystem_compares_them(tmp_path: Path, name: str) -> None:
    assert match(tmp_path, [GHSA], component("1.0", name=name))[0]
    assert not match(tmp_path, [GHSA], component("1.0", name=name, ecosystem="npm"))[0]


def test_what_was_withdrawn_is_left_out_and_said(tmp_path: Path) -> None:
    found, notices = match(tmp_path, [replace(GHSA, withdrawn="2030-02-02"), OTHER], component("1.0"))
    assert [one.id for one in found] == ["CVE-2030-4"]
    (notice,) = notices
    assert "GHSA-1" in notice.text and "withdrawn on 2030-02-02" in notice.text and not notice.partial
    assert match(tmp_path, [replace(GHSA, withdrawn="2030-02-02")], component("3.0")) == ([], [])


def test_without_a_version_only_a_range_of_which_nothing_is_safe_is_reported(tmp_path: Path) -> None:
    found, _ = match(tmp_path, [GHSA, OTHER], component("", "<1.9"))
    assert [(one.id, one.certain, one.fixed) for one in found] == [("CVE-2030-5", False, ("2.0",))]
    assert match(tmp_path, [GHSA], component("", ">=1.0"))[0] == []
    assert match(tmp_path, [GHSA], component(""))[0] == []
    assert [one.id for one in match(tmp_path, [EVERY], component(""))[0]] == ["MAL-1"]


def test_a_version_that_cannot_be_ordered_is_said_to_be_unchecked(tmp_path: Path) -> None:
    found, notices = match(tmp_path, [GHSA], component("2004d-legacy"))
    assert found == [] and len(notices) == 1 and notices[0].partial and "2004d-legacy" in notices[0].text


def test_packages_that_nothing_was_held_against_are_not_clean(tmp_path: Path) -> None:
    components = [component("1.0"), component("1.0", ecosystem="Maven"), component("2.0", ecosystem="Maven")]
    _, notices = match(tmp_path, [GHSA], *components)
    assert [(notice.text, notice.partial) for notice in notices] == [
        ("no advisory about Maven is known, so 2 packages of it could not be checked", True)
    ]


def test_a_folder_of_the_name_of_a_malicious_package_is_another_package(tmp_path: Path) -> None:
    own = component("1.0")
    own = replace(own, requirements=(replace(own.requirements[0], origin=Origin.PATH),))
    assert [one.id for one in match(tmp_path, [EVERY, GHSA], own)[0]] == ["CVE-2030-5"]
    both = replace(own, requirements=(*own.requirements, *component("1.0").requirements))
    assert [one.id for one in match(tmp_path, [EVERY], both)[0]] == ["MAL-1"]


def test_the_standard_library_of_go_is_a_package(tmp_path: Path) -> None:
    advisory = Advisory("GO-1", ("CVE-2030-9",), below("1.21.4", "Go", "stdlib"))
    found, _ = match(tmp_path, [advisory], component("1.21rc2", ecosystem="Go", name="stdlib"))
    assert [one.id for one in found] == ["CVE-2030-9"]


def test_module_paths_of_go_are_found_as_package_urls_write_them(tmp_path: Path) -> None:
    advisory = Advisory("GO-1", ("CVE-2030-9",), below("2.0.0", "Go", "example.org/Shop/Cart"))
    for name in ("example.org/Shop/Cart", "example.org/shop/cart"):
        found, _ = match(tmp_path, [advisory], component("v1.2.0", ecosystem="Go", name=name))
        assert [one.advisories[0].affected[0].name for one in found] == [name]
