"""Copies of packages in a tree, recognized by what is in them.

A file that is the same in some releases of a package is a copy of it. Where files were changed, the functions that are
still the same tell; where nothing is the same, what the file says of itself, as all releases do. All of a copy together
agrees with one release, or with a range of them: those in which most of it is found. Changed files may be of a later
release than is known, so beside them the newest known release means every later one, too.

Example::

    (manifest,) = vendored([("static/js/jq.js", data)], shipped())
    manifest.requirements[0].package     # jquery 1.12.4
    manifest.requirements[0].wanted      # or a range, and no version: ">=1.12.3,<=1.12.4"
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from buckler.base.source import language_of
from buckler.dependencies.manifests import INSTALLED
from buckler.dependencies.manifests.installed import VENDORED
from buckler.dependencies.manifests.reading import KIND
from buckler.dependencies.model import Manifest, Origin, Package, Requirement
from buckler.dependencies.vendored.fingerprints import of_file, of_functions
from buckler.dependencies.vendored.known import Known, head
from buckler.finding.model import Location, Notice

FORMAT = "vendored"
VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9}){1,3}(?:-[\w.]{1,20})?", re.A)
LARGEST = 4_000_000
"""Bytes of a file that is looked at."""
ENOUGH = 5
"""Functions that must be the same, where no file is."""
MOST_OF = 0.5
"""Share of the functions of a file that must be the same."""


@dataclass(slots=True)
class _Copy:
    """The files of one copy."""

    known: Known
    root: str
    files: dict[str, int] = field(default_factory=dict)
    """Unchanged ones, each with the releases that it is in."""
    changed: dict[str, Counter[int]] = field(default_factory=dict)
    """Those that are in no known release: how many functions they share with each."""
    said: dict[str, str] = field(default_factory=dict)
    """The version that a file says it is of which nothing else is known."""


@dataclass(slots=True)
class _Search:
    """What is known, by what a file is asked for, and the copies found until now."""

    known: tuple[Known, ...]
    files: dict[str, list[tuple[Known, str, int]]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, list[tuple[Known, str]]] = field(default_factory=lambda: defaultdict(list))
    copies: dict[tuple[str, str, str], _Copy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for known in self.known:
            for fingerprint, (path, seen) in known.files.items():
                self.files[fingerprint].append((known, path, seen))
            for path in sorted({path for path, _ in known.files.values()}):
                self.names[posixpath.basename(path)].append((known, path))

    def copy(self, known: Known, root: str) -> _Copy:
        return self.copies.setdefault((known.ecosystem, known.name, root), _Copy(known, root))

    def look(self, path: str, data: bytes) -> None:
        """Takes a file for a part of a copy if its content, its functions or its first line say so."""
        same = self.files.get(of_file(data), ())
        for known, inner, seen in same:
            self.copy(known, _root(path, inner)).files[path] = seen
        if not same and not self._changed(path, data):
            self._said(path, head(data))

    def _changed(self, path: str, data: bytes) -> bool:
        """By the functions of a file that is called as one of the package, in a path that names the package."""
        called = [(k, inner) for k, inner in self.names.get(posixpath.basename(path), ()) if k.name in path.lower()]
        if not called:
            return False
        functions = of_functions(language_of(path), data)
        known, inner = max(called, key=lambda one: _common(path, one[1]))
        hits = [known.functions[function] for function in functions if function in known.functions]
        if len(hits) < max(ENOUGH, len(functions) * MOST_OF):
            return False
        self.copy(known, _root(path, inner)).changed[path] = Counter(n for seen in hits for n in _numbers(seen))
        return True

    def _said(self, path: str, first: str) -> None:
        for known in self.known:
            banner = next((banner for banner in known.banners if first.startswith(banner)), "")
            found = VERSION.match(first, len(banner)) if banner else None
            if found is not None:
                self.copy(known, path).said[path] = found[0]


def vendored(files: Iterable[tuple[str, bytes]], known: Iterable[Known]) -> list[Manifest]:
    """Each copy that is found among files, as a manifest of one requirement."""
    search = _Search(tuple(known))
    for path, data in files:
        if language_of(path) and len(data) <= LARGEST and not _is_installed(path):
            search.look(path, data)
    return [_manifest(copy) for _, copy in sorted(search.copies.items())]


def _is_installed(path: str) -> bool:
    """Whether a file is of a package that says itself what it is; what that one has vendored is not."""
    return INSTALLED.search(path) is not None and VENDORED not in path


def _common(path: str, inner: str) -> int:
    """Names at the end that two paths share."""
    pairs = zip(reversed(path.split("/")), reversed(inner.split("/")), strict=False)
    return next((number for number, (one, other) in enumerate(pairs) if one != other), inner.count("/") + 1)


def _root(path: str, inner: str) -> str:
    """The folder of the copy: above the path within the package, or that of the file."""
    whole = _common(path, inner) > inner.count("/")
    return path.removesuffix(inner).rstrip("/") if whole else posixpath.dirname(path)


def _numbers(seen: int) -> Iterator[int]:
    return (number for number in range(seen.bit_length()) if seen >> number & 1)


def _agreed(copy: _Copy) -> tuple[str, str]:
    """The version of a copy, or the range of versions it agrees with; unchanged files say more than functions."""
    versions = copy.known.versions
    votes = Counter(number for seen in copy.files.values() for number in _numbers(seen))
    if not votes:
        for shared in copy.changed.values():
            votes.update(shared)
    if not votes:
        version = min(copy.said.values())
        return version, f"=={version}"
    agreed = [number for number in sorted(votes) if votes[number] == max(votes.values())]
    first, last = versions[agreed[0]], versions[agreed[-1]]
    if copy.changed and agreed[-1] == len(versions) - 1:
        return "", f">={first}"
    return ("", f">={first},<={last}") if first != last else (first, f"=={first}")


def _manifest(copy: _Copy) -> Manifest:
    version, wanted = _agreed(copy)
    path = min(copy.files or copy.changed or copy.said)
    package = Package(copy.known.ecosystem, copy.known.name, version)
    requirement = Requirement(
        package, Location(path, 1, 1, 1, 1), "", wanted, origin=Origin.VENDORED, address=copy.root,
        locked=bool(version),
    )  # fmt: skip
    return Manifest(path, FORMAT, (requirement,), tuple(_doubts(copy)))


def _doubts(copy: _Copy) -> Iterator[Notice]:
    name = copy.known.name
    if copy.changed:
        text = f"a copy of {name} in which files are changed, or of a release that is not known; told by its functions"
        yield Notice(KIND, min(copy.changed), text, partial=False)
    for path, version in copy.said.items():
        text = f"says it is {name} {version}, which is not among the releases that are known"
        yield Notice(KIND, path, text, partial=False)
