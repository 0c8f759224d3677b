"""Which versions an advisory means, and which ranges can mean none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.dependencies.advisories.ranges import affects, impossible, spans
from buckler.dependencies.advisories.wanted import allowed, covered
from buckler.dependencies.model import Affected, Bound, Event


def events(text: str) -> tuple[Event, ...]:
    """`introduced 0 fixed 1.2` as events."""
    words = iter(text.split())
    return tuple(Event(Bound(word), next(words)) for word in words)


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [
        ("introduced 0 fixed 1.2.3", "0.0.0-0 0.1.0 1.2.3-beta 1.2.2", "1.2.3 2.0.0"),
        ("introduced 1.0.0", "1.0.0 99.0.0", "0.9.9 1.0.0-rc.1"),
        ("introduced 1.0.0 last_affected 1.4.0", "1.0.0 1.4.0", "0.1.0 1.4.1"),
        ("introduced 1.0.0 last_affected 1.0.0", "1.0.0", "0.9.9 1.0.1"),
        (
            "fixed 2.3.0 introduced 2.0.0 fixed 1.5.0 introduced 1.0.0",
            "1.0.0 1.4.9 2.0.0 2.2.9",
            "0.9.0 1.5.0 1.9.9 2.3.0",
        ),
        ("introduced 0 introduced 1.0.0 fixed 2.0.0", "0.5.0 1.5.0", "2.0.0"),
        ("introduced 1.0.0 limit 2.0.0", "1.0.0 1.9.9", "2.0.0 3.0.0"),
        ("introduced 1.0.0 limit *", "3.0.0", "0.1.0"),
        ("introduced 0 fixed 1.0.0 introduced 1.0.0 fixed 2.0.0", "0.9.0 1.0.0 1.9.0", "2.0.0"),
    ],
)
def test_a_range_holds_what_the_schema_says(range_: str, inside: str, outside: str) -> None:
    affected = Affected("npm", "x", (events(range_),))
    assert [v for v in inside.split() if not affects(affected, v)] == []
    assert [v for v in outside.split() if affects(affected, v)] == []
    assert impossible("npm", events(range_)) == ""


@pytest.mark.parametrize(
    ("range_", "reason"),
    [
        ("introduced 2.0.0 fixed 1.0.0", "ends before it begins"),
        ("introduced 2.0.0 last_affected 1.0.0", "ends before it begins"),
        ("introduced 1.0.0 fixed 1.0.0", "ends before it begins"),
        ("fixed 1.0.0", "without 'introduced'"),
        ("", "without 'introduced'"),
        ("introduced 0 fixed soon", "'soon' is no version of npm"),
    ],
)
def test_an_impossible_range_has_a_reason(range_: str, reason: str) -> None:
    assert reason in impossible("npm", events(range_))


def test_listed_versions_count_however_they_are_written() -> None:
    affected = Affected("PyPI", "x", versions=("1.0", "2004d-legacy"))
    assert affects(affected, "1.0.0")
    assert affects(affected, "2004d-legacy")
    assert not affects(affected, "2004e-legacy")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(range(8))), max_size=6),
    st.sampled_from([Bound.FIXED, Bound.LAST_AFFECTED]),
)
def test_spans_agree_with_the_algorithm_of_the_schema(ends: list[tuple[bool, int]], end: Bound) -> None:
    given = tuple(Event(end if ends else Bound.INTRODUCED, f"1.{minor}.0") for ends, minor in ends)
    for minor in range(9):
        vulnerable = False
        for event in sorted(given, key=lambda event: event.version):
            at = int(event.version.split(".")[1])
            if event.bound is Bound.INTRODUCED and minor >= at:
                vulnerable = True
            elif (event.bound is Bound.FIXED and minor >= at) or (event.bound is Bound.LAST_AFFECTED and minor > at):
                vulnerable = False
        assert affects(Affected("npm", "x", (given,)), f"1.{minor}.0") is vulnerable, (given, minor)


@pytest.mark.parametrize(
    ("ecosystem", "wanted", "range_", "answer"),
    [
        ("PyPI", "<0.12", "introduced 0 fixed 0.12.3", True),
        ("PyPI", "<=0.12.3", "introduced 0 fixed 0.12.3", False),
        ("PyPI", ">=1.0,<2.0", "introduced 0 fixed 2.0", True),
        ("PyPI", ">=1.0", "introduced 0 fixed 2.0", False),
        ("PyPI", "~=1.4.2", "introduced 1.4 fixed 1.5", True),
        ("PyPI", "~=1.4", "introduced 1.4 fixed 1.5", False),
        ("PyPI", "==1.4.*", "introduced 1.4.dev0 fixed 1.5.dev0", True),
        ("PyPI", "==1.4.2", "introduced 1.4.2 last_affected 1.4.2", True),
        ("PyPI", "!=1.4.2", "introduced 0 fixed 3", False),
        ("PyPI", "", "introduced 0", True),
        ("PyPI", "", "introduced 0 fixed 2", False),
        ("PyPI", "@ nonsense", "introduced 0 fixed 2", False),
        ("npm", "^1.2.3", "introduced 1.0.0 fixed 2.0.0", True),
        ("npm", "^1.2.3", "introduced 1.0.0 fixed 1.9.0", False),
        ("npm", "^0.2.3", "introduced 0 fixed 0.3.0", True),
        ("npm", "^0.0.3", "introduced 0 fixed 0.0.4", True),
        ("npm", "~1.2.3", "introduced 1.2.0 fixed 1.3.0", True),
        ("npm", "~1", "introduced 1.0.0 fixed 2.0.0", True),
        ("npm", "1.x || 2.x", "introduced 1.0.0 fixed 3.0.0", True),
        ("npm", "1.x || 4.x", "introduced 1.0.0 fixed 3.0.0", False),
        ("npm", "1.2.3 - 1.4", "introduced 1.2.3 fixed 1.5.0", True),
        ("npm", "1.2.3-rc.1 - 1.4.0", "introduced 1.2.3 fixed 1.5.0", False),
        ("npm", ">=1.2.3 <1.4.0", "introduced 1.2.3 fixed 1.4.0", True),
        ("npm", "*", "introduced 0 fixed 1.4.0", False),
        ("npm", "latest", "introduced 0 fixed 1.4.0", False),
        ("crates.io", "1.2", "introduced 1.0.0 fixed 2.0.0", True),
        ("crates.io", "=1.2.3", "introduced 1.2.3 fixed 1.2.4", True),
        ("crates.io", ">=1.2, <1.5", "introduced 1.2.0 fixed 1.5.0", True),
        ("RubyGems", "~> 1.2", "introduced 1.2 fixed 2", True),
        ("RubyGems", "~> 1.2.3", "introduced 1.2.3 fixed 1.3", True),
        ("Packagist", "^1.2|^2.0", "introduced 1.0 fixed 3.0", True),
        ("Packagist", "~1.2", "introduced 1.2 fixed 2.0", True),
        ("Maven", "[1.0,2.0)", "introduced 1.0 fixed 2.0", True),
        ("Maven", "[1.0,2.0],[3.0]", "introduced 1.0 fixed 3.1", True),
        ("Maven", "1.0", "introduced 0 fixed 2.0", False),
        ("NuGet", "[1.0, 2.0)", "introduced 1.0 fixed 2.0", True),
        ("NuGet", "1.0", "introduced 1.0 fixed 2.0", False),
    ],
)
def test_a_range_is_vulnerable_if_no_version_it_allows_is_safe(
    ecosystem: str, wanted: str, range_: str, answer: bool
) -> None:
    assert covered(allowed(ecosystem, wanted), spans(ecosystem, events(range_))) is answer


@settings(deadline=None)
@given(
    st.sampled_from(["PyPI", "npm", "Maven", "RubyGems", "Packagist", "NuGet", "crates.io", "Go"]), st.text(max_size=40)
)
def test_no_range_in_a_manifest_raises(ecosystem: str, wanted: str) -> None:
    assert allowed(ecosystem, wanted)


@settings(deadline=None)
@given(
    st.sampled_from(["npm", "crates.io", "RubyGems", "Packagist"]),
    st.text("0123456789.x*^~<>=| -,v", max_size=30),
)
def test_no_range_of_comparators_raises(ecosystem: str, wanted: str) -> None:
    assert allowed(ecosystem, wanted)
