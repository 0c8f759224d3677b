"""Wires the search for ways of a project's code to what is vulnerable in its dependencies.

Sources of packages come from environments in the tree or named by the caller, from releases fetched before and, if
that was allowed, from their registry. What was learned of a release is kept by its content.

Example::

    search = searching(Scene([Path("shop")], tree, limits, cache, cache_file), Wishes(fetch=True))
    search(inventory, vulnerabilities)[0].reach
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from buckler.base.scratch import scratch
from buckler.base.source import SourceFile
from buckler.dependencies.model import Component, Inventory, Package, Reachability, Vulnerability
from buckler.dependencies.reach.analyse import Options as Looking
from buckler.dependencies.reach.analyse import analyse, key
from buckler.dependencies.releases import FetchMany, Releases
from buckler.dependencies.symbols.find import Finder
from buckler.prove.environment.fetching import fetched
from buckler.store.cache import Cache
from buckler.workbench.folders import walk
from buckler.workbench.inputs import collect
from buckler.workbench.known import Search
from buckler.workbench.manifests import ManifestTree
from buckler.workbench.selection import Inputs, Limits, Selection
from buckler.workbench.wishes import Wishes

ENVIRONMENTS = (".venv", "venv", "env", "node_modules")
"""Where people install what a project needs, beside its code."""
RELEASES = "releases"
"""The folder of fetched archives, beside the cache."""
SETTINGS = re.compile(
    r"(?:.*/)?(?:Procfile|Dockerfile[^/]*|Makefile|[^/]+\.(?:cfg|ini|toml|ya?ml|sh|conf|service|env|html?|jinja2?))",
    re.I,
)
"""Files beside the code that may name a module or start a command."""
MOST_SETTINGS = 2000


@dataclass(slots=True, frozen=True)
class Scene:
    """What is searched."""

    paths: Sequence[Path]
    tree: ManifestTree
    limits: Limits
    cache: Cache
    cache_file: Path | None = None
    """Beside it lie the releases that were fetched before."""


def searching(scene: Scene, wishes: Wishes) -> Search:
    """The search, ready to be asked; nothing is read before that."""

    def search(inventory: Inventory, flaws: Sequence[Vulnerability]) -> Sequence[Reachability]:
        if not flaws:
            return ()
        code = collect(scene.paths, scene.limits).files
        manifests = frozenset(file.path for file in scene.tree.files)
        releases = releases_for(scene, wishes)
        near = needed(inventory.components, [flaw.component.package for flaw in flaws])
        if wishes.fetch:
            releases.bring(component.package for component in near)
        looking = Looking(Finder(releases, scene.cache), scene.cache, manifests)
        found = analyse([*code, *_settings(scene)], near, flaws, releases, looking)
        return [found[key(flaw)] for flaw in flaws]

    return search


def needed(components: Sequence[Component], vulnerable: Sequence[Package]) -> list[Component]:
    """The components through which the code can come to a vulnerable one: those that need it, however indirectly.

    A list that does not say who needs whom may hold anything in between, so all of it counts.
    """
    flat = {package.ecosystem for package in vulnerable}
    above: dict[Package, list[Package]] = {}
    for component in components:
        for package in _needs(component):
            above.setdefault(package, []).append(component.package)
    found, waiting = {*vulnerable}, [*vulnerable]
    while waiting:
        for package in above.get(waiting.pop(), ()):
            if package not in found:
                found.add(package)
                waiting.append(package)
    told = {line.location.path for component in components for line in component.requirements if line.requires}
    return [c for c in components if c.package in found or (c.package.ecosystem in flat and _alone(c, told))]


def _needs(component: Component) -> Iterator[Package]:
    for line in component.requirements:
        yield from line.requires


def _alone(component: Component, told: set[str]) -> bool:
    """It has a version, and no file that says who needs whom speaks of it."""
    return bool(component.package.version) and not any(r.location.path in told for r in component.requirements)


def releases_for(scene: Scene, wishes: Wishes) -> Releases:
    """Where the sources of packages come from."""
    homes = dict.fromkeys(scene.tree.root / file.folder for file in scene.tree.files)
    found = [home / name for home in homes for name in ENVIRONMENTS if (home / name).is_dir()]
    beside = scene.cache_file.parent if scene.cache_file else None
    kept = beside / RELEASES if beside else None
    places = (*wishes.environments, *found)
    if not wishes.fetch:
        return Releases(places, kept)
    fetch = _fetching(beside)
    return Releases(places, kept, lambda package: fetch([package]).get(package), fetch)


def _fetching(beside: Path | None) -> FetchMany:
    def fetch(packages: Sequence[Package]) -> dict[Package, bytes]:
        named = {(package.ecosystem, package.name, package.version): package for package in packages}
        return {named[row]: data for row, data in fetched(named, beside or scratch("buckler-fetch-")).items()}

    return fetch


def _settings(scene: Scene) -> Iterator[SourceFile]:
    """Files beside the code that may name a module or start a command."""
    selection, root = Selection(scene.limits), scene.tree.root
    number = 0
    for path in scene.paths:
        folder = path.absolute()
        if not folder.is_dir():
            continue
        prefix = "" if folder == root else f"{folder.relative_to(root).as_posix()}/"
        ignore = scene.limits.ignore_files
        for entry, shown in walk(folder, prefix, selection, Inputs(root, ""), [], ignore_files=ignore):
            if SETTINGS.fullmatch(shown) and number < MOST_SETTINGS:
                number += 1
                yield SourceFile(shown, "settings", Path(entry.path))
