"""The files of an sdist, wheel or zip, read in memory: nothing hostile is ever written to disk.

An archive can be a bomb (small outside, endless inside), can name members `../../x`, and can hold links
and devices. Sizes are counted as bytes come out of the decompressor, whatever the headers promise, and
reading stops at the limit. Only members in a language of ours are kept; each refusal is a `Notice`.

Example::

    read_archive(Path("shop-1.0.tar.gz"), "", Limits(), inputs)
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol, cast

from buckler.base.source import HEAD, SourceFile, bare, language_of, language_of_script
from buckler.workbench.members import Clash, Members
from buckler.workbench.selection import Inputs, Limits, Selection, looks_minified, minified, too_large
from buckler.workbench.unread import kind_of, wanted

ZIPS = (".whl", ".zip", ".egg")
TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar")
DAMAGE = (
    OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
    NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
INSTALLED = re.compile(r"[^/]+\.data/")
"""What a wheel brings beside its packages."""
FIRST_LINE = re.compile(rb"\A#![^\n]*\n")
"""Which interpreter runs a script; installers rewrite it."""
CHUNK = 1 << 16
UNKNOWN = "unknown"


class Readable(Protocol):
    """What the decompressors have in common."""

    def read(self, size: int = -1, /) -> bytes: ...


class Work(Protocol):
    """What is done with the members of an archive."""

    limits: Limits
    inputs: Inputs
    meter: Meter
    prefix: str
    members: Members

    def wants(self, name: str, size: int) -> str:
        """What kind of member it is, empty if it is to be left alone."""

    def keep(self, name: str, language: str, data: bytes) -> None: ...

    def drop(self, name: str) -> None:
        """Forget a member that another one replaces."""


class TooMuch(Exception):
    """The archive holds more than we are willing to unpack."""


@dataclass(slots=True)
class Meter:
    """Counts what comes out and stops it at the limit."""

    packed: int
    limits: Limits
    unpacked: int = 0
    members: int = 0

    def bytes(self, number: int) -> None:
        self.unpacked += number
        if self.unpacked > self.limits.max_total:
            raise TooMuch(f"unpacks to more than {self.limits.max_total:,} bytes")
        if self.unpacked > max(self.limits.free, self.packed * self.limits.max_ratio):
            raise TooMuch(f"unpacks to more than {self.limits.max_ratio} times its size")

    def member(self) -> None:
        self.members += 1
        if self.members > self.limits.max_members:
            raise TooMuch(f"holds more than {self.limits.max_members:,} members")


@dataclass(slots=True)
class Metered:
    """A stream that tells a meter."""

    stream: Readable
    meter: Meter

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size if size >= 0 else CHUNK)
        self.meter.bytes(len(data))
        return data


@dataclass(slots=True)
class Unpacking:
    """What is known while one archive is read."""

    prefix: str
    limits: Limits
    inputs: Inputs
    meter: Meter
    selection: Selection
    kept: dict[str, SourceFile] = field(default_factory=dict)
    members: Members = field(default_factory=Members)

    def wants(self, name: str, size: int) -> str:
        """The language of a member worth reading, `UNKNOWN` if its beginning has to tell, empty if it is not."""
        language = language_of(name)
        named = bare(name) or wanted(name, include_tests=self.limits.include_tests)
        if not (language or named) or self.selection.excludes(name):
            return ""
        if not language:
            return UNKNOWN if size <= self.limits.max_file_size else self._count(name, b"")
        if size > self.limits.max_file_size:
            self.inputs.notices.append(too_large(self.prefix + name, size, self.limits))
            return ""
        return language

    def _count(self, name: str, head: bytes) -> str:
        if kind := kind_of(name, head):
            self.inputs.unread[kind] += 1
        return ""

    def keep(self, name: str, language: str, data: bytes) -> None:
        path = self.prefix + name
        if language == UNKNOWN:
            head = data[:HEAD]
            language = (language_of_script(head) if bare(name) else "") or self._count(name, head)
            if not language:
                return
        if looks_minified(language, data):
            self.inputs.notices.append(minified(path))
            return
        self.kept[name] = SourceFile(path, language, data=data)

    def drop(self, name: str) -> None:
        self.kept.pop(name, None)


def is_archive(name: str) -> bool:
    return name.lower().endswith((*ZIPS, *TARS))


def read_archive(path: Path, prefix: str, limits: Limits, inputs: Inputs) -> None:
    """Add the members worth reviewing; `prefix` goes before their names."""
    try:
        meter = Meter(path.stat().st_size, limits)
        work = Unpacking(prefix, limits, inputs, meter, Selection(limits))
    except OSError as error:
        inputs.note("unreadable", path.name, error.strerror or "cannot be read", partial=True)
        return
    reading(path, work)
    inputs.files.extend(once(work.kept))


def reading(path: Path, work: Work) -> None:
    """Read an archive as far as it can be read, and note what stands in the way."""
    read = read_zip if path.name.lower().endswith(ZIPS) else read_tar
    try:
        read(path, work)
    except TooMuch as reason:
        work.inputs.note("archive", path.name, f"{reason}; reading stopped there", partial=True)
    except DAMAGE as error:
        text = f"damaged or not what its name says ({type(error).__name__}); the rest was not read"
        work.inputs.note("archive", path.name, text, partial=True)


def once(kept: Mapping[str, SourceFile]) -> list[SourceFile]:
    """A wheel may hold a module a second time, as the script it also is."""
    bodies = {FIRST_LINE.sub(b"", file.data or b"") for name, file in kept.items() if not INSTALLED.match(name)}
    return [
        file
        for name, file in kept.items()
        if not (INSTALLED.match(name) and FIRST_LINE.sub(b"", file.data or b"") in bodies)
    ]


def safe_name(name: str) -> str | None:
    """The member's path inside the archive, or None if it tries to leave it."""
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if plain.startswith("/") or ".." in parts or not parts or ":" in parts[0] or "\0" in plain:
        return None
    return "/".join(parts)


