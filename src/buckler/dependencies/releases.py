"""The source files of releases: from what is installed beside the project, from a folder of archives, or fetched.

Nothing is installed or run: an archive is read in memory, member by member, and what it holds is bounded whatever its
headers promise. Paths are those by which the language imports the files: of a source distribution the folders around
its packages are left out.

Example::

    releases = Releases((Path(".venv"),), cache=Path("~/.cache/buckler/releases"), fetch=download)
    found = releases.find(Package("PyPI", "pyyaml", "5.3"))
    found.files["yaml/loader.py"]        # or `found` is None: nobody has it
"""

from __future__ import annotations

import bz2
import io
import json
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from buckler.base.digest import digest
from buckler.base.source import language_of
from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.model import Package

MAX_PACKED = 128 << 20
MAX_TOTAL = 256 << 20
MAX_FILE = 4 << 20
MAX_FILES = 30_000
COMPILED = (".so", ".pyd", ".pyx", ".node", ".wasm")
"""Parts of a package that no front end reads; only their names are kept."""
FACTS = ("METADATA", "PKG-INFO", "entry_points.txt", "RECORD", "top_level.txt")
"""What a Python release says of itself."""
DAMAGE = (
    OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError,
    RuntimeError, ValueError, KeyError,
)  # fmt: skip
INSTALLED = "node_modules"
_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.(?:dist|egg)-info")

Fetch = Callable[[Package], bytes | None]
"""Gives the archive of a release as its registry has it; None if there is none or it may not be asked."""
FetchMany = Callable[[Sequence[Package]], Mapping[Package, bytes]]
"""The same of several in one go, of those that there are."""


def nothing(_: Package) -> None:
    """Fetches nothing."""


def none_of(_: Sequence[Package]) -> Mapping[Package, bytes]:
    """Fetches nothing, too."""
    return {}


@dataclass(slots=True, frozen=True)
class Release:
    package: Package
    files: Mapping[str, bytes]
    """By the path from where imports begin; compiled parts are there without their bytes."""
    digest: bytes
    """Of the content."""

    @property
    def compiled(self) -> list[str]:
        return [path for path in self.files if path.endswith(COMPILED)]


@dataclass(slots=True)
class Releases:
    """Where releases come from, in this order; each is read once."""

    installed: Sequence[Path] = ()
    """Environments: folders with a `site-packages` or `node_modules`, or such a folder itself."""
    cache: Path | None = None
    """A folder of archives as they were fetched: `<ecosystem>/<name>/<version>`."""
    fetch: Fetch = nothing
    fetch_many: FetchMany = none_of
    _places: dict[Package, Path] | None = None
    _known: dict[Package, Release | None] = field(default_factory=dict)

    def find(self, package: Package) -> Release | None:
        """The release with its sources; None where nobody has it, or it is damaged or too large."""
        if package not in self._known:
            self._known[package] = self._find(package)
        return self._known[package]

    def files(self, package: Package) -> Mapping[str, bytes]:
        """The files of a release; none where there are no sources of it."""
        found = self.find(package)
        return found.files if found is not None else {}

    def forget(self, package: Package) -> None:
        """Let go of the bytes of a release that nobody needs any more."""
        self._known.pop(package, None)

    def bring(self, packages: Iterable[Package]) -> None:
        """Fetch those that are not at hand in one go, and keep them."""
        absent = [p for p in dict.fromkeys(packages) if p.version and not self._at_hand(p)]
        for package, data in self.fetch_many(absent).items() if absent else ():
            self._keep(package, data)

    def mark(self, package: Package) -> str:
        """What the sources of a release are, as far as that can be told without reading them."""
        place = self._installed().get(package) or self._file(package)
        with suppress(OSError):
            if place is not None:
                status = place.stat()
                return f"{package.purl} {status.st_size} {status.st_mtime_ns}"
        return package.purl

    def _at_hand(self, package: Package) -> bool:
        kept = self._file(package)
        return package in self._known or package in self._installed() or (kept is not None and kept.is_file())

    def _installed(self) -> dict[Package, Path]:
        if self._places is None:
            self._places = dict(in_environments(self.installed))
        return self._places

    def _find(self, package: Package) -> Release | None:
        place = self._installed().get(package)
        if place is not None:
            found = read_installed(package, place)
            if found.files:
                return found
        data = self._archive(package)
        return read_archive(package, data) if data is not None else None

    def _file(self, package: Package) -> Path | None:
        return self.cache / _kept(package) if self.cache is not None and package.version else None

    def _archive(self, package: Package) -> bytes | None:
        kept = self._file(package)
        if kept is not None:
            with suppress(OSError):
                if kept.is_file() and kept.stat().st_size <= MAX_PACKED:
                    return kept.read_bytes()
        data = self.fetch(package) if package.version else None
        if data is None or len(data) > MAX_PACKED:
            return None
        self._keep(package, data)
        return data

    def _keep(self, package: Package, data: bytes) -> None:
        kept = self._file(package)
        if kept is not None and len(data) <= MAX_PACKED:
            with suppress(OSError):  # without room there the release is only fetched again
                kept.parent.mkdir(parents=True, exist_ok=True)
                passing = kept.with_name(f"{kept.name}.{os.getpid()}")
                passing.write_bytes(data)
                passing.replace(kept)


