"""`poetry.lock`, of every version of Poetry.

The file does not say what the project itself asks for: that stands in `pyproject.toml` beside it. What no other release
needs is taken for asked for.

Example::

    [[package]]
    name = "jinja2"
    version = "2.10"
    groups = ["main"]
    [package.dependencies]
    MarkupSafe = ">=0.23"
"""

from __future__ import annotations

from typing import Any

from buckler.dependencies.documents import toml
from buckler.dependencies.documents.shape import Table, array, string, strings, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package, Scope
from buckler.dependencies.pep508 import group_scope

ECOSYSTEM = "PyPI"
NAMES = ("poetry.lock",)
ORIGINS = {
    "git": Origin.REPOSITORY, "directory": Origin.PATH, "file": Origin.PATH, "url": Origin.URL,
}  # fmt: skip


def read(file: ManifestFile) -> Manifest:
    """Every release the file names."""
    draft = Draft(file, "poetry_lock", ECOSYSTEM)
    document = toml.parse(draft.text)
    files = table(table(document.get("metadata")).get("files"))
    needs = Needs()
    for row in map(table, array(document.get("package"))):
        if _package(draft, row, array(row.get("files")) or files.get(string(row.get("name")))):
            needs.of(draft, table(row.get("dependencies")))
    needs.join(draft)
    return draft.manifest()


def _package(draft: Draft, row: Table, files: object) -> Package | None:
    facts: Facts = {
        "scope": _scope(row), "locked": True, "marker": _marker(row.get("markers")),
        "hashes": tuple(string(table(file).get("hash")) for file in array(files)),
    }  # fmt: skip
    source = table(row.get("source"))
    kind, address = string(source.get("type")), string(source.get("url"))
    if kind in ORIGINS:
        facts["origin"], facts["address"] = ORIGINS[kind], address
    else:
        draft.index(address)
    return draft.add(string(row.get("name")), string(row.get("version")), line=row.line("name"), **facts)


def _scope(row: Table) -> Scope:
    """By the groups that need it, or by the category that older versions wrote."""
    groups = strings(row.get("groups")) or (string(row.get("category")) or "main",)
    if "main" in groups:
        return Scope.OPTIONAL if row.get("optional") is True else Scope.RUNTIME
    return min((group_scope(group, Scope.DEVELOPMENT) for group in groups), default=Scope.DEVELOPMENT)


def _marker(value: Any) -> str:
    """One for all groups, or the first of several."""
    return string(value) or next((string(marker) for marker in table(value).values()), "")
