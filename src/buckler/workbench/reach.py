"""Wires the search for ways of a project's code to what is vulnerable in its dependencies.

Sources of packages come from environments in the tree or named by the caller, from releases fetched before and, if
that was allowed, from their registry. What was learned of a release is kept by its content.

Example::

    search = searching(Scene([Path("shop")], tree, limits, cache, cache_file), Wishes(fetch=True))
    search(inventory, vulnerabilities)[0].reach
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from buckler.base.digest import digest
from buckler.base.progress import Progress, Silent
from buckler.base.scratch import scratch
from buckler.base.source import SourceFile
from buckler.dependencies.model import Component, Inventory, Package, Reachability, Vulnerability
from buckler.dependencies.reach.analyse import Options as Looking
from buckler.dependencies.reach.analyse import analyse, key
from buckler.dependencies.reach.sources import version
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
LAYER = "reach"
SPOKEN = {
    "PyPI": ((".py",), ("Cython",)),
    "npm": (
        (".js", ".mjs", ".cjs", ".jsx"),
        ("TypeScript", "Vue", "Svelte", "Astro", "CoffeeScript", "Marko", "EJS", "Pug"),
    ),
}
"""Suffixes of code that uses packages of each ecosystem, and kinds of it that nobody here reads."""


@dataclass(slots=True, frozen=True)
class Scene:
    """What is searched."""

    paths: Sequence[Path]
    tree: ManifestTree
    limits: Limits
    cache: Cache
    cache_file: Path | None = None
    """Beside it lie the releases that were fetched before."""
    progress: Progress = field(default_factory=Silent)


def searching(scene: Scene, wishes: Wishes) -> Search:
    """The search, ready to be asked; nothing is read before that."""

    def search(inventory: Inventory, flaws: Sequence[Vulnerability]) -> Sequence[Reachability]:
        if not flaws:
            return ()
        inputs = collect(scene.paths, scene.limits)
        files = [*inputs.files, *_settings(scene)]
        releases = releases_for(scene, wishes)

        def bring(packages: Iterable[Package]) -> None:
            scene.progress.start(0, "fetching releases")
            releases.bring(packages)
            scene.progress.finish()

        near = needed(inventory.components, [flaw.component.package for flaw in flaws])
        if wishes.fetch:
            bring(component.package for component in near)
        mark = marked(files, near, flaws, releases)
        known = answers_in(scene.cache.get_many(LAYER, [mark]).get(mark), len(flaws))
        if known is None:
            manifests = frozenset(file.path for file in scene.tree.files)
            finder = Finder(releases, scene.cache)
            if wishes.fetch:
                bring(finder.compared(flaws))
            looking = Looking(finder, scene.cache, manifests, unread_code(inputs), scene.progress)
            found = analyse(files, near, flaws, releases, looking)
            known = [found[key(flaw)] for flaw in flaws]
            mark = marked(files, near, flaws, releases)  # with what was fetched meanwhile
            scene.cache.put_many(LAYER, {mark: msgspec.msgpack.encode(known)})
        return known

    return search


def unread_code(inputs: Inputs) -> dict[str, list[str]]:
    """Code of the project that nobody reads: nothing can be said to be out of its reach."""
    return {
        ecosystem: [
            *(kind for kind in inputs.unread if kind in kinds),
            *(note.path for note in inputs.notices if note.partial and note.path.endswith(suffixes)),
        ]
        for ecosystem, (suffixes, kinds) in SPOKEN.items()
    }


def marked(
    files: Sequence[SourceFile], near: Sequence[Component], flaws: Sequence[Vulnerability], releases: Releases
) -> bytes:
    """Everything an answer depends on: our own code, the project's, the releases, what is known of them."""
    fixed = (replace(flaw.component.package, version=v) for flaw in flaws for v in flaw.fixed)
    packages = dict.fromkeys((*(component.package for component in near), *fixed))
    parts = [version(), *(releases.mark(package).encode() for package in packages)]
    for flaw in flaws:
        days = [advisory.modified for advisory in flaw.advisories]
        parts.append(repr((flaw.component.package.purl, flaw.names, flaw.fixed, days)).encode())
    for file in files:
        with suppress(OSError):
            parts += [file.path.encode("utf-8", "surrogateescape"), digest(file.read())]
    return digest(*parts)


def answers_in(row: bytes | None, number: int) -> list[Reachability] | None:
    """What is kept; None where nothing is, or it is damaged."""
    if row is None:
        return None
    with suppress(msgspec.MsgspecError, ValueError):
        kept = msgspec.msgpack.decode(row, type=list[Reachability])
        return kept if len(kept) == number else None
    return None


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
