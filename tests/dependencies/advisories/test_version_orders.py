"""How versions are ordered: against `packaging`, and against examples in the order that each ecosystem gives them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.version import Version

from buckler.dependencies.advisories.versions import ORDERS, ascending, key, listed

ASCENDING = {
    "PyPI": "1.0.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0.post1 1.1 1.10 2.0 1!0.5",
    "npm": "0.0.0-0 0.9.9 1.0.0-1 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 "
    "1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1-0 1.0.1 1.2.0 1.10.0 2.0.0",
    "crates.io": "0.1.0-alpha.1 0.1.0-alpha.10 0.1.0 0.1.1 1.0.0-rc.1 1.0.0",
    "Go": "v0.0.0-20190101000000-aaaaaaaaaaaa v0.0.0-20200101000000-000000000000 v0.1.0 v1.2.3-pre "
    "v1.2.4-0.20200101000000-abcdefabcdef v1.2.4 v1.21.0-0 go1.21rc1 go1.21rc2 1.21.0 go1.21.1 v2.0.0+incompatible",
    "Maven": "1-alpha-1 1-alpha-2 1-beta 1-b2 1-milestone-1 1-m2 1-rc1 1-cr2 1-snapshot 1 1-sp 1-sp2 1-foo 1-xyz 1-1 1-2 "
    "1.0.1 1.1-rc1 1.1 1.1.1 1.2 1.10 2.0.0.alpha1 2.0.0.Beta1 2.0.0 2.0.0-jre",
    "NuGet": "1.0.0-alpha 1.0.0-ALPHA.1 1.0.0-beta 1.0.0 1.0.0.1 1.0.1 1.10.0",
    "RubyGems": "0.9 1.0.0.alpha 1.0.0.alpha.1 1.0.0.beta 1.0.0.rc1 1.0.0.rc2 1.0 1.0.0.1 1.0.1 1.2 1.10 2.0.0-x86 2.0",
    "Packagist": "1.0-dev 1.0-alpha 1.0-alpha2 1.0-beta1 1.0-RC1 v1.0 1.0-patch1 1.0.0.1 1.0.1 1.10 2019.05.01",
}
SAME = [
    ("PyPI", "1.0", "v1.0.0"),
    ("PyPI", "2.0", "2.0.0+cu118"),
    ("npm", "1.0.0", "v1.0.0+build.5"),
    ("npm", "1", "1.0.0"),
    ("Go", "v1.2.0", "1.2.0+incompatible"),
    ("Go", "go1.21rc2", "1.21.0-rc.2"),
    ("Maven", "1", "1.0.0-final"),
    ("Maven", "1-a1", "1-alpha-1"),
    ("Maven", "1.0.Final", "1"),
    ("Maven", "1.RC1", "1-rc-1"),
    ("NuGet", "1.0.0-Beta", "1.0-beta"),
    ("RubyGems", "1.0", "1"),
    ("RubyGems", "1.0.0.a", "1.a"),
    ("Packagist", "v1.0", "1.0.0"),
    ("Packagist", "1.0b1", "1.0-beta1"),
]
TEXTS = st.text("0123456789abrcvx.-+_!~ \u0663", max_size=24)
PEP440 = st.from_regex(
    r"\A(?:[0-9]!)?[0-9]{1,3}(?:\.[0-9]{1,2}){0,3}(?:(?:a|b|rc)[0-9])?(?:\.post[0-9])?(?:\.dev[0-9])?\Z"
)


@pytest.mark.parametrize("ecosystem", ASCENDING)
def test_the_order_is_that_of_the_ecosystem(ecosystem: str) -> None:
    versions = ASCENDING[ecosystem].split()
    for lower, higher in pairwise(versions):
        low, high = key(ecosystem, lower), key(ecosystem, higher)
        assert low is not None and high is not None, (lower, higher)
        assert low < high, (lower, higher)
    assert list(ascending(ecosystem, reversed(versions))) == versions


@pytest.mark.parametrize(("ecosystem", "one", "other"), SAME)
def test_one_version_may_be_written_in_several_ways(ecosystem: str, one: str, other: str) -> None:
    assert key(ecosystem, one) == key(ecosystem, other) is not None
    assert listed(ecosystem, one, ["0.0.1", other])


@pytest.mark.parametrize(
    ("ecosystem", "text"),
    [
        ("PyPI", "2019-09-12"),
        ("npm", "latest"),
        ("Go", "master"),
        ("Packagist", "dev-main"),
        ("Maven", ""),
        ("npm", ""),
    ],
)
def test_what_is_no_version_has_no_place(ecosystem: str, text: str) -> None:
    assert key(ecosystem, text) is None


@settings(deadline=None)
@given(PEP440, PEP440)
def test_python_versions_compare_as_packaging_compares_them(one: str, other: str) -> None:
    first, second = key("PyPI", one), key("PyPI", other)
    assert first is not None and second is not None
    assert (first < second, first == second) == (Version(one) < Version(other), Version(one) == Version(other))


@settings(deadline=None)
@given(st.sampled_from(sorted(ORDERS)), st.lists(TEXTS, min_size=3, max_size=3))
@example("Maven", ["1-alpha", "1.sp", "1"])
@example("RubyGems", ["1.a.0.b", "1.a", "1.a.0.1"])
def test_the_order_is_total(ecosystem: str, texts: list[str]) -> None:
    keys = sorted(k for text in texts if (k := key(ecosystem, text)) is not None)
    for at, low in enumerate(keys):
        assert all(low <= high and not high < low for high in keys[at:])


@settings(deadline=None)
@given(st.sampled_from(sorted(ORDERS)), st.text(max_size=300))
def test_no_text_raises(ecosystem: str, text: str) -> None:
    found = key(ecosystem, text)
    if ecosystem == "PyPI" and found is not None:
        Version(text)


def test_a_number_of_thousands_of_digits_is_no_version() -> None:
    assert all(key(ecosystem, "9" * 5000) is None for ecosystem in ORDERS)
