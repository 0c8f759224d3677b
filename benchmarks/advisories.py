"""Import of a large database of advisories, and matching, in CPU-seconds and memory.

    python benchmarks/advisories.py PLACE... [--advisories 300000] [--packages 1000] [--osv-scanner PROGRAM]

The places are folders or archives of real databases in OSV's format. Their advisories are written into one archive as often as it
takes, each copy about packages with names of its own, then imported and matched in processes that are measured alone.
The packages that are matched are real ones, each at a version that an advisory mentions. With osv-scanner they are looked
up by both, in a bill of materials and on the same real advisories, without the network; each difference is printed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml
from speed import measure

from buckler.dependencies.advisories.database import Source, open_database, updating
from buckler.dependencies.advisories.importing import documents, import_into
from buckler.dependencies.matching import vulnerabilities
from buckler.dependencies.model import Component, Package

SHOWN = 30
MATCH = """
import json, sys, time
from pathlib import Path
from buckler.dependencies.advisories.database import open_database
from buckler.dependencies.matching import vulnerabilities
from buckler.dependencies.model import Component, Package
components = [Component(Package(*row), ()) for row in json.loads(Path(sys.argv[2]).read_text())]
began = time.process_time()
with open_database(Path(sys.argv[1])) as database:
    found, _ = vulnerabilities(components, database)
Path(sys.argv[3]).write_text(json.dumps([time.process_time() - began, len(found)]))
"""


def originals(places: list[Path]) -> Iterator[dict[str, object]]:
    for place in places:
        for file in documents(place):
            yield yaml.load(file.data, yaml.CBaseLoader) if file.name.endswith(".yaml") else json.loads(file.data)


def copies(real: list[dict[str, object]], number: int) -> Iterator[dict[str, object]]:
    for at in range(number):
        turn, place = divmod(at, len(real))
        document = json.loads(json.dumps(real[place]))
        document["id"] = f"{document['id']}-{turn}" if turn else document["id"]
        for affected in document.get("affected", []) if turn else []:
            affected["package"]["name"] += f"-{turn}"
        yield document


def write_archive(path: Path, real: list[dict[str, object]], number: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for document in copies(real, number):
            archive.writestr(f"{document['id']}.json", json.dumps(document))


def mentioned(real: list[dict[str, object]], number: int) -> list[tuple[str, str, str]]:
    """Packages at versions of which an advisory speaks, some of them affected and some not."""
    found: set[tuple[str, str, str]] = set()
    for document in real:
        for affected in document.get("affected", []):  # type: ignore[attr-defined]
            package = affected["package"]
            events = [event for span in affected.get("ranges", []) if span["type"] != "GIT" for event in span["events"]]
            versions = [*affected.get("versions", []), *(v for event in events for v in event.values() if v != "0")]
            found |= {(package["ecosystem"], package["name"], version) for version in versions}
    by_package = {row[:2]: row for row in sorted(found, key=lambda row: random.Random(str(row)).random())}
    return sorted(random.Random(12).sample(sorted(by_package.values()), min(number, len(by_package))))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("places", nargs="+", type=Path)
    options.add_argument("--advisories", type=int, default=300_000)
    options.add_argument("--packages", type=int, default=1_000)
    options.add_argument("--osv-scanner", type=Path)
    options.add_argument("--keep", type=Path, help="Folder for the archive and the database.")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run(given, given.keep or Path(scratch))


def prepare(given: argparse.Namespace, archive: Path, packages: Path) -> None:
    real = list(originals(given.places))
    packages.write_text(json.dumps(mentioned(real, given.packages)))
    if not archive.exists():
        write_archive(archive, real, given.advisories)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {len(real):,} real advisories, archive {archive.stat().st_size:,} bytes")


def run(given: argparse.Namespace, folder: Path) -> None:
    archive, database, packages, answer = (folder / name for name in ("all.zip", "a.sqlite", "p.json", "m.json"))
    # The memory of a process counts what the one that started it had, so what is large happens in one of its own.
    preparing = multiprocessing.Process(target=prepare, args=(given, archive, packages))
    preparing.start()
    preparing.join()
    print(f"{'':<28}{'CPU s':>9}{'wall s':>9}{'MB':>9}")
    database.unlink(missing_ok=True)
    show(
        f"import {given.advisories:,}",
        measure(
            [sys.executable, "-m", "buckler", "data", "import", str(archive), "--database", str(database), "--quiet"]
        ),
    )
    whole = measure([sys.executable, "-c", MATCH, str(database), str(packages), str(answer)])
    seconds, found = json.loads(answer.read_text())
    show(f"match {given.packages:,}", whole)
    print(f"matching alone {seconds:.2f} CPU s, {found:,} vulnerabilities; database {database.stat().st_size:,} bytes")
    if given.osv_scanner:
        compare(given, folder, [tuple(row) for row in json.loads(packages.read_text())])


def compare(given: argparse.Namespace, folder: Path, packages: list[tuple[str, str, str]]) -> None:
    """The same bill of materials and the same advisories for both."""
    bill, said, database = (folder / name for name in ("bom.cdx.json", "osv.json", "real.sqlite"))
    by_ecosystem: dict[str, list[dict[str, object]]] = {}
    for document in originals(given.places):
        for ecosystem in {affected["package"]["ecosystem"] for affected in document.get("affected", [])}:
            by_ecosystem.setdefault(ecosystem, []).append(document)
    database.unlink(missing_ok=True)
    with updating(database) as writer:
        for ecosystem, known in by_ecosystem.items():
            archive = folder / "osv-scanner" / ecosystem / "all.zip"
            archive.parent.mkdir(parents=True, exist_ok=True)
            write_archive(archive, known, len(known))
            import_into(writer, Source(ecosystem, str(archive)), documents(archive))
    components = [Component(Package(*row), ()) for row in packages]
    rows = [
        {"type": "library", "name": c.package.name, "version": c.package.version, "purl": c.package.purl}
        for c in components
    ]
    bill.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": rows}))
    place = f"OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY={folder}"
    options = [
        "scan",
        "source",
        "--offline",
        "--no-resolve",
        "--all-vulns",
        "-L",
        str(bill),
        "-f",
        "json",
        "--output",
        str(said),
    ]
    show("osv-scanner, all of it", measure(["env", place, str(given.osv_scanner), *options]))
    theirs = {
        (package["package"]["name"].lower(), package["package"]["version"].removeprefix("v"), flaw["id"])
        for result in json.loads(said.read_text())["results"]
        for package in result["packages"]
        for flaw in package.get("vulnerabilities", [])
    }
    with open_database(database) as opened:
        found, _ = vulnerabilities(components, opened)
    ours = {
        (flaw.component.package.name.lower(), flaw.component.package.version.removeprefix("v"), advisory.id)
        for flaw in found
        for advisory in flaw.advisories
    }
    print(f"both {len(ours & theirs):,}, only Buckler {len(ours - theirs):,}, only osv-scanner {len(theirs - ours):,}")
    for name, rest in (("Buckler", ours - theirs), ("osv-scanner", theirs - ours)):
        for row in sorted(rest)[:SHOWN]:
            print(f"only {name}: {' '.join(row)}")


def show(name: str, row: tuple[float, float, int]) -> None:
    cpu, wall, memory = row
    print(f"{name:<28}{cpu:>9.2f}{wall:>9.2f}{memory:>9}", flush=True)


if __name__ == "__main__":
    main()
