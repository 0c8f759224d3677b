"""`composer.json`: what a PHP project asks for.

Example::

    {"name": "me/shop", "require": {"php": ">=8.1", "monolog/monolog": "^2.0"}, "require-dev": {"phpunit/phpunit": "*"}}
"""

from __future__ import annotations

import re

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import array, entries, string, table
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Scope

ECOSYSTEM = "Packagist"
NAMES = ("composer.json",)
GROUPS = (("require", Scope.RUNTIME), ("require-dev", Scope.DEVELOPMENT))
EXACT = re.compile(r"v?\d+(?:\.\d+){1,3}")


def read(file: ManifestFile) -> Manifest:
    """Every package the file asks for; PHP itself and its extensions have no vendor, and are none."""
    draft = Draft(file, "composer_json", ECOSYSTEM)
    document = json.parse(draft.text)
    for group, scope in GROUPS:
        for name, value, line in entries(document.get(group)):
            if "/" in name:
                wanted = string(value)
                version = wanted if EXACT.fullmatch(wanted) else ""
                draft.add(name, version, line=line, wanted=wanted, scope=scope)
    for row in array(document.get("repositories")):
        if string(table(row).get("type")) == "composer":
            draft.index(string(table(row).get("url")))
    draft.project = draft.package(string(document.get("name")), string(document.get("version")))
    return draft.manifest()