def _named(name: str, work: Work, *, folder: bool) -> str | None:
    """The path of a file that is to be looked at; folders are only noted."""
    safe = safe_name(name)
    if safe is None:
        if not folder:
            work.inputs.note("archive", name, "the name leads out of the archive; not read", partial=True)
        return None
    try:
        if folder:
            work.members.take_folder(safe)
            return None
        before = work.members.take(safe)
    except Clash as other:
        text = f"the archive holds {other} as well, and one cannot be a folder; not read"
        work.inputs.note("archive", work.prefix + safe, text, partial=True)
        return None
    if before:
        words = (
            "two members of this name" if before == safe else f"{before} as well, which some systems take for this name"
        )
        work.inputs.note(
            "archive", work.prefix + safe, f"the archive holds {words}; only the last was read", partial=True
        )
        work.drop(before)
    return safe


def _unpacked(path: Path) -> AbstractContextManager[Readable]:
    name = path.name.lower()
    if name.endswith(("gz", "tgz")):
        return gzip.open(path, "rb")
    if name.endswith("bz2"):
        return bz2.open(path, "rb")
    return lzma.open(path, "rb") if name.endswith("xz") else path.open("rb")


def read_tar(path: Path, work: Work) -> None:
    """Every regular member that is wanted; raises `TooMuch` and what is in `DAMAGE`."""
    with _unpacked(path) as stream:
        # A stream of members: tarfile sees no more than what the meter let through.
        metered = cast(IO[bytes], Metered(stream, work.meter))
        with tarfile.open(fileobj=metered, mode="r|", errorlevel=1) as archive:
            while (member := archive.next()) is not None:
                _tar_member(archive, member, work)
                # Read once; remembering every member would be another bomb.
                archive.members = []  # type: ignore[attr-defined]


def _tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo, work: Work) -> None:
    work.meter.member()
    if (name := _named(member.name, work, folder=member.isdir())) is None:
        return
    if not member.isreg():
        kind = "link" if member.issym() or member.islnk() else "device or other special file"
        work.inputs.note("archive", work.prefix + name, f"a {kind} was not followed", partial=False)
        return
    if language := work.wants(name, member.size):
        file = archive.extractfile(member)
        if file is not None:
            work.keep(name, language, file.read())


def read_zip(path: Path, work: Work) -> None:
    """The same for a zip."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            work.meter.member()
            if name := _named(member.filename, work, folder=member.is_dir()):
                _zip_member(archive, member, name, work)


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, work: Work) -> None:
    kind = member.external_attr >> 28
    if kind and kind != 0o10:
        work.inputs.note("archive", work.prefix + name, "a link or special file was not followed", partial=False)
        return
    if member.flag_bits & 1:
        work.inputs.note("archive", work.prefix + name, "encrypted; not read", partial=True)
        return
    if language := work.wants(name, member.file_size):
        with archive.open(member) as stream:
            data = Metered(stream, work.meter).read(work.limits.max_file_size + 1)
        if len(data) > work.limits.max_file_size:
            work.inputs.notices.append(too_large(work.prefix + name, len(data), work.limits))
        else:
            work.keep(name, language, data)
