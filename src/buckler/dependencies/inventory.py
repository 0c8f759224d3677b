"""From manifests and lockfiles to the releases a project is made of.

A `Component` is one release with every line that brings it in: `flask>=2` of `pyproject.toml` and `flask 2.0.1` of the
`poetry.lock` beside it are one. A range whose lockfile pins nothing stays a component without version. How a release
comes in is the shortest way through what the lockfiles say each release needs.

Example::

    inventory = inventory_of(files_of(tree.paths, tree.get))
    [component.package.purl for component in inventory.components]
    inventory.components[7].chain        # (flask 2.0.1, jinja2 3.0, markupsafe 2.0)
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from packaging.utils import canonicalize_version

from buckler.dependencies import manifests
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Component, Inventory, Manifest, Package, Requirement
from buckler.dependencies.pep508 import admits

HOME = re.compile(r"(?P<home>(?:.*/)?)(?:node_modules/|[^/]+/(?:lib|Lib)(?:64)?/(?:python[^/]+/)?site-packages/)")
"""The folder of the project whose packages lie in a folder below it."""


def files_of(paths: Iterable[str], tree: Callable[[str], bytes | None]) -> Iterator[ManifestFile]:
    """The manifests among the files of a tree, each read when it is its turn."""
    for path in paths:
        if manifests.reader_of(path) is not None:
            data = tree(path)
            if data is not None:
                yield ManifestFile(path, data, tree)


def inventory_of(files: Iterable[ManifestFile]) -> Inventory:
    """Everything the files bring in; never raises for what is in them."""
    read = [manifests.read(file) for file in files]
    read.sort(key=lambda manifest: manifest.path)
    rows = list(_paired(_rows(read)))
    groups: dict[Package, dict[Requirement, None]] = defaultdict(dict)
    written: dict[Package, Package] = {}
    for package, requirement in rows:
        key = identity(package)
        written.setdefault(key, package)
        groups[key].setdefault(requirement)
    chains = _chains(groups, written)
    components = [Component(written[key], tuple(groups[key]), chains.get(key, ())) for key in sorted(groups)]
    problems = dict.fromkeys(problem for manifest in read for problem in manifest.problems)
    return Inventory(read, components, list(problems))


def identity(package: Package) -> Package:
    """The same for the same release, however its version is written."""
    if package.ecosystem == "PyPI" and package.version:
        return replace(package, version=canonicalize_version(package.version))
    return package


class _Row:
    """A requirement, and the manifest that has it."""

    __slots__ = ("home", "manifest", "requirement")

    def __init__(self, requirement: Requirement, manifest: Manifest, home: str) -> None:
        self.requirement = requirement
        self.manifest = manifest
        self.home = home


def _rows(read: Iterable[Manifest]) -> list[_Row]:
    """Each requirement once: what one file includes from another is read with both."""
    seen: set[tuple[object, ...]] = set()
    out = []
    for manifest in read:
        home = home_of(manifest.path)
        for requirement in manifest.requirements:
            key = (requirement.package, requirement.location, requirement.scope)
            if key not in seen:
                seen.add(key)
                out.append(_Row(requirement, manifest, home))
    return out


def home_of(path: str) -> str:
    """The folder for which a manifest counts."""
    found = HOME.match(path)
    return found["home"].rstrip("/") if found is not None else path.rpartition("/")[0]


def _paired(rows: list[_Row]) -> Iterator[tuple[Package, Requirement]]:
    """Each requirement with its release; a range belongs to the release that a lockfile chose for it."""
    chosen: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        package = row.requirement.package
        if package.version:
            for folder in {row.home, *row.manifest.members}:
                chosen[folder, package.ecosystem, package.name].append(row)
    for row in rows:
        requirement, package = row.requirement, row.requirement.package
        candidates = [] if package.version else chosen[row.home, package.ecosystem, package.name]
        for target in _fitting(requirement, candidates) or [package]:
            yield target, requirement


def _fitting(requirement: Requirement, candidates: list[_Row]) -> list[Package]:
    """The releases that a range means: what a lockfile names as asked for before everything else it has."""
    locked = [row.requirement for row in candidates if row.requirement.locked]
    chosen = [r for r in locked if r.direct] or locked
    if not chosen:
        chosen = [row.requirement for row in candidates]
        chosen = [r for r in chosen if admits(requirement.wanted, r.package.version)]
    return list(dict.fromkeys(r.package for r in chosen))


def _chains(
    groups: dict[Package, dict[Requirement, None]], written: dict[Package, Package]
) -> dict[Package, tuple[Package, ...]]:
    """For each release the shortest way from what the project asks for itself."""
    by_name: dict[tuple[str, str], list[Package]] = defaultdict(list)
    for key in sorted(groups):
        by_name[key.ecosystem, key.name].append(key)
    roots = [key for key in sorted(groups) if any(requirement.direct for requirement in groups[key])]
    chains: dict[Package, tuple[Package, ...]] = {key: (written[key],) for key in roots}
    waiting = deque(roots)
    while waiting:
        key = waiting.popleft()
        for requirement in groups[key]:
            for needed in requirement.requires:
                target = identity(needed)
                for found in [target] if target in groups else by_name[target.ecosystem, target.name]:
                    if found not in chains:
                        chains[found] = (*chains[key], written[found])
                        waiting.append(found)
    return {key: chains.get(key, (written[key],)) for key in groups}
