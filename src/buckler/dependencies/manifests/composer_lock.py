"""`composer.lock`; what the project asks for stands in `composer.json`.

Example::

    {"packages": [{"name": "monolog/monolog", "version": "2.0.0", "require": {"psr/log": "^1"}}], "packages-dev": []}
"""

from __future__ import annotations

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import Table, array, string, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package, Scope

ECOSYSTEM = "Packagist"
NAMES = ("composer.lock",)
GROUPS = (("packages", Scope.RUNTIME), ("packages-dev", Scope.DEVELOPMENT))


def read(file: ManifestFile) -> Manifest:
    """Every package of both groups."""
    draft = Draft(file, "composer_lock", ECOSYSTEM)
    document = json.parse(draft.text)
    needs = Needs()
    for group, scope in GROUPS:
        for row in map(table, array(document.get(group))):
            if _package(draft, row, scope):
                needs.of(draft, table(row.get("require")))
    needs.join(draft)
    return draft.manifest()


def _package(draft: Draft, row: Table, scope: Scope) -> Package | None:
    dist, source = table(row.get("dist")), table(row.get("source"))
    digest = string(dist.get("shasum"))
    facts: Facts = {"scope": scope, "locked": True, "hashes": (f"sha1:{digest}",) if digest else ()}
    if string(dist.get("type")) == "path":
        facts |= {"origin": Origin.PATH, "address": string(dist.get("url"))}
    elif not dist and source:
        facts |= {"origin": Origin.REPOSITORY, "address": string(source.get("url"))}
    return draft.add(string(row.get("name")), string(row.get("version")), line=row.line("name"), **facts)
