"""Write the facts that ship with Buckler: one archive in OSV's format for each public database, without its prose.

    python scripts/advisory_snapshot.py pypa=REPOSITORY go=REPOSITORY rustsec=REPOSITORY npm=REPOSITORY

Each repository is a git copy (bare or not) of the database; its newest commit is read. Kept are identifiers, ranges,
dates, scores, weaknesses and names of functions. Versions that a range covers anyway are left out. RustSec writes TOML
and the Node.js working group ranges as npm does; both become OSV here.
"""

from __future__ import annotations

import io
import json
import lzma
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from npm_ranges import complement, intervals, osv_ranges

from buckler.dependencies.advisories.osv import NO_DAY, read_json, read_yaml
from buckler.dependencies.advisories.ranges import affects
from buckler.dependencies.advisories.snapshot import FOLDER, SOURCES, ShippedSource
from buckler.dependencies.model import Advisory, Affected

ALL = "<=99.999.99999", "<99.999.9999", "*"
"""How the Node.js working group writes that every version is affected."""


def from_osv(name: str, data: bytes) -> Advisory | None:
    return (read_json if name.endswith(".json") else read_yaml)(data).advisory


def from_rustsec(name: str, data: bytes) -> Advisory | None:
    """The TOML in front of the prose; what is neither patched nor unaffected is affected."""
    found = re.match(rb"\s*```toml\n(.*?)\n```", data, re.S)
    if found is None or not name.startswith("crates/"):
        return None
    table = tomllib.loads(found[1].decode())
    head, versions = table["advisory"], table["versions"]
    safe = [
        one
        for text in versions.get("patched", []) + versions.get("unaffected", [])
        for one in intervals("crates.io", text)
    ]
    affected = {
        "package": {"ecosystem": "crates.io", "name": head["package"]},
        "ranges": osv_ranges("crates.io", complement("crates.io", safe)),
        "ecosystem_specific": {"affects": {"functions": sorted(table.get("affected", {}).get("functions", {}))}},
        "database_specific": {"informational": head.get("informational", "")},
    }
    return read_json(json.dumps({
        "id": head["id"], "aliases": head.get("aliases", []), "affected": [affected],
        "published": str(head["date"]), "modified": str(head["date"]), "withdrawn": str(head.get("withdrawn", "")),
        "severity": [{"type": "CVSS", "score": head["cvss"]}] if "cvss" in head else [],
    }).encode()).advisory  # fmt: skip


def from_npm(name: str, data: bytes) -> Advisory | None:
    """A range up to the last bad version ends at the first patched one, if that is known."""
    if not re.search(r"/\d+\.json$", name):
        return None
    given = json.loads(data)
    vulnerable, patched = given["vulnerable_versions"] or "*", given["patched_versions"] or ""
    affected = intervals("npm", "*" if vulnerable in ALL else vulnerable)
    fixes = [one.low for one in intervals("npm", patched) if one.low and one.low_closed]
    package = {"ecosystem": "npm", "name": given["module_name"]}
    return read_json(json.dumps({
        "id": f"NSWG-ECO-{given['id']}", "aliases": given["cves"], "published": given["publish_date"] or "",
        "modified": given["updated_at"] or "",
        "affected": [{"package": package, "ranges": osv_ranges("npm", affected, fixes)}],
        "severity": [{"type": "CVSS", "score": given["cvss_vector"]}] if given["cvss_vector"] else [],
    }).encode()).advisory  # fmt: skip


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
    "npm": Origin("Node.js security working group", "npm", "nodejs/security-wg", "MIT", "vuln/npm", from_npm),
}


def git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True).stdout  # noqa: S607


def members(repository: Path, path: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(git(repository, "archive", "HEAD", path))) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is not None:
                yield member.name, stream.read()


def without_covered(affected: Affected) -> Affected:
    ranges = replace(affected, versions=())
    return replace(affected, versions=tuple(v for v in affected.versions if not affects(ranges, v)))


def facts(advisory: Advisory) -> bytes:
    """The advisory in OSV's format, without a word of prose."""
    written = {
        "id": advisory.id,
        "aliases": advisory.aliases,
        "published": _moment(advisory.published),
        "modified": _moment(advisory.modified or NO_DAY),
        "withdrawn": _moment(advisory.withdrawn),
        "affected": [_affected(without_covered(one)) for one in advisory.affected],
        "severity": [{"type": "CVSS", "score": vector} for vector in advisory.vectors],
        "database_specific": {
            "severity": advisory.severity.name if advisory.severity is not None and not advisory.vectors else "",
            "cwe_ids": [f"CWE-{number}" for number in advisory.cwe],
        },
    }
    return json.dumps(_filled(written), separators=(",", ":"), sort_keys=True).encode()


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z" if day else ""


def _affected(affected: Affected) -> dict[str, object]:
    ranges = (
        {"type": "ECOSYSTEM", "events": [{e.bound.value: e.version} for e in events]} for events in affected.ranges
    )
    paths = dict.fromkeys(symbol.module for symbol in affected.symbols)
    return {
        "package": {"ecosystem": affected.ecosystem, "name": affected.name},
        "ranges": list(ranges),
        "versions": affected.versions,
        "ecosystem_specific": {"imports": [{"path": path, "symbols": _names(affected, path)} for path in paths]},
    }


def _names(affected: Affected, path: str) -> list[str]:
    """The vulnerable names in a module; none where all of it is vulnerable."""
    names = [symbol.name for symbol in affected.symbols if symbol.module == path]
    return names if all(names) else []


def _filled(value: object) -> object:
    """Without what is empty."""
    if isinstance(value, dict):
        return {name: kept for name, item in value.items() if (kept := _filled(item))}
    return [_filled(item) for item in value] if isinstance(value, list | tuple) else value


def write_archive(path: Path, advisories: list[Advisory]) -> None:
    """The same bytes for the same facts; those about one package lie together, which packs best."""
    with (
        lzma.open(path, "wb", preset=9 | lzma.PRESET_EXTREME) as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):
        for advisory in sorted(advisories, key=lambda one: (one.affected[0].name, one.id)):
            data = facts(advisory)
            member = tarfile.TarInfo(f"{advisory.id}.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def take(name: str, repository: Path) -> ShippedSource:
    origin = ORIGINS[name]
    found = [origin.reader(*member) for member in members(repository, origin.path)]
    advisories = [advisory for advisory in found if advisory is not None and advisory.affected]
    write_archive(FOLDER / f"{name}.tar.xz", advisories)
    revision, day = git(repository, "log", "-1", "--format=%H %cs").decode().split()
    print(
        f"{name}: {len(advisories)} of {len(found)} files, {(FOLDER / f'{name}.tar.xz').stat().st_size:,} bytes, {day}"
    )
    return ShippedSource(
        name, origin.title, origin.ecosystem, f"https://github.com/{origin.repository}", revision, day, origin.license
    )


def main() -> None:
    taken = [take(name, Path(repository)) for name, _, repository in (given.partition("=") for given in sys.argv[1:])]
    SOURCES.write_text(json.dumps([msgspec.structs.asdict(source) for source in taken], indent=1) + "\n")


if __name__ == "__main__":
    main()
