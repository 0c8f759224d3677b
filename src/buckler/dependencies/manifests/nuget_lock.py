"""`packages.lock.json` of NuGet: releases by framework.

Example::

    {"version": 1, "dependencies": {"net8.0": {
      "Newtonsoft.Json": {"type": "Direct", "requested": "[13.0.1, )", "resolved": "13.0.1", "contentHash": "…"}
    }}}
"""

from __future__ import annotations

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import Table, entries, string, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest
from buckler.dependencies.npm import hashes_of

ECOSYSTEM = "NuGet"
NAMES = ("packages.lock.json",)
OWN = "Project"
"""The kind of an entry that is another part of the project."""


def read(file: ManifestFile) -> Manifest:
    """Every release of every framework."""
    draft = Draft(file, "nuget_lock", ECOSYSTEM)
    document = json.parse(draft.text)
    needs = Needs()
    for _, framework, _ in entries(document.get("dependencies")):
        rows = [(name, table(value), line) for name, value, line in entries(framework)]
        own = [(name, row) for name, row, _ in rows if string(row.get("type")) == OWN]
        asked = {needed.lower() for _, row in own for needed in table(row.get("dependencies"))}
        for name, _ in own:
            draft.part(name)
        for name, row, line in rows:
            if string(row.get("type")) != OWN and _package(draft, name, row, line, asked):
                needs.of(draft, table(row.get("dependencies")))
    needs.join(draft, guess=False)
    return draft.manifest()


def _package(draft: Draft, name: str, row: Table, line: int, asked: set[str]) -> bool:
    direct = string(row.get("type")) == "Direct" or name.lower() in asked
    facts: Facts = {
        "direct": direct, "locked": True, "wanted": string(row.get("requested")),
        "hashes": hashes_of(f"sha512-{string(row.get('contentHash'))}"),
    }  # fmt: skip
    return draft.add(name, string(row.get("resolved")), line=line, **facts) is not None
