"""Version catalogs of Gradle, `libs.versions.toml`.

Example::

    [versions]
    okio = "3.0.0"
    [libraries]
    okio = { module = "com.squareup.okio:okio", version.ref = "okio" }
    junit = "junit:junit:4.13"
"""

from __future__ import annotations

from typing import Any

from buckler.dependencies.documents import toml
from buckler.dependencies.documents.shape import Table, entries, string, table
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Scope

ECOSYSTEM = "Maven"
NAMES = ("*.versions.toml",)
MARKER = ".gradle.plugin"
"""Ends the name of the artifact by which a plugin is found."""


def read(file: ManifestFile) -> Manifest:
    """Every library and plugin of the catalog."""
    draft = Draft(file, "version_catalog", ECOSYSTEM)
    document = toml.parse(draft.text)
    versions = table(document.get("versions"))
    for _, value, line in entries(document.get("libraries")):
        row, short = table(value), string(value).split(":")
        name = string(row.get("module")) or f"{string(row.get('group'))}:{string(row.get('name'))}"
        if len(short) >= 2:
            name = ":".join(short[:2])
        written = short[2] if len(short) > 2 else row.get("version")
        _add(draft, name, _wanted(written, versions), line, Scope.RUNTIME)
    for _, value, line in entries(document.get("plugins")):
        row, short = table(value), string(value).split(":")
        identifier = string(row.get("id")) or short[0]
        written = short[1] if len(short) > 1 else row.get("version")
        _add(draft, f"{identifier}:{identifier}{MARKER}", _wanted(written, versions), line, Scope.BUILD)
    return draft.manifest()


def _wanted(written: Any, versions: Table) -> str:
    """A version, a reference to one, or the strictest word of a table."""
    row = table(written)
    if string(row.get("ref")):
        return _wanted(_unreferenced(versions.get(string(row.get("ref")))), versions)
    return string(written) or next((v for key in ("strictly", "require", "prefer") if (v := string(row.get(key)))), "")


def _unreferenced(value: Any) -> Any:
    """What a reference leads to, which is no other reference."""
    return Table({k: v for k, v in value.items() if k != "ref"}) if isinstance(value, Table) else value


def _add(draft: Draft, name: str, wanted: str, line: int, scope: Scope) -> None:
    fixed = wanted if wanted[:1] not in {"[", "(", "]"} and "+" not in wanted else ""
    draft.add(name, fixed, line=line, wanted=wanted, scope=scope)
