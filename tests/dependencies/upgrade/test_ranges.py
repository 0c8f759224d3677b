"""Ranges are changed as little as lets the version in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from buckler.dependencies.upgrade.ranges import raised


@pytest.mark.parametrize(
    ("wanted", "version", "after"),
    [
        ("==2.10", "2.10.1", "==2.10.1"),
        ("== 2.10", "2.10.1", "== 2.10.1"),
        ("===2.10", "2.10.1", "===2.10.1"),
        (">=2,<3", "3.1.6", ">=3.1.6,<4"),
        (">=2, <3.0.0", "3.1.6", ">=3.1.6, <4.0.0"),
        (">=2.10,<2.11", "3.1.6", ">=3.1.6,<3.2"),
        (">=2,<4", "3.1.6", ">=3.1.6,<4"),
        (">=2,!=2.9,<=2.10", "3.1.6", ">=3.1.6,!=2.9,<=3.1.6"),
        ("~=2.10", "3.1.6", "~=3.1.6"),
        ("==2.*", "3.1.6", "==3.*"),
        ("^4.17.15", "4.17.21", "^4.17.21"),
        ("~1.2.0", "1.2.6", "~1.2.6"),
        ("1.2.0", "1.2.6", "1.2.6"),
        ("1.x", "2.3.4", "2.x"),
        ("v0.3.7", "0.3.8", "v0.3.8"),
        ("v0.3.7", "v0.3.8", "v0.3.8"),
        ("~> 2.1", "2.1.4", "~> 2.1.4"),
        (">= 1.0 < 2.0", "2.4.0", ">= 2.4.0 < 3.0"),
        ("*", "2.0", "*"),
        ("", "2.0", ""),
    ],
)  # fmt: skip
def test_the_authors_way_of_writing_stays(wanted: str, version: str, after: str) -> None:
    assert raised(wanted, version) == after


@pytest.mark.parametrize("wanted", ["latest", "^1.2 || ^2.0", "file:../x", "workspace:*"])
def test_what_is_no_range_is_left_to_people(wanted: str) -> None:
    assert raised(wanted, "2.0.0") is None


numbers = st.lists(st.integers(0, 30), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))


@given(numbers, numbers, st.sampled_from(["==", ">=", "<", "<=", "~=", "<,>="]), numbers)
def test_the_version_is_allowed_afterwards_and_what_was_before_it_is_not(
    low: str, high: str, operator: str, version: str
) -> None:
    if operator == "~=" and "." not in low:
        low += ".0"
    if operator == "~=" and "." not in version:
        version += ".0"
    text = f">={low},<{high}" if operator == "<,>=" else f"{operator}{low}"
    after = raised(text, version)
    assert after is not None
    allowed = SpecifierSet(after)
    if not (">=" in operator and Version(low) > Version(version)):
        assert allowed.contains(version), (text, version, after)
