"""From files, folders and archives of advisories into the database, one document after the other.

A folder is any that holds OSV files: a database's repository, or one kept for a network without a way out. Archives are
read where they lie and are never unpacked. Everything that cannot be used is counted and named.

Example::

    with updating(path) as writer:
        tally = import_into(writer, Source("PyPI", "advisories/"), documents(Path("advisories/")))
    tally.kept, tally.unused
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.files import files_below, read_regular
from buckler.dependencies.advisories.database import Source, Writer
from buckler.dependencies.advisories.osv import MOST, Kind, Problem, Reading, read_json, read_yaml

READERS = {".json": read_json, ".yaml": read_yaml, ".yml": read_yaml}


@dataclass(slots=True, frozen=True)
class Document:
    """One file that may be an advisory, or the reason why its bytes are not here."""

    name: str
    data: bytes
    refused: str = ""


@dataclass(slots=True)
class Tally:
    """What came of an import."""

    documents: int = 0
    kept: int = 0
    older: int = 0
    """Of which a newer state was there already."""
    unused: int = 0
    """Documents of which all or a part could not be used."""
    newest: str = ""


def documents(path: Path) -> Iterator[Document]:
    """The files of a folder that may be advisories, or the one file that is named."""
    if not path.is_dir():
        yield _read(path, path.name)
        return
    path = path.resolve()  # the folder may be reached through links
    for file in files_below(path):
        if file.suffix in READERS and not _is_hidden(file.relative_to(path)):
            yield _read(file, file.relative_to(path).as_posix())


def _is_hidden(relative: Path) -> bool:
    return any(part.startswith(".") for part in relative.parts)


def _read(file: Path, name: str) -> Document:
    try:
        return Document(name, read_regular(file, MOST))
    except InputError as error:
        return Document(name, b"", error.what)


def import_into(writer: Writer, source: Source, found: Iterable[Document]) -> Tally:
    """Everything a source says, in place of what it said before."""
    writer.begin(replace(source, imported=source.imported or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
    tally = Tally()
    for document in found:
        _take(writer, document, tally)
    writer.date(tally.newest)
    return tally


def read(document: Document) -> Reading:
    """One document by the ending of its name."""
    if document.refused:
        return Reading(None, (Problem(Kind.NOT_OSV, document.refused),))
    return READERS.get(Path(document.name).suffix, read_json)(document.data)


def _take(writer: Writer, document: Document, tally: Tally) -> None:
    reading = read(document)
    tally.documents += 1
    tally.unused += bool(reading.problems)
    name = document.name if reading.advisory is None else reading.advisory.id
    for problem in reading.problems:
        writer.refuse(name, problem)
    advisory = reading.advisory
    if advisory is not None and (advisory.affected or advisory.withdrawn):
        kept = writer.add(advisory)
        tally.kept += kept
        tally.older += not kept
        tally.newest = max(tally.newest, advisory.modified)
