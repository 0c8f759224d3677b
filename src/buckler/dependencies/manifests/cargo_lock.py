"""`Cargo.lock`: a package without source is part of the project.

Example::

    [[package]]
    name = "shop"
    version = "0.1.0"
    dependencies = ["serde", "rand 0.8.5"]

    [[package]]
    name = "serde"
    version = "1.0.0"
    source = "registry+https://example.org/index"
    checksum = "…"
"""

from __future__ import annotations

from buckler.dependencies.documents import toml
from buckler.dependencies.documents.shape import Table, array, string, strings, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package

ECOSYSTEM = "crates.io"
NAMES = ("Cargo.lock",)
GIT = "git+"


def read(file: ManifestFile) -> Manifest:
    """Every release that has a source."""
    draft = Draft(file, "cargo_lock", ECOSYSTEM)
    document = toml.parse(draft.text)
    sums = table(document.get("metadata"))
    rows = [table(row) for row in array(document.get("package"))]
    own = [row for row in rows if not string(row.get("source"))]
    asked = {name for row in [*own, table(document.get("root"))] for name in strings(row.get("dependencies"))}
    wanted = {_named(name) for name in asked}
    needs = Needs()
    for row in rows:
        if string(row.get("source")) and _package(draft, row, sums, wanted):
            needs.of(draft, [_named(name) for name in strings(row.get("dependencies"))])
    needs.join(draft, guess=False)
    for row in own:
        draft.part(string(row.get("name")), string(row.get("version")))
    draft.project = draft.parts[0] if len(draft.parts) == 1 else None
    return draft.manifest()


def _named(text: str) -> tuple[str, str]:
    """Name and version of `name`, `name version` or `name version (source)`."""
    name, _, rest = text.partition(" ")
    return name, rest.partition(" ")[0]


def _package(draft: Draft, row: Table, sums: Table, wanted: set[tuple[str, str]]) -> Package | None:
    name, version, source = (string(row.get(key)) for key in ("name", "version", "source"))
    digest = string(row.get("checksum")) or string(sums.get(f"checksum {name} {version} ({source})"))
    facts: Facts = {
        "direct": not wanted.isdisjoint({(name, ""), (name, version)}), "locked": True,
        "hashes": (f"sha256:{digest}",) if digest else (),
    }  # fmt: skip
    if source.startswith(GIT):
        facts |= {"origin": Origin.REPOSITORY, "address": source}
    elif source.startswith("registry+"):
        draft.index(source.partition("+")[2])
    return draft.add(name, version, line=row.line("name"), **facts)
