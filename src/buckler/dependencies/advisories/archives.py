"""The advisories in a zip or tar archive, one after the other, without unpacking it to disk.

Databases publish themselves so: one archive an ecosystem, hundreds of thousands of small files. How many, how large
each and how much in all is bounded, whatever the headers promise. A member that cannot be read is a document with the
reason; an archive that cannot be read is an error of whoever named it.

Example::

    for document in archived(Path("all.zip")): ...
"""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from buckler.base.errors import InputError
from buckler.dependencies.advisories.osv import MOST

ENDINGS = (".json", ".yaml", ".yml")
ZIPS = (".zip",)
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
HIDDEN = re.compile(r"(?:^|/)\.[^./]")
CHUNK = 1 << 20
MOST_MEMBERS = 3_000_000
MOST_TOTAL = 30_000_000_000
"""Bytes that come out of one archive."""
DAMAGE = (
    OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
    NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
"""What the readers of archives raise for one that is damaged, encrypted or packed in a way they do not know."""


@dataclass(slots=True, frozen=True)
class Document:
    """One file that may be an advisory, or the reason why its bytes are not here."""

    name: str
    data: bytes
    refused: str = ""


def is_archive(path: Path) -> bool:
    return path.name.lower().endswith((*ZIPS, *TARS))


def archived(path: Path) -> Iterator[Document]:
    """The members that may be advisories; raises `InputError` when the archive itself cannot be read."""
    with _readable(path):
        yield from (_zipped if path.name.lower().endswith(ZIPS) else _tarred)(path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        raise InputError(f"cannot be read as an archive: {error}", where=str(path)) from error


def may_be_advisory(name: str) -> bool:
    """By the ending of its name; what lies in hidden folders belongs to a version control system."""
    return name.endswith(ENDINGS) and HIDDEN.search(name) is None


def _zipped(path: Path) -> Iterator[Document]:
    left = MOST_TOTAL
    with zipfile.ZipFile(path) as archive:
        for count, member in enumerate(archive.infolist()):
            if may_be_advisory(member.filename):
                document = _member(member.filename, member.file_size, partial(archive.open, member))
                left -= len(document.data)
                _bounded(path, count, left)
                yield document


def _tarred(path: Path) -> Iterator[Document]:
    left = MOST_TOTAL
    with tarfile.open(path, "r:*") as archive:
        for count, member in enumerate(archive):
            left -= member.size
            _bounded(path, count, left)
            if member.isreg() and may_be_advisory(member.name):
                yield _member(member.name, member.size, partial(archive.extractfile, member))
            archive.members.clear()  # type: ignore[attr-defined]  # it would remember every one
        while rest := archive.fileobj.read(CHUNK):  # the checksum stands at the end
            left -= len(rest)
            _bounded(path, 0, left)


def _bounded(path: Path, members: int, left: int) -> None:
    if members > MOST_MEMBERS or left < 0:
        raise InputError("holds more than a database of advisories does", where=str(path))


def _member(name: str, size: int, opened: Callable[[], IO[bytes] | None]) -> Document:
    if size > MOST:
        return Document(name, b"", f"is larger than {MOST:,} bytes")
    try:
        stream = opened()
        return Document(name, stream.read(MOST) if stream is not None else b"")
    except DAMAGE as error:
        return Document(name, b"", f"cannot be unpacked: {error}")
