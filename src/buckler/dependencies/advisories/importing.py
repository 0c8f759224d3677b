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
from buckler.dependencies.advisories.archives import Document, archived, is_archive, may_be_advisory
from buckler.dependencies.advisories.database import Source, Writer
from buckler.dependencies.advisories.osv import MOST, Kind, Problem, Reading, read_json, read_yaml

YAML = (".yaml", ".yml")


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
    """The files of a folder or archive that may be advisories, or the one file that is named."""
    if is_archive(path) and path.is_file():
        yield from archived(path)
    elif path.is_dir():
        folder = path.resolve()  # it may be reached through links
        for file in files_below(folder):
            if may_be_advisory(name := file.relative_to(folder).as_posix()):
                yield _read(file, name)
    else:
        yield Document(path.name, read_regular(path, MOST))


def _read(file: Path, name: str) -> Document:
    try:
        return Document(name, read_regular(file, MOST))
    except InputError as error:
        return Document(name, b"", error.what)


def import_into(writer: Writer, source: Source, found: Iterable[Document]) -> Tally:
    """Everything a source says, in place of what it said before."""
    writer.begin(replace(source, imported=source.imported or now()))
    tally = Tally()
    for document in found:
        _take(writer, document, tally)
    writer.date(tally.newest)
    return tally


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(document: Document) -> Reading:
    """One document by the ending of its name."""
    if document.refused:
        return Reading(None, (Problem(Kind.NOT_OSV, document.refused),))
    return (read_yaml if document.name.endswith(YAML) else read_json)(document.data)


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
