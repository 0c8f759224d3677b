"""SPDX documents, in JSON and as tags and values.

Example::

    PackageName: flask
    SPDXID: SPDXRef-flask
    ExternalRef: PACKAGE-MANAGER purl pkg:pypi/flask@2.0
    Relationship: SPDXRef-shop DEPENDS_ON SPDXRef-flask
"""

from __future__ import annotations

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import Table, array, string, strings, table
from buckler.dependencies.documents.text import Text
from buckler.dependencies.manifests.bom import Bom, Item
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest

ECOSYSTEM = ""
NAMES = ("*.spdx.json", "*.spdx", "*spdx*.json")
FORWARD = frozenset({"DEPENDS_ON", "CONTAINS"})
BACKWARD = frozenset({"DEPENDENCY_OF", "CONTAINED_BY", "RUNTIME_DEPENDENCY_OF", "DEV_DEPENDENCY_OF"})
DOCUMENT = "SPDXRef-DOCUMENT"


def read(file: ManifestFile) -> Manifest:
    """Every package with a package URL; nothing for a file that only has the name of an SBOM."""
    draft = Draft(file, "spdx", ECOSYSTEM)
    bom = Bom()
    if draft.text.text.lstrip().startswith("{"):
        document = json.parse(draft.text)
        if string(document.get("spdxVersion")):
            _from_json(bom, document)
    else:
        _from_tags(bom, draft.text)
    bom.put(draft)
    return draft.manifest()


def _from_json(bom: Bom, document: Table) -> None:
    bom.root = next(iter(strings(document.get("documentDescribes"))), "")
    for row in map(table, array(document.get("packages"))):
        reference = string(row.get("SPDXID")) or f"{len(bom.items)}"
        purl, line = "", row.line("name")
        for other in map(table, array(row.get("externalRefs"))):
            if string(other.get("referenceType")) == "purl":
                purl, line = string(other.get("referenceLocator")), other.line("referenceLocator")
        sums = map(table, array(row.get("checksums")))
        hashes = tuple(f"{string(s.get('algorithm')).lower()}:{string(s.get('checksumValue'))}" for s in sums)
        bom.items[reference] = Item(purl, line, hashes=hashes)
    for row in map(table, array(document.get("relationships"))):
        _relate(bom, *(string(row.get(k)) for k in ("spdxElementId", "relationshipType", "relatedSpdxElement")))


def _from_tags(bom: Bom, text: Text) -> None:
    reference, purl, line = "", "", 0

    def close() -> None:
        if reference and line:
            bom.items[reference] = Item(purl, line)

    for number, row in enumerate(text.lines, 1):
        tag, _, value = row.strip().partition(":")
        value = value.strip()
        if tag == "PackageName":
            close()
            reference, purl, line = f"{len(bom.items)}", "", number
        elif tag == "SPDXID" and line:
            reference = value
        elif tag == "ExternalRef" and " purl " in value:
            purl, line = value.partition(" purl ")[2].strip(), number
        elif tag == "Relationship":
            words = value.split()
            if len(words) == 3:
                _relate(bom, *words)
    close()


def _relate(bom: Bom, one: str, kind: str, other: str) -> None:
    if kind == "DESCRIBES" and one == DOCUMENT:
        bom.root = bom.root or other
    elif kind in FORWARD:
        bom.edges.setdefault(one, []).append(other)
    elif kind in BACKWARD:
        bom.edges.setdefault(other, []).append(one)
