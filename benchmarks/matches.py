"""The flaws that Buckler and osv-scanner find in the same lockfiles, on the same advisories; a part of `inventory.py`.

A flaw is compared as package, version and identifier of the advisory, in every project where both know the package with
that version: what either reads besides is a difference of the inventories, and explained there. Real databases are about
few of the packages; so each package of the projects gets invented advisories, too, with the versions that they have as
bounds.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from advisories import originals, write_archive

from buckler.dependencies.advisories.database import Source, open_database, updating
from buckler.dependencies.advisories.importing import documents, import_into
from buckler.dependencies.matching import vulnerabilities
from buckler.dependencies.model import Component, Inventory

INVENTED = "INVENTED"
SEMANTIC = frozenset({"npm", "Go", "crates.io"})
BRANCH = re.compile(r"^dev-|-dev$")
"""A version of Composer that is a branch, and no bound of any advisory."""
SHOWN = 20
Flaw = tuple[str, str, str, str]
"""Ecosystem, package, version and advisory."""


@dataclass
class Matches:
    """What both say of one project."""

    project: str
    ours: set[Flaw]
    theirs: set[Flaw]


def invented(inventories: list[Inventory]) -> Iterator[dict[str, object]]:
    """For each package: flaws before one of its versions, from one on, up to one, and in one alone."""
    versions: dict[tuple[str, str], set[str]] = {}
    for component in (component for one in inventories for component in one.components):
        package = component.package
        if package.version and not BRANCH.search(package.version):
            versions.setdefault((package.ecosystem, spelled(component)), set()).add(package.version)
    chance = random.Random(12)  # the same for everybody
    for number, ((ecosystem, name), known) in enumerate(sorted(versions.items())):
        version = chance.choice(sorted(known)).removeprefix("v" if ecosystem == "Go" else "")
        kind = "SEMVER" if ecosystem in SEMANTIC else "ECOSYSTEM"
        for turn, events in enumerate((
            [{"introduced": "0"}, {"fixed": version}],
            [{"introduced": version}],
            [{"introduced": "0"}, {"last_affected": version}],
            None,
        )):  # fmt: skip
            said = {"ranges": [{"type": kind, "events": events}]} if events else {"versions": [version]}
            affected = {"package": {"ecosystem": ecosystem, "name": name}, **said}
            yield {"schema_version": "1.6.0", "id": f"{INVENTED}-{number}-{turn}", "modified": "2026-01-01T00:00:00Z",
                   "affected": [affected]}  # fmt: skip


def spelled(component: Component) -> str:
    """The name as advisories write it; those of NuGet as lockfiles do, whose capital letters osv-scanner compares."""
    package = component.package
    if package.ecosystem != "NuGet":
        return package.name
    rows = sorted(component.requirements, key=lambda row: not row.locked)
    found = (re.search(re.escape(package.name), row.code, re.I) for row in rows)
    return next((match[0] for match in found if match is not None), package.name)


def prepare(real: list[Path], inventories: list[Inventory], folder: Path) -> Path:
    """The advisories as each of both keeps them; the database of Buckler's."""
    by_ecosystem: dict[str, list[dict[str, object]]] = {}
    for document in (*originals(real), *invented(inventories)):
        for ecosystem in {affected["package"]["ecosystem"] for affected in document.get("affected", [])}:
            by_ecosystem.setdefault(ecosystem, []).append(document)
    database = folder / "advisories.sqlite"
    with updating(database) as writer:
        for ecosystem, known in by_ecosystem.items():
            archive = folder / "osv-scanner" / ecosystem / "all.zip"
            archive.parent.mkdir(parents=True, exist_ok=True)
            write_archive(archive, known, len(known))
            import_into(writer, Source(ecosystem, str(archive)), documents(archive))
    return database


def matches(name: str, root: Path, inventory: Inventory, program: str, database: Path) -> Matches:
    with open_database(database) as opened:
        found, _ = vulnerabilities(inventory.components, opened)
    ours = {
        flaw(package.ecosystem, package.name, package.version, advisory.id)
        for one in found
        if (package := one.component.package).version
        for advisory in one.advisories
    }
    theirs, looked_up = said(program, root, database.parent)
    known = {flaw(c.package.ecosystem, c.package.name, c.package.version, "") for c in inventory.components}
    both = known & looked_up
    return Matches(name, {f for f in ours if (*f[:3], "") in both}, {f for f in theirs if (*f[:3], "") in both})


def flaw(ecosystem: str, name: str, version: str, advisory: str) -> Flaw:
    return ecosystem, name.lower().replace("_", "-").replace(".", "-"), version.removeprefix("v"), advisory


def said(program: str, root: Path, folder: Path) -> tuple[set[Flaw], set[Flaw]]:
    """The flaws osv-scanner finds, and everything it looked up."""
    command = [
        program,
        "scan",
        "source",
        "-r",
        "--offline",
        "--no-resolve",
        "--no-ignore",
        "--all-packages",
        "--all-vulns",
    ]
    environment = os.environ | {"OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(folder)}
    answer = subprocess.run(
        [*command, "-f", "json", str(root)], capture_output=True, text=True, check=False, env=environment
    )
    flaws, every = set(), set()
    for result in json.loads(answer.stdout or "{}").get("results") or ():
        for row in result["packages"]:
            package = row["package"]
            place = (package.get("ecosystem", ""), package["name"], package.get("version", ""))
            every.add(flaw(*place, ""))
            flaws |= {flaw(*place, one["id"]) for one in row.get("vulnerabilities", ())}
    return flaws, every


def report(found: list[Matches], names: str) -> Iterator[str]:
    yield f"Real advisories of {names or 'no database'}, and invented ones, held against the packages that both know.\n"
    yield "| advisories | ecosystem | found by both | only by osv-scanner | only by Buckler |\n|---|---|---|---|---|"
    both = Counter(kind(f) for one in found for f in one.ours & one.theirs)
    missed = Counter(kind(f) for one in found for f in one.theirs - one.ours)
    more = Counter(kind(f) for one in found for f in one.ours - one.theirs)
    for row in sorted({*both, *missed, *more}):
        yield f"| {row[0]} | {row[1]} | {both[row]:,} | {missed[row]:,} | {more[row]:,} |"
    yield ""
    for name, one, rest in (
        (n, m, r) for m in found for n, r in (("osv-scanner", m.theirs - m.ours), ("Buckler", m.ours - m.theirs))
    ):
        yield from (f"- only {name}: {one.project}: {' '.join(row)}" for row in sorted(rest)[:SHOWN])


def kind(one: Flaw) -> tuple[str, str]:
    return "invented" if one[3].startswith(INVENTED) else "real", one[0]
