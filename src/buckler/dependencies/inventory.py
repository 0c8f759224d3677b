"""From manifests and lockfiles to the releases a project is made of.

A `Component` is one release with every line that brings it in: `flask>=2` of `pyproject.toml` and `flask 2.0.1` of the
`poetry.lock` beside it are one. A range whose lockfile pins nothing stays a component without version. How a release
comes in is the shortest way through what the lockfiles say each release needs; what it is for, where its lockfile does
not say so, is what the first on that way is for.

Example::

    inventory = inventory_of(files_of(tree.paths, tree.get))
    [component.package.purl for component in inventory.components]
    inventory.components[7].chain        # (flask 2.0.1, jinja2 3.0, markupsafe 2.0)
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from packaging.utils import canonicalize_version

from buckler.dependencies import manifests
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Component, Inventory, Manifest, Package, Requirement, Scope
from buckler.dependencies.pep508 import admits

HOME = re.compile(r"(?P<home>(?:.*/)?)(?:node_modules/|[^/]+/(?:lib|Lib)(?:64)?/(?:python[^/]+/)?site-packages/)")
"""The folder of the project whose packages lie in a folder below it."""
LONGEST = 64
"""Releases of a chain."""


def files_of(paths: Iterable[str], tree: Callable[[str], bytes | None]) -> Iterator[ManifestFile]:
    """The manifests among the files of a tree, each read when it is its turn."""
    for path in paths:
        if manifests.reader_of(path) is not None:
            data = tree(path)
            if data is not None:
                yield ManifestFile(path, data, tree)


def inventory_of(files: Iterable[ManifestFile], others: Iterable[Manifest] = ()) -> Inventory:
    """Everything the files bring in, and what was found otherwise; never raises for what is in them."""
    read = [manifests.read(file) for file in files]
    own = {(m.project.ecosystem, m.project.name) for m in read if m.project is not None}
    read += [manifest for manifest in others if not _is_own(manifest, own)]
    read.sort(key=lambda manifest: manifest.path)
    groups = _grouped(_rows(read))
    order = sorted(groups)
    _trace(groups, order)
    components = [groups[key].component() for key in order]
    problems = dict.fromkeys(problem for manifest in read for problem in manifest.problems)
    return Inventory(read, components, list(problems))


def _is_own(manifest: Manifest, own: set[tuple[str, str]]) -> bool:
    """Whether it says that the project is a copy of itself."""
    return all((r.package.ecosystem, r.package.name) in own for r in manifest.requirements)


def identity(package: Package) -> Package:
    """The same for the same release, however its version is written."""
    if package.ecosystem == "PyPI" and package.version:
        return replace(package, version=canonicalize_version(package.version))
    return package


@dataclass(slots=True)
class _Row:
    """A requirement, the manifest that has it, and the folder for which that counts."""

    requirement: Requirement
    manifest: Manifest
    home: str


@dataclass(slots=True)
class _Group:
    """One release in the making."""

    package: Package
    rows: list[Requirement] = field(default_factory=list)
    chain: tuple[Package, ...] = ()
    scope: Scope = Scope.RUNTIME
    """What it is for, by the first of its chain."""

    def component(self) -> Component:
        rows = [replace(r, scope=self.scope) if r.locked and r.scope is Scope.RUNTIME else r for r in self.rows]
        return Component(self.package, tuple(dict.fromkeys(rows)), self.chain or (self.package,))

    def asked(self) -> Scope | None:
        """What the project asks for it for, None if it does not; its manifests know that better than its lockfile."""
        direct = [r for r in self.rows if r.direct]
        best = [r for r in direct if not r.locked] or direct
        return min((r.scope for r in best), key=ORDER.index, default=None)


ORDER = list(Scope)


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


def _grouped(rows: list[_Row]) -> dict[Package, _Group]:
    """The requirements by release; a range belongs to the release that a lockfile chose for it."""
    chosen: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        package = row.requirement.package
        if package.version:
            for folder in {row.home, *row.manifest.members}:
                chosen[folder, package.ecosystem, package.name].append(row)
    told = _told(rows)
    groups: dict[Package, _Group] = {}
    fitting: dict[tuple[str, Package, str], list[Package]] = {}
    for row in rows:
        requirement, package = row.requirement, row.requirement.package
        meant = fitting.get((row.home, package, requirement.wanted))
        if meant is None:
            candidates = [] if package.version else chosen[row.home, package.ecosystem, package.name]
            meant = fitting[row.home, package, requirement.wanted] = _fitting(requirement, candidates) or [package]
        if row.manifest.guessed and (row.home, package.ecosystem) in told:
            requirement = replace(requirement, direct=False)
        for target in meant:
            groups.setdefault(identity(target), _Group(target)).rows.append(requirement)
    return groups


def _told(rows: list[_Row]) -> set[tuple[str, str]]:
    """The folders and ecosystems of which some manifest says what the project asks for."""
    return {(row.home, row.requirement.package.ecosystem) for row in rows if not row.requirement.locked}


def _fitting(requirement: Requirement, candidates: list[_Row]) -> list[Package]:
    """The releases that a range means: what a lockfile names as asked for before everything else it has."""
    locked = [row.requirement for row in candidates if row.requirement.locked]
    chosen = [r for r in locked if r.direct] or locked
    if not chosen:
        every = [row.requirement for row in candidates]
        chosen = [r for r in every if admits(requirement.wanted, r.package.version)]
    return list(dict.fromkeys(r.package for r in chosen))


def _trace(groups: dict[Package, _Group], order: list[Package]) -> None:
    """Gives each release the shortest way from what the project asks for, and the scope that says most."""
    by_name: dict[tuple[str, str], list[Package]] = defaultdict(list)
    roots: dict[Scope, list[Package]] = defaultdict(list)
    for key in order:
        by_name[key.ecosystem, key.name].append(key)
        scope = groups[key].asked()
        if scope is not None:
            roots[scope].append(key)
            groups[key].chain = (groups[key].package,)
    reached: set[Package] = set()
    for scope in ORDER:
        waiting = deque(key for key in roots[scope] if key not in reached)
        reached.update(waiting)
        while waiting:
            group = groups[waiting.popleft()]
            group.scope = scope
            for needed in dict.fromkeys(package for row in group.rows for package in row.requires):
                key = identity(needed)
                for found in [key] if key in groups else by_name[key.ecosystem, key.name]:
                    if found not in reached:
                        reached.add(found)
                        waiting.append(found)
                        groups[found].chain = groups[found].chain or _longer(group.chain, groups[found].package)


def _longer(chain: tuple[Package, ...], package: Package) -> tuple[Package, ...]:
    """A chain with one more; of one that no project has, the beginning and the end."""
    return (*chain, package) if len(chain) < LONGEST else (chain[0], *chain[2:], package)
