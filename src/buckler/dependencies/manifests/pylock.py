"""`pylock.toml`, the standard's own lockfile (PEP 751).

Example::

    lock-version = "1.0"
    [[packages]]
    name = "jinja2"
    version = "2.10"
    dependencies = [{ name = "markupsafe" }]
    wheels = [{ url = "https://example.org/jinja2-2.10-py3-none-any.whl", hashes = { sha256 = "…" } }]
"""

from __future__ import annotations

from buckler.dependencies.documents import toml
from buckler.dependencies.documents.shape import Table, array, string, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package

ECOSYSTEM = "PyPI"
NAMES = ("pylock.toml", "pylock.*.toml")
PLACES = {"vcs": Origin.REPOSITORY, "directory": Origin.PATH, "archive": Origin.URL}


def read(file: ManifestFile) -> Manifest:
    """Every release the file names."""
    draft = Draft(file, "pylock", ECOSYSTEM)
    document = toml.parse(draft.text)
    needs = Needs()
    for row in map(table, array(document.get("packages"))):
        if _package(draft, row):
            rows = [table(item) for item in array(row.get("dependencies"))]
            needs.of(draft, [(string(item.get("name")), string(item.get("version"))) for item in rows])
    needs.join(draft)
    return draft.manifest()


def _package(draft: Draft, row: Table) -> Package | None:
    files = [table(row.get(key)) for key in ("sdist", "archive")] + [table(file) for file in array(row.get("wheels"))]
    hashes = [f"{kind}:{value}" for file in files for kind, value in table(file.get("hashes")).items()]
    facts: Facts = {"locked": True, "marker": string(row.get("marker")), "hashes": tuple(hashes)}
    kind = next((key for key in PLACES if key in row), "")
    if kind:
        place = table(row.get(kind))
        facts |= {"origin": PLACES[kind], "address": string(place.get("url")) or string(place.get("path"))}
    draft.index(string(row.get("index")))
    return draft.add(string(row.get("name")), string(row.get("version")), line=row.line("name"), **facts)
