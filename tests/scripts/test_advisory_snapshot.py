"""Facts of databases that have a notation of their own become OSV, and mean the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from advisory_ranges import intervals, osv_ranges
from advisory_snapshot import facts, merged
from advisory_sources import from_friendsofphp, from_npm, from_osv, from_rubysec, from_rustsec

from buckler.dependencies.advisories.ranges import affects
from buckler.finding.model import Severity

RUSTSEC = """```toml
[advisory]
id = "RUSTSEC-2030-0001"
package = "shop"
date = "2030-01-02"
aliases = ["CVE-2030-1"]
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

[affected.functions]
"shop::cart::Cart::add" = ["< 2.0.0"]

[versions]
patched = [">= 1.8.4, < 1.9.0", "^1.10.3", "> 2.0.0"]
unaffected = ["< 0.1.14"]
```

# Words that are left out
"""


def test_what_rustsec_calls_neither_patched_nor_unaffected_is_affected() -> None:
    advisory = from_rustsec("crates/shop/RUSTSEC-2030-0001.md", RUSTSEC.encode())
    assert advisory is not None and advisory.severity is Severity.CRITICAL
    (affected,) = advisory.affected
    assert [v for v in ["0.1.14", "1.8.3", "1.9.0", "1.10.2", "2.0.0"] if not affects(affected, v)] == []
    assert [v for v in ["0.1.13", "1.8.4", "1.8.9", "1.10.3", "1.99.0", "2.0.1", "3.0.0"] if affects(affected, v)] == []
    assert [(symbol.module, symbol.name) for symbol in affected.symbols] == [("shop::cart", "Cart::add")]


@pytest.mark.parametrize(
    ("vulnerable", "patched", "inside", "outside", "fixed"),
    [
        ("<=2.1.1", ">=3.0.0", "0.1.0 2.1.1", "3.0.0", ["3.0.0"]),
        ("<=2.1.1", None, "2.1.1", "2.1.2", []),
        ("<=99.999.99999", "<0.0.0", "1.0.0 200.0.0", "", []),
        (">=1.0.0 <1.3.2 || =2.0.0", ">=2.0.1", "1.0.0 1.3.1 2.0.0", "0.9.0 1.3.2 2.0.1", ["1.3.2"]),
        (">2.51.0 <=2.67.0", ">=2.68.0", "2.51.1 2.67.0", "2.51.0 2.68.0", ["2.68.0"]),
        ("~1.2.3", "1.x", "1.2.3 1.2.9", "1.2.2 1.3.0", ["1.3.0"]),
    ],
)
def test_ranges_of_npm_mean_the_same_in_osv(
    vulnerable: str, patched: str | None, inside: str, outside: str, fixed: list[str]
) -> None:
    given = {
        "id": 7, "module_name": "shop", "cves": ["CVE-2030-2"], "vulnerable_versions": vulnerable,
        "patched_versions": patched, "publish_date": "2030-01-01", "updated_at": None, "cvss_vector": None,
    }  # fmt: skip
    advisory = from_npm("vuln/npm/7.json", json.dumps(given).encode())
    assert advisory is not None and advisory.id == "NSWG-ECO-7"
    (affected,) = advisory.affected
    assert [v for v in inside.split() if not affects(affected, v)] == []
    assert [v for v in outside.split() if affects(affected, v)] == []
    events = [event for range_ in affected.ranges for event in range_]
    assert [event.version for event in events if event.bound.value == "fixed"] == fixed


RUBYSEC = """gem: shop
cve: 2030-3
ghsa: aaaa-bbbb-cccc
date: 2030-01-02
cvss_v3: 7.5
unaffected_versions: ["< 4.0.0"]
patched_versions: ["~> 5.2.4, >= 5.2.4.3", ">= 6.0.3.1"]
"""
PHP = """cve: CVE-2030-4
branches:
    2.0.x: {time: 2030-01-02 00:00:00, versions: ['>=2.0.0', '<2.1.0']}
    2.1.x: {time: 2030-01-03 00:00:00, versions: ['>=2.1.0', '<2.1.9']}
    3.0.x: {time: ~, versions: ['>=3.0.0', '<3.0.2']}
reference: composer://shop/cart
"""


def test_what_rubysec_calls_neither_patched_nor_unaffected_is_affected() -> None:
    advisory = from_rubysec("gems/shop/CVE-2030-3.yml", RUBYSEC.encode())
    assert advisory is not None and (advisory.id, advisory.aliases) == ("GHSA-aaaa-bbbb-cccc", ("CVE-2030-3",))
    assert advisory.severity is Severity.HIGH
    (affected,) = advisory.affected
    assert [v for v in ["4.0.0", "5.2.4.2", "5.3.0", "6.0.3"] if not affects(affected, v)] == []
    assert [v for v in ["3.9", "5.2.4.3", "5.2.9", "6.0.3.1"] if affects(affected, v)] == []


def test_what_has_a_license_of_its_own_is_left_out() -> None:
    assert from_rubysec("gems/shop/CVE-2030-3.yml", f"osvdb: 7\n{RUBYSEC}".encode()) is None


def test_branches_that_follow_on_each_other_are_one_range() -> None:
    advisory = from_friendsofphp("shop/cart/CVE-2030-4.yaml", PHP.encode())
    assert advisory is not None and advisory.id == "PHP:shop:cart:CVE-2030-4"
    assert (advisory.aliases, advisory.published) == (("CVE-2030-4",), "2030-01-03")
    (affected,) = advisory.affected
    assert [[event.version for event in range_] for range_ in affected.ranges] == [
        ["2.0.0", "2.1.9"],
        ["3.0.0", "3.0.2"],
    ]


def test_files_about_packages_of_one_advisory_become_one() -> None:
    first = from_rubysec("gems/shop/CVE-2030-3.yml", RUBYSEC.encode())
    other = from_rubysec("gems/cart/CVE-2030-3.yml", RUBYSEC.replace("gem: shop", "gem: cart").encode())
    assert first is not None and other is not None
    (both,) = merged([first, other])
    assert [one.name for one in both.affected] == ["shop", "cart"]


def test_a_range_that_is_not_understood_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="about"):
        osv_ranges("npm", intervals("npm", "about 2"))


def test_no_prose_is_left_and_no_version_that_a_range_covers() -> None:
    written = json.dumps({
        "id": "PYSEC-2030-1", "summary": "A sentence", "details": "A long story", "references": [{"url": "https://example.org"}],
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "Shop"}, "versions": ["1.0", "1.1", "3.0-legacy"],
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }],
    })  # fmt: skip
    advisory = from_osv("a.json", written.encode())
    assert advisory is not None
    kept = json.loads(facts(advisory))
    assert kept.keys() == {"id", "affected", "modified"}
    assert kept["affected"][0]["versions"] == ["1.1", "3.0-legacy"]
