"""Packages by Buckler, osv-scanner and pip-audit side by side, file by file, offline.

    ./do bench inventory FOLDER... --osv-scanner PROGRAM --pip-audit PROGRAM --write benchmarks/inventory.md

Each folder is the work tree of one project; nothing in it is run or contacted. Every file that a peer reads is compared
as a set of packages; a difference has a reason below, or it is listed as open. Names and versions are compared as their
ecosystem compares them. osv-scanner runs offline and resolves nothing; pip-audit only parses (no installer, no
resolution), so it can say something of requirements files that pin or hash everything.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_version

from buckler.base.errors import InputError
from buckler.base.files import read_regular
from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.inventory import files_of, inventory_of
from buckler.dependencies.model import Inventory, Manifest

MOST = 32_000_000
Named = tuple[str, str, str]
"""Ecosystem, name and version, each as it is compared."""


@dataclass
class File:
    """One manifest, as Buckler and a peer have it."""

    project: str
    path: str
    ours: set[Named]
    theirs: set[Named]
    manifest: Manifest | None

    @property
    def missed(self) -> set[Named]:
        return self.theirs - self.ours

    @property
    def more(self) -> set[Named]:
        return self.ours - self.theirs


@dataclass
class Project:
    """One folder."""

    name: str
    inventory: Inventory
    seconds: float
    peers: dict[str, list[File]] = field(default_factory=dict)


def named(ecosystem_: str, name: str, version: str) -> Named | None:
    try:
        name = ecosystem(ecosystem_).canonical(name)
    except KeyError:
        return None
    if ecosystem_ == "PyPI":
        version = canonicalize_version(version)
    if ecosystem_ in {"Go", "Packagist"} and version[:2] != "v0.0.0":
        version = version.removeprefix("v")
    return ecosystem_, name, version.removeprefix("v") if ecosystem_ == "Go" else version


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
    return Project(root.name, found, time.process_time() - begin)


def ours(manifest: Manifest) -> set[Named]:
    rows = (r.package for r in manifest.requirements)
    return {n for p in rows if (n := named(p.ecosystem, p.name, p.version)) is not None}


def osv_scanner(program: str, root: Path) -> dict[str, set[Named]]:
    """What it finds in each file."""
    command = [program, "scan", "source", "-r", "--offline", "--no-resolve", "--no-ignore", "--all-packages",
               "--format", "json", str(root.resolve())]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found: dict[str, set[Named]] = {}
    for result in json.loads(answer or "{}").get("results") or ():
        path = Path(result["source"]["path"]).relative_to(root.resolve()).as_posix()
        rows = (row["package"] for row in result["packages"])
        found.setdefault(path, set()).update(
            n for p in rows if (n := named(p.get("ecosystem", ""), p["name"], p.get("version", "")))
        )
    return found


def pip_audit(program: str, root: Path, inventory: Inventory) -> dict[str, set[Named]]:
    """What it reads in each requirements file; it refuses a file that does not pin everything."""
    found = {}
    for manifest in inventory.manifests:
        if manifest.format == "requirements":
            command = [program, "-r", str(root / manifest.path), "--no-deps", "--disable-pip", "-s", "osv",
                       "--format", "json", "--progress-spinner", "off", "--dry-run"]  # fmt: skip
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
            if answer.returncode == 0:
                found[manifest.path] = {("PyPI", "", "")}
    return found


PEERS: dict[str, Callable[[str, Path, Inventory], dict[str, set[Named]]]] = {}
