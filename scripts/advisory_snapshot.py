"""Write the facts that ship with Buckler: one archive in OSV's format for each public database, without its prose.

    python scripts/advisory_snapshot.py pypa=REPOSITORY go=REPOSITORY rustsec=REPOSITORY …

Each repository is a git copy (bare or not) of a database in `advisory_sources.ORIGINS`; its newest commit is read. Kept
are identifiers, ranges, dates, scores, weaknesses and names of functions. Versions that a range covers anyway are left
out.
"""

from __future__ import annotations

import io
import json
import lzma
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
from advisory_sources import ORIGINS

from buckler.dependencies.advisories.osv import NO_DAY
from buckler.dependencies.advisories.ranges import affects
from buckler.dependencies.advisories.snapshot import FOLDER, SOURCES, ShippedSource
from buckler.dependencies.model import Advisory, Affected


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


def merged(advisories: Iterable[Advisory]) -> list[Advisory]:
    """One for each identifier: some databases have a file for each package."""
    known: dict[str, Advisory] = {}
    for new in advisories:
        old = known.get(new.id, new)
        if old is not new:
            parts = tuple(dict.fromkeys((*old.affected, *new.affected)))
            new = replace(old, affected=parts, modified=max(old.modified, new.modified))
        known[new.id] = new
    return list(known.values())


def take(name: str, repository: Path) -> ShippedSource:
    origin = ORIGINS[name]
    found = [origin.reader(*member) for member in members(repository, origin.path)]
    advisories = merged(advisory for advisory in found if advisory is not None and advisory.affected)
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
