"""`package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3, and the list npm keeps in `node_modules`.

Versions 2 and 3 list every folder of the installation; what a package needs is the one of that name that Node finds,
looking from its own folder upward. Version 1 nests instead, and does not say what the project asks for.

Example::

    "packages": {
      "": {"dependencies": {"express": "^4"}},
      "node_modules/express": {"version": "4.18.2", "dependencies": {"qs": "6.11.0"}},
      "node_modules/qs": {"version": "6.11.0"}
    }
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import Table, entries, string, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package, Scope
from buckler.dependencies.npm import alias, hashes_of, origin_of, version_in

ECOSYSTEM = "npm"
NAMES = ("package-lock.json", "npm-shrinkwrap.json", "node_modules/.package-lock.json")
MODULES = "node_modules/"
NEEDED = ("dependencies", "optionalDependencies", "peerDependencies")
ASKED = (*NEEDED, "devDependencies")
DEEPEST = 64
"""Folders of packages within each other."""


@dataclass(slots=True)
class _Entry:
    """One folder of the installation."""

    row: Table
    line: int
    name: str
    """What it is called in the registry."""
    needs: list[str] = field(default_factory=list)
    package: Package | None = None


def read(file: ManifestFile) -> Manifest:
    """Every release that is installed."""
    draft = Draft(file, "npm_lock", ECOSYSTEM)
    document = json.parse(draft.text)
    packages = document.get("packages")
    found = _listed(table(packages)) if packages else _nested(table(document.get("dependencies")))
    for entry in found.values():
        entry.package = draft.package(entry.name, _version(entry.row, entry.name))
    root = table(table(packages).get("")) or document
    draft.project = draft.package(string(root.get("name")), string(root.get("version")))
    draft.members = _members(file, found)
    draft.guessed = "" not in found
    asked = _unasked(found) if draft.guessed else _asked(found)
    for path, entry in found.items():
        if not _is_module(path):
            draft.part(entry.name, string(entry.row.get("version")))
        elif not entry.row.get("link"):
            _add(draft, path, entry, found, direct=path in asked)
    return draft.manifest()


def _is_module(path: str) -> bool:
    """Whether a folder is that of a dependency, and not one of the project's own."""
    return MODULES in path


def _listed(packages: Table) -> dict[str, _Entry]:
    """The entries of versions 2 and 3, by folder."""
    out = {}
    for path, value, line in entries(packages):
        row = table(value)
        keys = NEEDED if _is_module(path) else ASKED
        needs = [name for key in keys for name, _, _ in entries(row.get(key))]
        out[path] = _Entry(row, line, string(row.get("name")) or path.rpartition(MODULES)[2], needs)
    for entry in out.values():
        target = out.get(string(entry.row.get("resolved"))) if entry.row.get("link") else None
        if target is not None and "name" not in target.row:
            target.name = entry.name  # a folder is called as the link that leads there
    return out


def _nested(dependencies: Table) -> dict[str, _Entry]:
    """The entries of version 1, by the folder each would have."""
    out: dict[str, _Entry] = {}
    waiting = [("", dependencies, 0)]
    while waiting:
        folder, rows, depth = waiting.pop()
        for name, value, line in entries(rows):
            row = table(value)
            path = f"{folder}{MODULES}{name}"
            needs = [needed for needed, _, _ in entries(row.get("requires"))]
            out[path] = _Entry(row, line, alias(string(row.get("version")))[0] or name, needs)
            inner = table(row.get("dependencies"))
            if inner and depth < DEEPEST:
                waiting.append((f"{path}/", inner, depth + 1))
    return out


def _version(row: Table, name: str) -> str:
    """The version; version 1 writes an address there for what is not from a registry."""
    written = string(row.get("version"))
    written = alias(written)[1] or written
    if "://" in written:
        return version_in(written, name)
    return written if origin_of(written) is Origin.REGISTRY else ""


def _members(file: ManifestFile, found: dict[str, _Entry]) -> tuple[str, ...]:
    """The folders of a workspace."""
    own = [path for path in found if path and not _is_module(path)]
    return tuple(folder for path in own if (folder := file.resolve(path)) is not None)


def _asked(found: dict[str, _Entry]) -> set[str]:
    """The folders of what the project and the parts of its workspace ask for."""
    own = [(path, entry) for path, entry in found.items() if not _is_module(path)]
    return {target for path, entry in own for name in entry.needs if (target := _seen(path, name, found))}


def _unasked(found: dict[str, _Entry]) -> set[str]:
    """Where the project itself is not among the entries: the folders at the top that no other package needs."""
    needed = {_seen(path, name, found) for path, entry in found.items() for name in entry.needs}
    return {path for path in found if path.count(MODULES) == 1 and path not in needed}


def _seen(path: str, name: str, found: dict[str, _Entry]) -> str:
    """The folder of the package that Node finds by a name from a folder; empty if there is none."""
    for folder in _upward(path):
        target = f"{folder}{MODULES}{name}"
        if target in found:
            return target
    return ""


def _upward(path: str) -> Iterator[str]:
    """A folder and those above it, each as the beginning of a path."""
    for _ in range(DEEPEST):
        yield f"{path}/" if path else ""
        if not path:
            return
        above, module, _ = path.rpartition(MODULES)
        path = above.rstrip("/") if module else posixpath.dirname(path)


def _add(draft: Draft, path: str, entry: _Entry, found: dict[str, _Entry], *, direct: bool) -> None:
    row = entry.row
    places = [string(row.get("resolved")), string(row.get("version"))]
    place = next((place for place in places if place and origin_of(place) is not Origin.REGISTRY), "")
    targets = [_linked(target, found) for name in entry.needs if (target := _seen(path, name, found))]
    facts: Facts = {
        "direct": direct, "scope": _scope(row), "locked": True,
        "origin": origin_of(place) if place else Origin.REGISTRY, "address": place,
        "requires": tuple(dict.fromkeys(t.package for t in targets if t.package is not None)),
        "hashes": hashes_of(string(row.get("integrity"))),
    }  # fmt: skip
    draft.add(
        entry.name, entry.package.version if entry.package else _version(row, entry.name), line=entry.line, **facts
    )


def _linked(path: str, found: dict[str, _Entry]) -> _Entry:
    """An entry, or the folder of the project that it is a link to."""
    entry = found[path]
    return found.get(string(entry.row.get("resolved")), entry) if entry.row.get("link") else entry


def _scope(row: Table) -> Scope:
    if row.get("dev") is True:
        return Scope.DEVELOPMENT
    optional = any(row.get(key) is True for key in ("optional", "devOptional"))
    return Scope.OPTIONAL if optional else Scope.RUNTIME
