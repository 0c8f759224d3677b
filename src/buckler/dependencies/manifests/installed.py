"""Metadata of Python packages: of installed ones, and of a wheel or sdist that was unpacked.

Below `site-packages` each is a release that is installed; the installer marks with an empty file `REQUESTED` what was
asked for by name. Elsewhere it is the project's own, and says what the project needs.

Example::

    Name: flask
    Version: 2.0
    Requires-Dist: jinja2>=3
    Requires-Dist: python-dotenv; extra == "dotenv"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from buckler.dependencies.documents.headers import headers
from buckler.dependencies.documents.text import Text
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.manifests.standard import add
from buckler.dependencies.model import Manifest, Origin, Package, Scope
from buckler.dependencies.pep508 import asked

ECOSYSTEM = "PyPI"
NAMES = ("*.dist-info/METADATA", "*.egg-info/PKG-INFO", "EGG-INFO/PKG-INFO", "*.egg-info", "PKG-INFO")
ENVIRONMENTS = ("site-packages/", "dist-packages/")
VENDORED = "/_vendor/"


def read(file: ManifestFile) -> Manifest:
    """The release that is installed, or what the project needs."""
    draft = Draft(file, "installed", ECOSYSTEM)
    rows = list(headers(draft.text))
    first: dict[str, tuple[str, int]] = {}
    for key, value, line in rows:
        first.setdefault(key, (value, line))
    name, line = first.get("name", ("", 1))
    version, _ = first.get("version", ("", 1))
    needed = [(value, at, draft.text) for key, value, at in rows if key == "requires-dist"]
    needed += _egg(file)
    if any(part in f"/{file.path}" for part in ENVIRONMENTS):
        _installed(draft, name, version, line, [value for value, _, _ in needed])
    else:
        draft.project = draft.package(name, version)
        for value, at, place in needed:
            add(draft, value, at, Scope.RUNTIME, place)
    return draft.manifest()


def _egg(file: ManifestFile) -> Iterator[tuple[str, int, Text]]:
    """What an egg needs, which stands in a file beside; what follows a heading in brackets is optional."""
    other = file.other("requires.txt") if file.path.endswith("PKG-INFO") else None
    if other is not None:
        text = Text.of(other.path, other.data)
        for number, row in enumerate(text.lines, 1):
            if row.startswith("["):
                return
            if row.strip():
                yield row.strip(), number, text


def _installed(draft: Draft, name: str, version: str, line: int, needed: list[str]) -> None:
    if draft.add(name, version, line=line, locked=True) is None:
        return
    path = draft.file.path
    found = [asked(text) for text in needed]
    packages = [draft.package(a.name) for a in found if a is not None and not a.optional]
    draft.requirements[-1] = replace(
        draft.requirements[-1],
        direct=path.endswith("/METADATA") and draft.file.beside("REQUESTED") is not None,
        origin=Origin.VENDORED if VENDORED in path else Origin.INSTALLED,
        requires=tuple(package for package in packages if isinstance(package, Package)),
    )
