"""Packages by Buckler, osv-scanner and pip-audit side by side, file by file, offline.

    ./do bench inventory FOLDER... --osv-scanner PROGRAM --pip-audit PYTHON --write benchmarks/inventory.md

Each folder is the work tree of one project; nothing in it is run, and nothing is contacted. Every file that a peer reads
is compared as a set of packages, names and versions as their ecosystem compares them. A difference has one of the
reasons below, found from what the file says, or it is open and listed. osv-scanner runs offline and resolves nothing;
of pip-audit only the reading is used, and it refuses a file that does not pin everything. The flaws
that Buckler and osv-scanner find are compared, too, by invented advisories and those of `--advisories`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import matches
from matches import Matches
from packaging.utils import canonicalize_version

from buckler.base.errors import InputError
from buckler.base.files import read_regular
from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.inventory import files_of, inventory_of
from buckler.dependencies.model import Inventory, Manifest, Origin, Package, Requirement, Scope

MOST = 32_000_000
Named = tuple[str, str, str]
"""Ecosystem, name and version, each as it is compared."""
Found = dict[str, set[Named]]
"""Packages by file."""

READ_BY_PIP_AUDIT = """
import json, pathlib, sys
from pip_audit._dependency_source import RequirementSource
for path in sys.argv[1:]:
    try:
        found = RequirementSource([pathlib.Path(path)], no_deps=True, disable_pip=True).collect()
        print(json.dumps([path, [[row.canonical_name, str(getattr(row, "version", ""))] for row in found]]))
    except Exception as error:
        print(json.dumps([path, None]))
"""


@dataclass
class File:
    """One manifest, as Buckler and a peer have it."""

    project: str
    path: str
    ours: set[Named]
    theirs: set[Named]
    manifest: Manifest | None


@dataclass
class Project:
    """One folder."""

    name: str
    inventory: Inventory
    seconds: float
    files: dict[str, list[File]] = field(default_factory=dict)
    """By peer."""


def named(of: str, name: str, version: str) -> Named | None:
    try:
        name = ecosystem(of).canonical(name)
    except KeyError:
        return None
    if of == "PyPI":
        version = canonicalize_version(version)
    return of, name, version.removeprefix("v") if of in {"Go", "Packagist"} else version


def every(packages: Iterator[Package]) -> set[Named]:
    return {n for p in packages if (n := named(p.ecosystem, p.name, p.version)) is not None}


def paths(root: Path) -> Iterator[str]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(folder for folder in folders if folder != ".git")
        for name in sorted(names):
            yield (Path(place) / name).relative_to(root).as_posix()


def read(root: Path) -> Project:
    def tree(path: str) -> bytes | None:
        try:
            return read_regular(root / path, MOST)
        except InputError:
            return None

    files = list(files_of(paths(root), tree))
    begin = time.process_time()
    found = inventory_of(files)
    return Project(root.name.replace("+", "/"), found, time.process_time() - begin)


def osv_scanner(program: str, root: Path, inventory: Inventory) -> Found:
    command = [program, "scan", "source", "-r", "--offline", "--no-resolve", "--no-ignore", "--all-packages"]
    answer = subprocess.run([*command, "--format", "json", str(root)], capture_output=True, text=True, check=False)
    found: Found = {}
    for result in json.loads(answer.stdout or "{}").get("results") or ():
        path = Path(result["source"]["path"]).relative_to(root).as_posix()
        rows = [row["package"] for row in result["packages"]]
        names = (named(row.get("ecosystem", ""), row["name"], row.get("version", "")) for row in rows)
        found.setdefault(path, set()).update(name for name in names if name is not None)
    return found


def pip_audit(program: str, root: Path, inventory: Inventory) -> Found:
    files = [str(root / m.path) for m in inventory.manifests if m.format == "requirements"]
    command = [program, "-c", READ_BY_PIP_AUDIT, *files]
    answer = subprocess.run(command, capture_output=True, text=True, check=False) if files else None
    rows = [json.loads(line) for line in answer.stdout.splitlines()] if answer is not None else []
    return {
        Path(path).relative_to(root).as_posix(): {n for row in found if (n := named("PyPI", *row)) is not None}
        for path, found in rows
        if found is not None
    }


PEERS: dict[str, Callable[[str, Path, Inventory], Found]] = {"osv-scanner": osv_scanner, "pip-audit": pip_audit}


def rows_of(name: Named, file: File) -> list[Requirement]:
    """The lines of Buckler's that are about a package."""
    assert file.manifest is not None
    return [r for r in file.manifest.requirements if (r.package.ecosystem, r.package.name) == name[:2]]


def _own(name: Named, file: File) -> bool:
    assert file.manifest is not None
    parts = [*file.manifest.parts, *([file.manifest.project] if file.manifest.project else [])]
    return name[:2] in {(part.ecosystem, part.name) for part in parts}


def _bound(name: Named, file: File) -> bool:
    bounds = (bound for row in rows_of(name, file) for bound in re.findall(r"\d[\w.]*", row.wanted))
    return any(canonicalize_version(bound) == name[2] for bound in bounds)


def _language(name: Named, file: File) -> bool:
    return name[:2] == ("Go", "stdlib") and name[2].endswith(".99")


def _address(name: Named, file: File) -> bool:
    return "://" in name[2] or " " in name[2] or name[1].startswith("-e ")


def _unversioned(name: Named, file: File) -> bool:
    return not name[2]


def _plugin(name: Named, file: File) -> bool:
    return any(row.scope is Scope.BUILD for row in rows_of(name, file))


def _included(name: Named, file: File) -> bool:
    return any(row.location.path != file.path for row in rows_of(name, file))


def _tag(name: Named, file: File) -> bool:
    return any(row.origin is Origin.REPOSITORY for row in rows_of(name, file))


