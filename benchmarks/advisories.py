"""Import of a large database of advisories, and matching, in CPU-seconds and memory.

    python benchmarks/advisories.py FOLDER... [--advisories 300000] [--packages 1000]

The folders are copies of real databases in OSV's format. Their advisories are written into one archive as often as it
takes, each copy about packages with names of its own, then imported and matched in processes that are measured alone.
The packages that are matched are real ones, each at a version that an advisory mentions.
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

IMPORT = """
import sys
from pathlib import Path
from buckler.dependencies.advisories.database import Source, updating
from buckler.dependencies.advisories.importing import documents, import_into
archive, database = map(Path, sys.argv[1:])
with updating(database) as writer:
    print(import_into(writer, Source("benchmark", str(archive)), documents(archive)), file=sys.stderr)
"""
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


def originals(folders: list[Path]) -> Iterator[dict[str, object]]:
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix == ".json":
                yield json.loads(file.read_bytes())
            elif file.suffix in (".yaml", ".yml"):
                yield yaml.load(file.read_bytes(), yaml.CBaseLoader)


def copies(documents: list[dict[str, object]], number: int) -> Iterator[dict[str, object]]:
    for at in range(number):
        turn, place = divmod(at, len(documents))
        document = json.loads(json.dumps(documents[place]))
        document["id"] = f"{document['id']}-{turn}" if turn else document["id"]
        for affected in document.get("affected", []) if turn else []:
            affected["package"]["name"] += f"-{turn}"
        yield document


def write_archive(path: Path, documents: list[dict[str, object]], number: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for document in copies(documents, number):
            archive.writestr(f"{document['id']}.json", json.dumps(document))


def mentioned(documents: list[dict[str, object]], number: int) -> list[tuple[str, str, str]]:
    """Packages at versions of which an advisory speaks, some of them affected and some not."""
    found: set[tuple[str, str, str]] = set()
    for document in documents:
        for affected in document.get("affected", []):  # type: ignore[attr-defined]
            package = affected["package"]
            events = [event for span in affected.get("ranges", []) for event in span["events"]]
            versions = [*affected.get("versions", []), *(v for event in events for v in event.values() if v != "0")]
            found |= {(package["ecosystem"], package["name"], version) for version in versions}
    by_package = {row[:2]: row for row in sorted(found, key=lambda row: random.Random(str(row)).random())}
    return sorted(random.Random(12).sample(sorted(by_package.values()), min(number, len(by_package))))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--advisories", type=int, default=300_000)
    options.add_argument("--packages", type=int, default=1_000)
    options.add_argument("--keep", type=Path, help="Folder for the archive and the database.")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run(given, given.keep or Path(scratch))


def prepare(given: argparse.Namespace, archive: Path, packages: Path) -> None:
    documents = list(originals(given.folders))
    packages.write_text(json.dumps(mentioned(documents, given.packages)))
    if not archive.exists():
        write_archive(archive, documents, given.advisories)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {len(documents):,} real advisories, archive {archive.stat().st_size:,} bytes")


def run(given: argparse.Namespace, folder: Path) -> None:
    archive, database, packages, answer = (folder / name for name in ("all.zip", "a.sqlite", "p.json", "m.json"))
    # The memory of a process counts what the one that started it had, so what is large happens in one of its own.
    preparing = multiprocessing.Process(target=prepare, args=(given, archive, packages))
    preparing.start()
    preparing.join()
    print(f"{'':<28}{'CPU s':>9}{'wall s':>9}{'MB':>9}")
    database.unlink(missing_ok=True)
    show(f"import {given.advisories:,}", measure([sys.executable, "-c", IMPORT, str(archive), str(database)]))
    whole = measure([sys.executable, "-c", MATCH, str(database), str(packages), str(answer)])
    seconds, found = json.loads(answer.read_text())
    show(f"match {given.packages:,}", whole)
    print(f"matching alone {seconds:.2f} CPU s, {found:,} vulnerabilities; database {database.stat().st_size:,} bytes")


def show(name: str, row: tuple[float, float, int]) -> None:
    cpu, wall, memory = row
    print(f"{name:<28}{cpu:>9.2f}{wall:>9.2f}{memory:>9}", flush=True)


if __name__ == "__main__":
    main()
