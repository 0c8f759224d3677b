"""OSV documents, good, odd and hostile: what counts, and what is named as not used."""

from __future__ import annotations

import json
import sqlite3

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.dependencies.advisories.osv import Kind, Reading, read_json, read_yaml
from buckler.dependencies.advisories.ranges import affects
from buckler.dependencies.model import Affected, Bound, Event, Symbol
from buckler.finding.model import Severity

PACKAGE = {"ecosystem": "PyPI", "name": "Shop_Cart"}
RANGE = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.10"}]}


def document(**fields: object) -> dict[str, object]:
    return {"id": "GHSA-aaaa-bbbb-cccc", "affected": [{"package": PACKAGE, "ranges": [RANGE]}], **fields}


def read(**fields: object) -> Reading:
    return read_json(json.dumps(document(**fields)).encode())


def kinds(reading: Reading) -> list[Kind]:
    return [problem.kind for problem in reading.problems]


def test_an_advisory_becomes_facts() -> None:
    reading = read(
        aliases=["CVE-2030-1", "CVE-2030-1"],
        published="2030-01-02T03:04:05Z",
        modified="2030-02-03T04:05:06.7Z",
        severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        summary="Cart trusts prices",
        references=[{"type": "WEB", "url": "https://example.org/1"}],
        database_specific={"cwe_ids": ["CWE-20", "CWE-345"], "severity": "LOW"},
    )
    advisory = reading.advisory
    assert advisory is not None and reading.problems == ()
    assert advisory.aliases == ("CVE-2030-1",)
    assert advisory.affected == (
        Affected("PyPI", "shop-cart", ((Event(Bound.INTRODUCED, "0"), Event(Bound.FIXED, "1.10")),)),
    )
    assert (advisory.published, advisory.modified, advisory.withdrawn) == ("2030-01-02", "2030-02-03", "")
    assert (advisory.severity, advisory.cwe) == (Severity.CRITICAL, (20, 345))
    assert advisory.summary == "Cart trusts prices" and advisory.links == ("https://example.org/1",)
    assert not advisory.malicious


def test_yaml_says_the_same_as_json_and_takes_no_version_for_a_number() -> None:
    text = "id: PYSEC-2030-1\naffected:\n- package: {ecosystem: PyPI, name: shop}\n  versions: [1.10, 2, 'yes']\n"
    advisory = read_yaml(text.encode()).advisory
    assert advisory is not None and advisory.affected[0].versions == ("1.10", "2", "yes")
    assert read_yaml(yaml.safe_dump(document()).encode()) == read()


@pytest.mark.parametrize(
    ("vectors", "word", "severity"),
    [
        (["CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"], "", Severity.MEDIUM),
        (["CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"], "HIGH", Severity.LOW),
        (["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"], "", Severity.CRITICAL),
        (["AV:N/AC:L/Au:N/C:P/I:P/A:P"], "", Severity.HIGH),
        (["AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"], "", Severity.LOW),
        (["CVSS:9.9/AV:N"], "MODERATE", Severity.MEDIUM),
        ([], "Important", Severity.HIGH),
        ([], "", None),
    ],
)
def test_severity_is_that_of_the_newest_vector_or_else_the_word(
    vectors: list[str], word: str, severity: Severity | None
) -> None:
    scores = [{"type": "CVSS", "score": vector} for vector in vectors]
    advisory = read(severity=scores, database_specific={"severity": word}).advisory
    assert advisory is not None and advisory.severity is severity


@pytest.mark.parametrize(
    ("specific", "ecosystem", "symbols"),
    [
        ({"imports": [{"path": "net/http", "symbols": ["Serve"]}, {"path": "os"}]}, "Go", [("net/http", "Serve"), ("os", "")]),
        ({"affects": {"functions": ["shop::cart::Cart::add", "shop::pay"]}}, "crates.io", [("shop::cart", "Cart::add"), ("shop", "pay")]),
        ({"affected_functions": ["(shop.cart).Cart.add", "shop.pay", "all of it, really"]}, "PyPI", [("shop.cart", "Cart.add"), ("shop", "pay")]),
        ({"imports": [{"path": 7}, "x"], "affects": ["y"], "affected_functions": {}}, "Go", []),
    ],
)  # fmt: skip
def test_vulnerable_functions_are_found_where_each_database_puts_them(
    specific: object, ecosystem: str, symbols: list[tuple[str, str]]
) -> None:
    affected = {"package": {"ecosystem": ecosystem, "name": "shop"}, "ranges": [RANGE], "ecosystem_specific": specific}
    advisory = read(affected=[affected]).advisory
    assert advisory is not None
    assert advisory.affected[0].symbols == tuple(Symbol(*symbol) for symbol in symbols)


