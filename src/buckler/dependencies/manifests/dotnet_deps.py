"""`*.deps.json`: the releases that a built .NET program is started with.

Example::

    {"targets": {"net8": {"Shop/1.0.0": {"dependencies": {"Serilog": "2.0.1"}}, "Serilog/2.0.1": {}}},
     "libraries": {"Shop/1.0.0": {"type": "project"}, "Serilog/2.0.1": {"type": "package", "sha512": "sha512-…"}}}
"""

from __future__ import annotations

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import Table, entries, string, table
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest
from buckler.dependencies.npm import hashes_of

ECOSYSTEM = "NuGet"
NAMES = ("*.deps.json",)
OWN = "project"


def read(file: ManifestFile) -> Manifest:
    """Every library that is a package."""
    draft = Draft(file, "dotnet_deps", ECOSYSTEM)
    document = json.parse(draft.text)
    needs, needed = Needs(), _needed(document)
    libraries = [(_named(key), table(value), line) for key, value, line in entries(document.get("libraries"))]
    own = {key for key, row, _ in libraries if string(row.get("type")) == OWN}
    asked = {name.lower() for key in own for name in needed.get(key, ())}
    for key, row, line in libraries:
        name, version = key
        if key in own:
            draft.part(name, version)
        elif string(row.get("type")) == "package":
            hashes = hashes_of(string(row.get("sha512")))
            if draft.add(name, version, line=line, direct=name.lower() in asked, locked=True, hashes=hashes):
                needs.of(draft, needed.get(key, ()))
    needs.join(draft, guess=False)
    return draft.manifest()


def _named(key: str) -> tuple[str, str]:
    name, _, version = key.partition("/")
    return name, version


def _needed(document: Table) -> dict[tuple[str, str], list[str]]:
    """What each library needs, by name and version."""
    found: dict[tuple[str, str], list[str]] = {}
    for _, target, _ in entries(document.get("targets")):
        for key, value, _ in entries(target):
            found.setdefault(_named(key), []).extend(table(table(value).get("dependencies")))
    return found
