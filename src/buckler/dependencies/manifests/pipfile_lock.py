"""`Pipfile.lock`: releases by group; what needs what is not in it.

Example::

    {"_meta": {}, "default": {"flask": {"version": "==2.0", "hashes": ["sha256:…"]}}, "develop": {}}
"""

from __future__ import annotations

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import Table, array, entries, string, strings, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.pyproject import place_of
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Scope
from buckler.dependencies.pep508 import group_scope

ECOSYSTEM = "PyPI"
NAMES = ("Pipfile.lock",)


def read(file: ManifestFile) -> Manifest:
    """Every release of every group."""
    draft = Draft(file, "pipfile_lock", ECOSYSTEM)
    document = json.parse(draft.text)
    draft.guessed = True
    for group, rows, _ in entries(document):
        if group != "_meta":
            scope = group_scope(group, Scope.RUNTIME if group == "default" else Scope.OPTIONAL)
            for name, value, line in entries(rows):
                _package(draft, name, table(value), line, scope)
    for source in array(table(document.get("_meta")).get("sources")):
        draft.index(string(table(source).get("url")))
    return draft.manifest()


def _package(draft: Draft, name: str, row: Table, line: int, scope: Scope) -> None:
    facts: Facts = {
        "scope": scope, "marker": string(row.get("markers")), "locked": True,
        "hashes": strings(row.get("hashes")), "extras": strings(row.get("extras")),
    }  # fmt: skip
    facts.update(place_of(row))
    draft.add(name, string(row.get("version")).lstrip("="), line=line, **facts)