def _kept(package: Package) -> Path:
    """Where the archive of a release is kept; no name leads out of the folder."""
    return Path(*(re.sub(r"[^\w.+@-]|^\.", "_", part) for part in (package.ecosystem, package.name, package.version)))


# Archives.


def read_archive(package: Package, data: bytes) -> Release | None:
    """A wheel, sdist or npm tarball."""
    try:
        members = dict(_bounded(_members(data)))
    except DAMAGE:
        return None
    place = as_imported if package.ecosystem == "PyPI" else as_packed
    return Release(package, place(members), digest(data))


def _members(data: bytes) -> Iterator[tuple[str, Callable[[], bytes]]]:
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    yield info.filename, partial(_member, archive, info)
        return
    with tarfile.open(fileobj=io.BytesIO(_unpacked(data))) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is not None:
                yield member.name, partial(_some, stream)


OPENERS: Mapping[bytes, Callable[[bytes, int], bytes]] = {
    b"\x1f\x8b": lambda packed, most: zlib.decompressobj(31).decompress(packed, most),
    b"BZh": lambda packed, most: bz2.BZ2Decompressor().decompress(packed, most),
    b"\xfd7zXZ\x00": lambda packed, most: lzma.LZMADecompressor().decompress(packed, most),
}
"""By how the bytes begin."""


def _unpacked(data: bytes) -> bytes:
    """The tar file inside, no longer than we are willing to hold."""
    opener = next((opener for head, opener in OPENERS.items() if data.startswith(head)), None)
    out = data if opener is None else opener(data, 2 * MAX_TOTAL + 1)
    if len(out) > 2 * MAX_TOTAL:
        raise ValueError("unpacks to too much")
    return out


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as stream:
        return _some(stream)


def _some(stream: IO[bytes]) -> bytes:
    """One byte more than we keep tells that there is more."""
    return stream.read(MAX_FILE + 1)


def _bounded(members: Iterable[tuple[str, Callable[[], bytes]]]) -> Iterator[tuple[str, bytes]]:
    """Those that are worth keeping, as long as they are not too many."""
    total = 0
    for number, (name, read) in enumerate(members):
        if number > MAX_FILES or total > MAX_TOTAL:
            raise ValueError("holds too much")
        path = _safe(name)
        if not path or not _wanted(path):
            continue
        data = b"" if path.endswith(COMPILED) else read()
        total += len(data)
        if len(data) <= MAX_FILE:
            yield path, data


def _safe(name: str) -> str:
    parts = name.split("/")
    parts = parts[1:] if parts[:1] == ["."] else parts
    return "" if not all(parts) or {".", ".."} & set(parts) or "\\" in name or "\0" in name else "/".join(parts)


def _wanted(path: str) -> bool:
    name = path.rpartition("/")[2]
    return bool(language_of(path)) or path.endswith(COMPILED) or name in FACTS or name == "package.json"


