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
        for name, value, line in entries(framework):
            row = table(value)
            if string(row.get("type")) == OWN:
                draft.part(name)
            elif _package(draft, name, row, line):
                needs.of(draft, table(row.get("dependencies")))
    needs.join(draft, guess=False)
    return draft.manifest()


def _package(draft: Draft, name: str, row: Table, line: int) -> bool:
    facts: Facts = {
        "direct": string(row.get("type")) == "Direct", "locked": True, "wanted": string(row.get("requested")),
        "hashes": hashes_of(f"sha512-{string(row.get('contentHash'))}"),
    }  # fmt: skip
    return draft.add(name, string(row.get("resolved")), line=line, **facts) is not None
