"""CycloneDX SBOMs, in JSON and in XML: what somebody else found out the project is made of.

Example::

    {"bomFormat": "CycloneDX", "components": [{"bom-ref": "a", "purl": "pkg:pypi/flask@2.0"}],
     "dependencies": [{"ref": "a", "dependsOn": ["b"]}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.dependencies.documents import json, xml
from buckler.dependencies.documents.shape import Table, array, string, strings, table
from buckler.dependencies.documents.xml import Element
from buckler.dependencies.manifests.bom import Bom, Item
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Scope

ECOSYSTEM = ""
NAMES = ("bom.json", "bom.xml", "*.cdx.json", "*.cdx.xml", "*[-_.]bom.json", "*[-_.]bom.xml", "*cyclonedx*.json",
         "*cyclonedx*.xml", "*sbom*.json", "*sbom*.xml")  # fmt: skip
SCOPES = {"optional": Scope.OPTIONAL, "excluded": Scope.DEVELOPMENT}


def read(file: ManifestFile) -> Manifest:
    """Every component with a package URL; nothing for a file that only has the name of an SBOM."""
    draft = Draft(file, "cyclonedx", ECOSYSTEM)
    bom = Bom()
    if draft.text.text.lstrip().startswith("<"):
        _from_xml(bom, xml.parse(draft.text))
    else:
        _from_json(bom, json.parse(draft.text))
    bom.put(draft)
    return draft.manifest()


def _from_json(bom: Bom, document: Table) -> None:
    if string(document.get("bomFormat")) != "CycloneDX":
        return
    bom.root = string(table(table(document.get("metadata")).get("component")).get("bom-ref"))
    waiting = [document]
    while waiting:
        for row in map(table, array(waiting.pop().get("components"))):
            reference = string(row.get("bom-ref")) or f"{len(bom.items)}"
            hashes = tuple(
                _hash(string(h.get("alg")), string(h.get("content"))) for h in map(table, array(row.get("hashes")))
            )
            line = row.line("purl") or row.line("name")
            bom.items[reference] = Item(string(row.get("purl")), line, _scope(string(row.get("scope"))), hashes)
            waiting.append(row)
    for row in map(table, array(document.get("dependencies"))):
        bom.edges.setdefault(string(row.get("ref")), []).extend(strings(row.get("dependsOn")))


def _from_xml(bom: Bom, root: Element) -> None:
    if root.name != "bom":
        return
    about = next(root.all("metadata", "component"), None)
    bom.root = about.attributes.get("bom-ref", "") if about is not None else ""
    for row in _components(root):
        reference = row.attributes.get("bom-ref", "") or f"{len(bom.items)}"
        purl = row.child("purl")
        hashes = tuple(_hash(h.attributes.get("alg", ""), h.text.strip()) for h in row.all("hashes", "hash"))
        line = purl.line if purl is not None else row.line
        bom.items[reference] = Item(row.text_of("purl"), line, _scope(row.text_of("scope")), hashes)
    for row in root.all("dependencies", "dependency"):
        targets = [inner.attributes.get("ref", "") for inner in row.all("dependency")]
        bom.edges.setdefault(row.attributes.get("ref", ""), []).extend(targets)


def _components(root: Element) -> Iterator[Element]:
    """Every component, those within others included."""
    for row in root.all("components", "component"):
        yield row
        yield from _components(row)


def _hash(algorithm: str, digest: str) -> str:
    return f"{algorithm.lower().replace('-', '')}:{digest}"


def _scope(written: str) -> Scope:
    return SCOPES.get(written, Scope.RUNTIME)
