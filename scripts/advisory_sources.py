"""How each public database is read: its notation into OSV's, facts only.

Example::

    from_rustsec("crates/shop/RUSTSEC-2030-0001.md", data)      # an Advisory, or None for what is none
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import yaml
from advisory_ranges import Interval, complement, intervals, joined, osv_ranges

from buckler.dependencies.advisories.osv import read_json, read_yaml
from buckler.dependencies.model import Advisory

ALL = "<=99.999.99999", "<99.999.9999", "*"
"""How the Node.js working group writes that every version is affected."""
SCORES = ((9.0, "CRITICAL"), (7.0, "HIGH"), (4.0, "MEDIUM"), (0.1, "LOW"), (0.0, "NONE"))


def from_osv(name: str, data: bytes) -> Advisory | None:
    return (read_json if name.endswith(".json") else read_yaml)(data).advisory


def from_rustsec(name: str, data: bytes) -> Advisory | None:
    """The TOML in front of the prose; what is neither patched nor unaffected is affected."""
    found = re.match(rb"\s*```toml\n(.*?)\n```", data, re.S)
    if found is None or not name.startswith("crates/"):
        return None
    table = tomllib.loads(found[1].decode())
    head, versions = table["advisory"], table["versions"]
    affected = _left("crates.io", versions.get("patched", []), versions.get("unaffected", []))
    package = _package("crates.io", head["package"], affected)
    package["ecosystem_specific"] = {"affects": {"functions": sorted(table.get("affected", {}).get("functions", {}))}}
    package["database_specific"] = {"informational": head.get("informational", "")}
    day = str(head["date"])
    withdrawn = str(head.get("withdrawn", ""))
    return _advisory(
        head["id"], head.get("aliases", []), package, day, withdrawn=withdrawn, severity=_vectors(head.get("cvss"))
    )


def from_npm(name: str, data: bytes) -> Advisory | None:
    """A range up to the last bad version ends at the first patched one, if that is known."""
    if not re.search(r"/\d+\.json$", name):
        return None
    given = json.loads(data)
    vulnerable, patched = given["vulnerable_versions"] or "*", given["patched_versions"] or ""
    affected = intervals("npm", "*" if vulnerable in ALL else vulnerable)
    fixes = [one.low for one in intervals("npm", patched) if one.low and one.low_closed]
    package = _package("npm", given["module_name"], affected, fixes)
    day, vectors = given["publish_date"] or "", _vectors(given["cvss_vector"])
    changed = given["updated_at"] or day
    return _advisory(f"NSWG-ECO-{given['id']}", given["cves"], package, day, modified=changed, severity=vectors)


def from_rubysec(name: str, data: bytes) -> Advisory | None:
    """Named after GitHub's identifier or the CVE; what stems from OSVDB has a license of its own and is left out."""
    given = yaml.load(data, yaml.CBaseLoader)  # noqa: S506 - it makes texts, lists and tables only
    names = [f"GHSA-{given['ghsa']}"] if given.get("ghsa") else []
    names += [f"CVE-{given['cve']}"] if given.get("cve") else []
    if not names or "osvdb" in given or not name.startswith("gems/"):
        return None
    affected = _left("RubyGems", given.get("patched_versions") or [], given.get("unaffected_versions") or [])
    package = _package("RubyGems", given["gem"], affected)
    score = next((float(given[field]) for field in ("cvss_v4", "cvss_v3", "cvss_v2") if field in given), None)
    word = "" if score is None else next(word for least, word in SCORES if score >= least)
    return _advisory(names[0], names[1:], package, given["date"], database_specific={"severity": word})


def from_friendsofphp(name: str, data: bytes) -> Advisory | None:
    """Branches that follow on each other are one range: the end of one is no fix if the next is affected."""
    given = yaml.load(data, yaml.CBaseLoader) if name.count("/") == 2 else {}  # noqa: S506 - as above
    kind, _, package = given.get("reference", "").partition("composer://")
    if kind or not package:
        return None
    branches = given["branches"].values()
    affected = joined("Packagist", (intervals("Packagist", ",".join(branch["versions"]))[0] for branch in branches))
    day = max((branch["time"][:10] for branch in branches if branch["time"] != "~"), default="")
    own = "PHP:" + name.removesuffix(".yaml").replace("/", ":")
    aliases = [given["cve"]] if given.get("cve", "").startswith("CVE-") else []
    return _advisory(own, aliases, _package("Packagist", package, affected), day)


def _left(ecosystem: str, *safe: list[str]) -> list[Interval]:
    """What none of the ranges holds."""
    return complement(ecosystem, [one for texts in safe for text in texts for one in intervals(ecosystem, text)])


def _package(ecosystem: str, name: str, affected: list[Interval], fixes: Iterable[str] = ()) -> dict[str, object]:
    return {"package": {"ecosystem": ecosystem, "name": name}, "ranges": osv_ranges(ecosystem, affected, fixes)}


def _vectors(vector: str | None) -> list[dict[str, str]]:
    return [{"type": "CVSS", "score": vector}] if vector else []


def _advisory(name: str, aliases: list[str], package: dict[str, object], day: str, **more: object) -> Advisory | None:
    known = {"id": name, "aliases": aliases, "published": day, "modified": day, "affected": [package]}
    return read_json(json.dumps(known | more).encode()).advisory


@dataclass(slots=True, frozen=True)
class Origin:
    """How a database is read."""

    title: str
    ecosystem: str
    repository: str
    license: str
    path: str
    reader: Callable[[str, bytes], Advisory | None]


ORIGINS = {
    "pypa": Origin("PyPA advisory database", "PyPI", "pypa/advisory-database", "CC-BY-4.0", "vulns", from_osv),
    "go": Origin("Go vulnerability database", "Go", "golang/vulndb", "CC-BY-4.0", "data/osv", from_osv),
    "rustsec": Origin(
        "RustSec advisory database", "crates.io", "rustsec/advisory-db", "CC0-1.0 AND CC-BY-4.0", "crates", from_rustsec
    ),
    "rubysec": Origin(
        "Ruby advisory database",
        "RubyGems",
        "rubysec/ruby-advisory-db",
        "public domain",
        "gems",
        from_rubysec,
    ),
    "friendsofphp": Origin(
        "FriendsOfPHP security advisories",
        "Packagist",
        "FriendsOfPHP/security-advisories",
        "Unlicense",
        ".",
        from_friendsofphp,
    ),
    "npm": Origin("Node.js security working group", "npm", "nodejs/security-wg", "MIT", "vuln/npm", from_npm),
}