@pytest.mark.parametrize(
    ("affected", "kind", "detail"),
    [
        ({"package": {"ecosystem": "Atlantis", "name": "x"}, "ranges": [RANGE]}, Kind.ECOSYSTEM, "Atlantis"),
        ({"package": PACKAGE, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"fixed": "1"}]}]}, Kind.RANGE, "ends before it begins"),
        ({"package": PACKAGE, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "soon"}]}]}, Kind.RANGE, "'soon'"),
        ({"package": PACKAGE, "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, Kind.COMMITS, "Shop_Cart"),
        ({"package": PACKAGE}, Kind.NOTHING, "Shop_Cart"),
        ({"package": "x"}, Kind.WRONG_TYPE, "affected"),
        ({"package": PACKAGE, "versions": [1.5]}, Kind.WRONG_TYPE, "affected"),
    ],
)  # fmt: skip
def test_a_part_that_cannot_be_used_is_named_and_the_rest_counts(affected: object, kind: Kind, detail: str) -> None:
    good = {"package": {"ecosystem": "npm", "name": "@shop/cart"}, "versions": ["1.0.0"]}
    reading = read(affected=[affected, good])
    assert reading.advisory is not None
    assert [one.name for one in reading.advisory.affected] == ["@shop/cart"]
    assert kinds(reading) == [kind] and detail in reading.problems[0].detail


def test_a_range_that_ends_before_it_begins_is_named_and_still_means_what_the_schema_says() -> None:
    range_ = {"type": "ECOSYSTEM", "events": [{"introduced": "2"}, {"fixed": "1"}]}
    reading = read(affected=[{"package": PACKAGE, "ranges": [range_]}])
    assert kinds(reading) == [Kind.RANGE]
    assert reading.advisory is not None and affects(reading.advisory.affected[0], "2.5")


def test_a_field_of_the_wrong_type_that_says_nothing_of_versions_does_no_harm() -> None:
    reading = read(
        severity="high", references=[{"url": 5}, {"url": "https://example.org"}], withdrawn=None, summary=["x"]
    )
    assert reading.advisory is not None and reading.advisory.affected
    assert reading.advisory.links == ("https://example.org",)
    assert kinds(reading) == [Kind.WRONG_TYPE] * 3


def test_withdrawn_and_malicious_are_marked() -> None:
    assert (advisory := read(withdrawn="2030-03-04T00:00:00Z").advisory) is not None
    assert advisory.withdrawn == "2030-03-04"
    assert (advisory := read(withdrawn="once").advisory) is not None and advisory.withdrawn
    assert (advisory := read(id="MAL-2030-1").advisory) is not None and advisory.malicious


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"id": [5]}',
        b'{"id": "../../etc"}',
        b"\xff\xfe",
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"id": ""}',
    ],
)
def test_what_is_no_advisory_is_said_to_be_none(data: bytes) -> None:
    for reading in (read_json(data), read_yaml(data)):
        assert reading.advisory is None and kinds(reading) == [Kind.NOT_OSV]


def test_aliases_that_stand_for_billions_of_values_are_not_written_out() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    ]
    reading = read_yaml("\n".join(lines).encode())
    assert reading.advisory is None and "aliases" in reading.problems[0].detail


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["PyPI", "0", "1.0", "GIT"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["package", "ecosystem", "name", "ranges", "type", "events", "introduced", "fixed", "imports", "path", "symbols", "score", "url"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip
FIELDS = st.sampled_from([
    "affected", "aliases", "published", "modified", "withdrawn", "summary", "details", "severity", "references", "database_specific",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(FIELDS, VALUES, max_size=5), st.booleans())
def test_no_shape_of_a_document_raises(fields: dict[str, object], as_yaml: bool) -> None:
    written = json.dumps(document(**fields)).encode()
    reading = (read_yaml if as_yaml else read_json)(written)
    assert reading.advisory is not None or reading.problems


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    for reading in (read_json(data), read_yaml(data)):
        assert reading.advisory is not None or reading.problems


def test_half_a_character_is_not_passed_on() -> None:
    reading = read_json(
        b'{"id": "X-1", "affected": [{"package": {"ecosystem": "npm", "name": "\\ud800"}, "versions": ["1"]}]}'
    )
    for one in reading.advisory.affected if reading.advisory else ():
        sqlite3.connect(":memory:").execute("SELECT ?", (one.name,))