def _dotted(name: Named, file: File) -> bool:
    return any("." in re.split(r"[\s=<>!~\[;@]", row.code)[0] for row in rows_of(name, file))


def _inherited(name: Named, file: File) -> bool:
    return name[0] == "Maven"


def _from_address(name: Named, file: File) -> bool:
    return any(other[:2] == name[:2] and "://" in other[2] for other in file.theirs)


Reason = tuple[str, Callable[[Named, File], bool]]
MISSED: tuple[Reason, ...] = (
    ("the project's own package or a part of its workspace: no dependency", _own),
    ("the peer takes the bound of a range for the version; we keep the range and no version", _bound),
    ("the peer makes a release 1.N.99 of a version of the Go language; we keep `>=1.N` and no version", _language),
    ("the peer has an address or a sentence in place of a version", _address),
)
MORE: tuple[Reason, ...] = (
    (
        "no version is in the file (a range, a folder, a repository): the peer leaves it out, we keep it without one",
        _unversioned,
    ),
    ("we take the version from the address of the archive", _from_address),
    ("a plugin of the build, which the peer does not read", _plugin),
    ("from a file that this one includes", _included),
    ("we take the version from the tag of the repository", _tag),
    ("a name with a dot, which the peer drops", _dotted),
    ("the version comes from a parent or a property that the peer does not follow", _inherited),
)
OPEN = "open"


def reason(name: Named, file: File, reasons: tuple[Reason, ...]) -> str:
    if file.manifest is None:
        return OPEN
    return next((text for text, holds in reasons if holds(name, file)), OPEN)


def compare(root: Path, programs: dict[str, str]) -> Project:
    project = read(root)
    manifests = {manifest.path: manifest for manifest in project.inventory.manifests}
    for peer, program in programs.items():
        rows = []
        for path, theirs in sorted(PEERS[peer](program, root, project.inventory).items()):
            manifest = manifests.get(path)
            ours = every(r.package for r in manifest.requirements) if manifest is not None else set()
            rows.append(File(project.name, path, ours, theirs, manifest))
        project.files[peer] = rows
    return project


def table(header: str, rows: list[list[object]]) -> list[str]:
    columns = header.count("|") + 1
    lines = [f"| {header} |", "|" + "---|" * columns]
    return lines + [f"| {' | '.join(map(str, row))} |" for row in rows] + [""]


def report(projects: list[Project], peers: list[str], flaws: list[Matches], names: str) -> Iterator[str]:
    yield "# Inventory side by side\n"
    yield "Written by `./do bench inventory`; `benchmarks/inventory.py` explains the method.\n"
    manifests, components = (sum(len(getattr(p.inventory, n)) for p in projects) for n in ("manifests", "components"))
    seconds = sum(project.seconds for project in projects)
    yield f"Buckler reads {manifests:,} manifests of {len(projects)} projects in {seconds:.1f} CPU-seconds: {components:,} releases.\n"
    for peer in peers:
        read = [project for project in projects if project.files[peer]]
        yield f"## {peer}\n"
        rows = [row(project.name, project.files[peer]) for project in read]
        rows.append(row("all", [file for project in read for file in project.files[peer]]))
        yield from table(
            f"project | files {peer} reads | packages in them | files alike | only {peer} | only Buckler", rows
        )
        yield from differences(peer, [file for project in read for file in project.files[peer]])
    if flaws:
        yield "## Flaws\n"
        yield from matches.report(flaws, names)


def row(name: str, files: list[File]) -> list[object]:
    alike = sum(file.ours == file.theirs for file in files)
    missed = sum(len(file.theirs - file.ours) for file in files)
    more = sum(len(file.ours - file.theirs) for file in files)
    return [name, len(files), sum(len(file.theirs) for file in files), alike, missed, more]


def differences(peer: str, files: list[File]) -> Iterator[str]:
    yield f"### Differences from {peer}, explained\n"
    for heading, reasons, of in (
        (f"only {peer}", MISSED, lambda f: f.theirs - f.ours),
        ("only Buckler", MORE, lambda f: f.ours - f.theirs),
    ):
        counts: Counter[str] = Counter()
        opened: list[str] = []
        for file in files:
            for name in sorted(of(file)):
                why = reason(name, file, reasons)
                counts[why] += 1
                if why == OPEN:
                    opened.append(f"- open: {file.project} `{file.path}`: {' '.join(name)}")
        yield from table(f"{heading}: reason | packages", [[why, n] for why, n in counts.most_common()])
        yield from [*opened[:50], ""] if opened else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--osv-scanner", metavar="PROGRAM")
    parser.add_argument("--pip-audit", metavar="PYTHON", help="a Python in which pip-audit is installed")
    parser.add_argument("--advisories", nargs="+", type=Path, metavar="PLACE", default=[])
    parser.add_argument("--write", type=Path, metavar="FILE")
    given = parser.parse_args()
    programs = {"osv-scanner": given.osv_scanner, "pip-audit": given.pip_audit}
    chosen = {peer: program for peer, program in programs.items() if program}
    roots = [folder.resolve() for folder in sorted(given.folders)]
    projects = [compare(root, chosen) for root in roots]
    flaws: list[Matches] = []
    with tempfile.TemporaryDirectory() as place:
        if given.osv_scanner:
            database = matches.prepare(given.advisories, [project.inventory for project in projects], Path(place))
            rows = zip(projects, roots, strict=True)
            flaws = [matches.matches(p.name, root, p.inventory, given.osv_scanner, database) for p, root in rows]
    names = " and ".join(folder.name for folder in given.advisories)
    text = "\n".join(report(projects, list(chosen), flaws, names))
    if given.write:
        given.write.write_text(f"{text}\n", "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
