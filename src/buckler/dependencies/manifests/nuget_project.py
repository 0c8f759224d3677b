"""Projects of .NET: `*.csproj` and its kind, `packages.config`, and versions kept in one place for many projects.

A version alone is the lowest that may be used, and the one that NuGet takes.

Example::

    <PackageReference Include="Newtonsoft.Json" Version="13.0.1" />
    <PackageVersion Include="Serilog" Version="[2.0,3.0)" />
    <package id="jQuery" version="3.4.0" developmentDependency="true" />
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from buckler.dependencies.documents import xml
from buckler.dependencies.documents.text import Damaged, Text
from buckler.dependencies.documents.xml import Element
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Scope

ECOSYSTEM = "NuGet"
CENTRAL = "Directory.Packages.props"
NAMES = ("*.csproj", "*.fsproj", "*.vbproj", CENTRAL, "Directory.Build.props", "packages.config")
EXACT = re.compile(r"\d+(?:\.\d+){0,3}(?:-[0-9A-Za-z.-]+)?(?:\+\S*)?")
PINNED = re.compile(r"\[\s*([^,\[\]\s]+)\s*\]")
PROPERTY = re.compile(r"\$\(([\w.]+)\)")
COMPUTED = re.compile(r"[$@%]\(")
"""In the name of what is many packages, or none, as the build finds them."""
MOST_FOLDERS = 30


def read(file: ManifestFile) -> Manifest:
    """Every package the file names."""
    draft = Draft(file, "nuget_project", ECOSYSTEM)
    root = xml.parse(draft.text)
    for row in root.all("package"):
        name, version = row.attributes.get("id", ""), row.attributes.get("version", "")
        scope = Scope.DEVELOPMENT if row.attributes.get("developmentDependency") == "true" else Scope.RUNTIME
        draft.add(name, version, line=row.line, scope=scope, locked=True)
    properties = _properties(root)
    references = [*root.every("PackageReference"), *root.every("GlobalPackageReference")]
    central = _central(file) if references else {}
    for row in references:
        name = _name(row)
        _reference(draft, row, _wanted(row, properties) or central.get(name.lower(), ""))
    for row in root.every("PackageVersion"):
        _reference(draft, row, _wanted(row, properties), direct=False)
    return draft.manifest()


def _name(row: Element) -> str:
    return row.attributes.get("Include") or row.attributes.get("Update") or ""


def _wanted(row: Element, properties: dict[str, str]) -> str:
    """The version as the file means it; a property that it does not set stays as it is written."""
    written = row.attributes.get("VersionOverride") or row.attributes.get("Version") or row.text_of("Version")
    return PROPERTY.sub(lambda found: properties.get(found[1].lower(), found[0]), written)


def _reference(draft: Draft, row: Element, wanted: str, *, direct: bool = True) -> None:
    name = _name(row)
    if COMPUTED.search(name):
        return
    pinned = PINNED.fullmatch(wanted)
    version = pinned[1] if pinned is not None else wanted if EXACT.fullmatch(wanted) else ""
    private = row.attributes.get("PrivateAssets") or row.text_of("PrivateAssets")
    scope = Scope.DEVELOPMENT if private.lower() == "all" else Scope.RUNTIME
    draft.add(name, version, line=row.line, wanted=wanted, scope=scope, direct=direct)


def _properties(root: Element) -> dict[str, str]:
    """What the file itself sets."""
    rows = (row for group in root.every("PropertyGroup") for row in group.children)
    return {row.name.lower(): row.text.strip() for row in rows}


def _central(file: ManifestFile) -> dict[str, str]:
    """The versions that the nearest file for many projects gives, by name in small letters."""
    for folder in _upward(file.folder):
        path = posixpath.join(folder, CENTRAL)
        data = file.tree(path)
        if data is not None:
            return _versions(path, data)
    return {}


def _versions(path: str, data: bytes) -> dict[str, str]:
    try:
        root = xml.parse(Text.of(path, data))
    except Damaged:  # said where the file itself is read
        return {}
    properties = _properties(root)
    return {_name(row).lower(): _wanted(row, properties) for row in root.every("PackageVersion")}


def _upward(folder: str) -> Iterator[str]:
    for _ in range(MOST_FOLDERS):
        yield folder
        if not folder:
            return
        folder = posixpath.dirname(folder)
