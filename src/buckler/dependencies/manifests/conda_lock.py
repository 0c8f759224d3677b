"""`conda-lock.yml`: releases of conda and of pip, once for each platform.

Example::

    package:
      - name: numpy
        version: 1.20.3
        manager: conda
        category: main
        dependencies: {python: '>=3.8'}
        hash: {sha256: …}
"""

from __future__ import annotations

from buckler.dependencies.documents import yaml
from buckler.dependencies.documents.shape import Table, rows, string, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Package, Scope
from buckler.dependencies.pep508 import group_scope

ECOSYSTEM = "conda"
NAMES = ("conda-lock.y*ml", "*.conda-lock.y*ml")
MANAGERS = {"pip": "PyPI"}


def read(file: ManifestFile) -> Manifest:
    """Every release of every platform."""
    draft = Draft(file, "conda_lock", ECOSYSTEM)
    needs = Needs()
    for value, line in rows(yaml.parse(draft.text).get("package")):
        row = table(value)
        if _package(draft, row, line):
            needs.of(draft, table(row.get("dependencies")))
    needs.join(draft)
    return draft.manifest()


def _package(draft: Draft, row: Table, line: int) -> Package | None:
    category = string(row.get("category")) or "main"
    facts: Facts = {
        "scope": Scope.RUNTIME if category == "main" else group_scope(category, Scope.OPTIONAL), "locked": True,
        "hashes": tuple(f"{kind}:{string(digest)}" for kind, digest in table(row.get("hash")).items()),
    }  # fmt: skip
    of = MANAGERS.get(string(row.get("manager")), ECOSYSTEM)
    return draft.add(string(row.get("name")), string(row.get("version")), line=row.line("name", line), of=of, **facts)
