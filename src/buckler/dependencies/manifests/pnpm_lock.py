"""`pnpm-lock.yaml`, versions 5 to 9.

A release is named by a key that grew with the versions: `/lodash/4.17.21_react@17`, `/lodash@4.17.21(react@17)`,
`lodash@4.17.21`. Version 9 has what each needs apart, in `snapshots`. `importers` are the parts of the workspace.

Example::

    importers:
      .:
        dependencies:
          lodash: {specifier: ^4.0.0, version: 4.17.21}
    packages:
      lodash@4.17.21:
        resolution: {integrity: sha512-…}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from buckler.dependencies.documents import yaml
from buckler.dependencies.documents.shape import Table, entries, string, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package, Scope
from buckler.dependencies.npm import hashes_of, origin_of

ECOSYSTEM = "npm"
NAMES = ("pnpm-lock.yaml",)
SCOPES = {
    "dependencies": Scope.RUNTIME, "optionalDependencies": Scope.OPTIONAL, "devDependencies": Scope.DEVELOPMENT,
}  # fmt: skip
NEEDED = ("dependencies", "optionalDependencies")
KINDS = {"git": Origin.REPOSITORY, "directory": Origin.PATH}
OLD = frozenset("345")
"""Versions with slashes in their keys."""
ADDRESS = ":"
"""In what is no version."""
OLD_KEY = re.compile(r"(?:[^/]*/)?(?P<name>(?:@[^/]+/)?[^/@]+)/(?P<version>\d[^/_]*)")
KEY = re.compile(r"/?(?P<name>(?:@[^/]+/)?[^/@]+)@(?P<version>[^(]*)")


def read(file: ManifestFile) -> Manifest:
    """Every release of the file."""
    draft = Draft(file, "pnpm_lock", ECOSYSTEM)
    members: list[str] = []
    for document in yaml.parse_all(draft.text):
        importers = table(document.get("importers")) or Table({".": document})
        packages = _packages(draft, document)
        _needs(draft, document, packages)
        _asked(draft, importers, packages)
        members += [folder for path in importers if path != "." and (folder := file.resolve(path)) is not None]
    draft.members = tuple(members)
    return draft.manifest()


def _packages(draft: Draft, document: Table) -> dict[str, int]:
    """The number of the requirement of each key."""
    numbers: dict[str, int] = {}
    form = OLD_KEY if string(document.get("lockfileVersion")).partition(".")[0] in OLD else KEY
    for key, value, line in entries(document.get("packages")):
        row = table(value)
        name, version = _release(form, key, row)
        resolution = table(row.get("resolution"))
        facts: Facts = {
            "direct": False, "scope": _scope(row), "locked": True,
            "hashes": hashes_of(string(resolution.get("integrity"))),
        }  # fmt: skip
        facts |= _place(resolution)
        if draft.add(name, version, line=line, **facts) is not None:
            numbers[key] = len(draft.requirements) - 1
    return numbers


def _release(form: re.Pattern[str], key: str, row: Table) -> tuple[str, str]:
    """Name and version, from the row where the key is an address."""
    found = form.match(key)
    name, version = (found["name"], found["version"]) if found is not None else ("", "")
    return string(row.get("name")) or name, string(row.get("version")) or (version if ADDRESS not in version else "")


def _place(resolution: Table) -> Facts:
    kind = string(resolution.get("type"))
    if kind in KINDS:
        return {"origin": KINDS[kind], "address": string(resolution.get("repo")) or string(resolution.get("directory"))}
    place = string(resolution.get("tarball"))
    origin = origin_of(place)
    return {"origin": origin, "address": place} if origin is not Origin.REGISTRY else {}


def _scope(row: Table) -> Scope:
    """What older versions say of each release."""
    if row.get("dev") == "true":
        return Scope.DEVELOPMENT
    return Scope.OPTIONAL if row.get("optional") == "true" else Scope.RUNTIME


def _found(name: str, reference: str, packages: dict[str, int]) -> int | None:
    """The requirement that a name and what stands behind it mean."""
    bare = reference.partition("(")[0]
    for key in (reference, bare):
        for written in (f"{name}@{key}", f"/{name}@{key}", f"/{name}/{key}", key):
            if written in packages:
                return packages[written]
    return None


def _references(row: Table, groups: Iterator[str] | tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Each group, name and reference of what something needs; later versions write a table."""
    for group in groups:
        for name, value, _ in entries(row.get(group)):
            yield group, name, string(value) or string(table(value).get("version"))


def _needs(draft: Draft, document: Table, packages: dict[str, int]) -> None:
    """Gives each release what it needs."""
    needed: dict[int, dict[Package, None]] = {}
    for section in ("packages", "snapshots"):
        for key, value, _ in entries(document.get(section)):
            number = packages.get(key, packages.get(key.partition("(")[0]))
            if number is not None:
                found = (_found(name, ref, packages) for _, name, ref in _references(table(value), NEEDED))
                rows = dict.fromkeys(draft.requirements[n].package for n in found if n is not None)
                needed.setdefault(number, {}).update(rows)
    for number, rows in needed.items():
        draft.requirements[number] = replace(draft.requirements[number], requires=tuple(rows))


def _asked(draft: Draft, importers: Table, packages: dict[str, int]) -> None:
    """Marks what some part of the workspace asks for."""
    order = list(Scope)
    asked: dict[int, Scope] = {}
    for _, importer, _ in entries(importers):
        for group, name, reference in _references(table(importer), tuple(SCOPES)):
            number = _found(name, reference, packages)
            if number is not None:
                asked[number] = min(SCOPES[group], asked.get(number, SCOPES[group]), key=order.index)
    for number, scope in asked.items():
        draft.requirements[number] = replace(draft.requirements[number], direct=True, scope=scope)
