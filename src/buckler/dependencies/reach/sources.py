"""Files of the project and of releases → what their functions use, through a cache by content.

Of a release nothing but its own bytes matters, so it is read once on a machine: its entry in the cache is found by the
digest of the release, and holds every file of it.

Example::

    read = Reading(cache)
    project = read.project(files)            # [FileUses, ...]
    package = read.release(release)          # paths are "pyyaml-5.3/yaml/loader.py"
"""

from __future__ import annotations

import gc
import marshal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache as cached
from pathlib import Path
from typing import Any, Protocol

from buckler.analysis.flow.relevance import TEST
from buckler.analysis.ir.codec import decode, encode
from buckler.analysis.ir.ops import Module
from buckler.analysis.languages.registry import LANGUAGES, front_end
from buckler.analysis.languages.shared import lower
from buckler.analysis.program.modules import module_name
from buckler.base.digest import digest
from buckler.base.source import SourceFile, in_tests, language_of
from buckler.dependencies.model import Package
from buckler.dependencies.reach.reading import uses_of
from buckler.dependencies.reach.uses import FileUses, Ref, Use
from buckler.dependencies.releases import Release

LAYER = "uses"
SPOKEN = {"PyPI": "python", "npm": "javascript"}
"""Ecosystems whose code is followed, each with the language of its packages."""
RECURSION = 4000
MAX_BYTES = 24 << 20
"""Code of one release; of a larger one the rest is unread."""
MAX_FILE = 1_500_000
LEFT_OUT = ("tests", "test", "docs", "examples", "benchmarks")
"""Folders at the top of a package, and below, in which nothing lies that a user of it imports."""


class Cache(Protocol):
    """Where results are kept between runs."""

    def get_many(self, layer: str, keys: Sequence[bytes]) -> dict[bytes, bytes]: ...

    def put_many(self, layer: str, items: Mapping[bytes, bytes]) -> None: ...


class NoCache:
    """Keeps nothing."""

    def get_many(self, layer: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {}

    def put_many(self, layer: str, items: Mapping[bytes, bytes]) -> None: ...


@cached
def version() -> bytes:
    """Changes whenever a file that decides about uses does."""
    root = Path(__file__).resolve().parents[2]
    files = [*(root / "analysis").rglob("*.py"), *(root / "dependencies").rglob("*.py")]
    marks = [f"{p.name}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in sorted(files)]
    return digest(*(mark.encode() for mark in marks))


@dataclass(slots=True, frozen=True)
class Named:
    """A file with the name by which it is imported."""

    path: str
    language: str
    name: str
    package: bool
    data: bytes


@dataclass(slots=True)
class Reading:
    cache: Cache = field(default_factory=NoCache)
    unread: list[str] = field(default_factory=list)
    """Paths of files that are too large."""

    def project(self, files: Sequence[SourceFile]) -> list[FileUses]:
        """The project's code without its tests."""
        named = list(named_files(files))
        keys = {n.path: digest(version(), n.path.encode("utf-8", "surrogateescape"), n.name.encode(), n.data)
                for n in named}  # fmt: skip
        known = self.cache.get_many(LAYER, list(keys.values()))
        out: list[FileUses] = []
        fresh: dict[bytes, bytes] = {}
        for file in named:
            row = known.get(keys[file.path])
            if row is None:
                row = fresh[keys[file.path]] = marshal.dumps([packed(lowered(file))])
            out += map(unpacked, marshal.loads(row))
        self.cache.put_many(LAYER, fresh)
        return out

    def release(self, release: Release) -> list[FileUses]:
        """All code of a release, in its own folder."""
        key = digest(version(), release.digest)
        known = self.cache.get_many(LAYER, [key]).get(key)
        if known is None:
            known = marshal.dumps([packed(lowered(file)) for file in self.members(release)])
            self.cache.put_many(LAYER, {key: known})
        return [unpacked(row) for row in marshal.loads(known)]

    def members(self, release: Release) -> Iterator[Named]:
        folder = folder_of(release.package)
        total = 0
        for path in sorted(release.files):
            language = language_of(path)
            if language != SPOKEN.get(release.package.ecosystem) or skipped(path, release.files):
                continue
            try:
                data = SourceFile(path, language, data=release.files[path]).text()
            except OSError:  # in an encoding that is not read
                self.unread.append(f"{folder}/{path}")
                continue
            total += len(data)
            if total > MAX_BYTES or len(data) > MAX_FILE:
                self.unread.append(f"{folder}/{path}")
                continue
            if release.package.ecosystem == "PyPI":
                name, package = imported_as(path)
            else:
                name, package = module_name(f"{folder}/{path}", frozenset())
            yield Named(f"{folder}/{path}", language, name, package, data)


def skipped(path: str, files: Mapping[str, bytes]) -> bool:
    """Tests, and stubs of what is there itself."""
    above = path.split("/")[:-1]
    return any(part in LEFT_OUT for part in above[1:]) or (path.endswith(".pyi") and path[:-1] in files)


def folder_of(package: Package) -> str:
    """How paths of a release begin."""
    return f"{package.name}-{package.version}"


def imported_as(path: str) -> tuple[str, bool]:
    """The dotted name of a Python file by its path from where imports begin."""
    parts = path.rsplit(".", 1)[0].split("/")
    package = parts[-1] == "__init__" and len(parts) > 1
    return ".".join(parts[:-1] if package else parts), package


def named_files(files: Iterable[SourceFile]) -> Iterator[Named]:
    """Readable files of the project in languages that are analysed, less its tests."""
    every = sorted((f for f in files if f.language in LANGUAGES), key=lambda f: f.path)
    folders = frozenset(f.path.rpartition("/")[0] for f in every if f.path.rpartition("/")[2] == "__init__.py")
    for file in every:
        if TEST.search(file.path) is not None and in_tests(file.path):
            continue
        try:
            data = file.text()
        except OSError:
            continue
        name, package = module_name(file.path, folders)
        yield Named(file.path, file.language, name, package, data)


def lowered(file: Named) -> FileUses:
    """What one file uses, without bodies."""
    out = uses_of(whole(file))
    for function in out.module.functions:
        function.body, function.places, function.packed = [], [], b""
    out.module.literals = []
    return out


def whole(file: Named) -> Module:
    """One file; trees are large, acyclic and short-lived, so the collector is off meanwhile."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    on = gc.isenabled()
    gc.disable()
    try:
        return lower(front_end(file.language), file.path, file.name, file.package, file.data)
    finally:
        sys.setrecursionlimit(limit)
        if on:
            gc.enable()


def packed(file: FileUses) -> tuple[Any, ...]:
    """As builtins, for the cache."""
    values = {name: [ref and tuple(ref) for ref in refs] for name, refs in file.values.items()}
    held = {name: [plain(use) for use in uses] for name, uses in file.held.items()}
    return encode(file.module), [[plain(use) for use in uses] for uses in file.uses], values, held, file.passive


def plain(use: Use) -> tuple[int, str, str, int]:
    """A use as builtins: a text may know more of itself than its letters."""
    return use.kind, str(use.text), str(use.name), use.span


def unpacked(row: tuple[Any, ...]) -> FileUses:
    module, uses, values, held, passive = row
    made = {name: tuple(ref and Ref(*ref) for ref in refs) for name, refs in values.items()}
    return FileUses(decode(module), uses, made, held, passive)
