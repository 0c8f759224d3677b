"""Facts of databases that have a notation of their own become OSV, and mean the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from advisory_snapshot import facts, from_npm, from_osv, from_rustsec
from npm_ranges import intervals, osv_ranges

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