def as_packed(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """Without the one folder that an npm tarball has around everything."""
    return {path.partition("/")[2]: data for path, data in members.items() if "/" in path}


def as_imported(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """By the paths that imports see: a wheel is like that, a source distribution has folders around its packages."""
    if any(_INFO.fullmatch(path.partition("/")[0]) and path.endswith("/RECORD") for path in members):
        return {_without_data(path): data for path, data in members.items()}
    packages = {path.rpartition("/")[0] for path in members if path.endswith("/__init__.py")}
    tops = {path.partition("/")[0] for path in members}
    root = f"{tops.pop()}/" if len(tops) == 1 else ""
    out: dict[str, bytes] = {}
    placed = [(_around(path, packages), path, data) for path, data in members.items()]
    placed.sort(key=lambda row: not row[0].endswith("3"))  # of two copies the one for this Python: `lib` and `lib3`
    for around, path, data in placed:
        inner = path[len(around) + 1 if around else 0 :]
        own = inner != path.rpartition("/")[2] or around in (root.rstrip("/"), f"{root}src", f"{root}lib")
        if own and inner != "setup.py" and inner not in out:
            out[inner] = data
    return out


def _without_data(path: str) -> str:
    """Files of a wheel that are installed beside its packages."""
    top, _, rest = path.partition("/")
    kind, _, inner = rest.partition("/")
    return inner if top.endswith(".data") and kind in ("purelib", "platlib") else path


def _around(path: str, packages: set[str]) -> str:
    """The folder in which the topmost package of a file lies."""
    folder = path.rpartition("/")[0]
    while folder in packages:
        folder = folder.rpartition("/")[0]
    return folder


# Environments.


def in_environments(folders: Iterable[Path]) -> Iterator[tuple[Package, Path]]:
    """Every release that is installed below these folders, with where it says so."""
    for folder in folders:
        for place in _site_folders(folder):
            yield from _python(place) if place.name != INSTALLED else _node(place)


def _site_folders(folder: Path) -> list[Path]:
    if folder.name in ("site-packages", "dist-packages", INSTALLED):
        return [folder]
    found = [*folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages", folder / INSTALLED]
    inside = [place for place in found if place.is_dir()]
    return inside or ([folder] if any(folder.glob("*.dist-info")) else [])


def _python(place: Path) -> Iterator[tuple[Package, Path]]:
    canonical = ecosystem("PyPI").canonical
    for info in sorted(place.glob("*.*-info")):
        named = _INFO.fullmatch(info.name)
        if named is not None:
            yield Package("PyPI", canonical(named["name"]), named["version"]), info


def _node(place: Path, depth: int = 0) -> Iterator[tuple[Package, Path]]:
    for folder in sorted(place.iterdir()) if depth < 8 else ():
        if folder.name.startswith("@") and not folder.is_symlink():
            yield from _node(folder, depth + 1)
        elif (folder / "package.json").is_file() and not folder.is_symlink():
            with suppress(OSError, ValueError, AttributeError):
                said = json.loads((folder / "package.json").read_bytes()[:MAX_FILE])
                yield Package("npm", str(said.get("name", "")), str(said.get("version", ""))), folder
            if (folder / INSTALLED).is_dir():
                yield from _node(folder / INSTALLED, depth + 1)


def read_installed(package: Package, place: Path) -> Release:
    """What an environment holds of a release."""
    listed = _recorded(place) if package.ecosystem == "PyPI" else _below(place)
    marks: list[bytes] = []

    def members() -> Iterator[tuple[str, Callable[[], bytes]]]:
        for name, path in listed:
            with suppress(OSError):
                status = path.lstat()
                if path.is_symlink() or not path.is_file() or status.st_size > MAX_FILE:
                    continue
                marks.append(f"{name}\0{status.st_size}\0{status.st_mtime_ns}".encode("utf-8", "surrogateescape"))
                yield name, path.read_bytes

    try:
        files = dict(_bounded(members()))
    except DAMAGE:
        files = {}
    return Release(package, files, digest(*marks))


def _recorded(info: Path) -> list[tuple[str, Path]]:
    """The files of one distribution, as it lists them."""
    names: list[str] = []
    for listing in ("RECORD", "installed-files.txt", "SOURCES.txt"):
        with suppress(OSError):
            lines = (info / listing).read_text("utf-8", "replace").splitlines()
            names = [line.rsplit(",", 2)[0].strip('"') for line in lines] if listing == "RECORD" else lines
            names = [name.removeprefix("../") for name in names]
            break
    return [(name, info.parent / name) for name in names if _safe(name)]


def _below(folder: Path) -> list[tuple[str, Path]]:
    out: list[tuple[str, Path]] = []
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != INSTALLED]
        out += [(os.path.relpath(Path(here) / name, folder), Path(here) / name) for name in names]
        if len(out) > MAX_FILES:
            break
    return out
