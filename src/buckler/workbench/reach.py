"""Wires the search for ways of a project's code to what is vulnerable in its dependencies.

Sources of packages come from environments in the tree or named by the caller, from releases fetched before and, if
that was allowed, from their registry. What was learned of a release is kept by its content.

Example::

    search = searching([Path("shop")], tree, Options(), Wishes(fetch=True), cache)
    search(inventory, vulnerabilities)[0].reach
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from buckler.base.source import SourceFile
from buckler.dependencies.model import Inventory, Package, Reachability, Vulnerability
from buckler.dependencies.reach.analyse import Options as Looking
from buckler.dependencies.reach.analyse import analyse, key
from buckler.dependencies.releases import Fetch, Releases, nothing
from buckler.dependencies.symbols.find import Finder
from buckler.prove.environment.fetching import fetched
from buckler.store.cache import Cache
from buckler.workbench.folders import walk
from buckler.workbench.inputs import collect
from buckler.workbench.known import Search
from buckler.workbench.manifests import ManifestTree
from buckler.workbench.review import Options, limits_of
from buckler.workbench.selection import Inputs, Selection

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
class Wishes:
    """What is to be done beside holding packages against advisories."""

    reach: bool = True
    """Look for the ways of the code to what is vulnerable."""
    environments: tuple[Path, ...] = ()
    """Folders in which the packages are installed."""
    fetch: bool = False
    """Releases that are not at hand may be fetched from their registry."""


def searching(paths: Sequence[Path], tree: ManifestTree, options: Options, wishes: Wishes, cache: Cache) -> Search:
    """The search, ready to be asked; nothing is read before that."""

    def search(inventory: Inventory, flaws: Sequence[Vulnerability]) -> Sequence[Reachability]:
        if not flaws:
            return ()
        code = collect(paths, limits_of(options)).files
        files = [*code, *_settings(paths, tree, options)]
        manifests = frozenset(file.path for file in tree.files)
        releases = releases_for(tree, options, wishes)
        looking = Looking(Finder(releases, cache), cache, manifests)
        found = analyse(files, inventory.components, flaws, releases, looking)
        return [found[key(flaw)] for flaw in flaws]

    return search


def releases_for(tree: ManifestTree, options: Options, wishes: Wishes) -> Releases:
    """Where the sources of packages come from."""
    homes = dict.fromkeys(tree.root / file.folder for file in tree.files)
    found = [home / name for home in homes for name in ENVIRONMENTS if (home / name).is_dir()]
    kept = options.cache.parent / RELEASES if options.cache else None
    return Releases((*wishes.environments, *found), kept, _fetching(options.cache) if wishes.fetch else nothing)


def _fetching(cache: Path | None) -> Fetch:
    def fetch(package: Package) -> bytes | None:
        return fetched(package.ecosystem, package.name, package.version, cache.parent if cache else Path())

    return fetch


def _settings(paths: Sequence[Path], tree: ManifestTree, options: Options) -> Iterator[SourceFile]:
    limits = limits_of(options)
    selection = Selection(limits)
    number = 0
    for path in paths:
        folder = path.absolute()
        if not folder.is_dir():
            continue
        prefix = "" if folder == tree.root else f"{folder.relative_to(tree.root).as_posix()}/"
        for entry, shown in walk(
            folder, prefix, selection, Inputs(tree.root, ""), [], ignore_files=limits.ignore_files
        ):
            if SETTINGS.fullmatch(shown) and number < MOST_SETTINGS:
                number += 1
                yield SourceFile(shown, "settings", Path(entry.path))
