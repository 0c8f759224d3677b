"""The facts that ship with Buckler, so that the first run knows something: one archive for each public database.

They are ordinary archives in OSV's format without prose (`scripts/advisory_snapshot.py` writes them; `NOTICE.md` says
whose they are), so they are read as any other. They are as old as `sources.json` says; `buckler data update` replaces
them.

Example::

    with updating(path) as writer:
        load(writer)
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from buckler.dependencies.advisories.archives import archived
from buckler.dependencies.advisories.database import Source, Writer
from buckler.dependencies.advisories.importing import import_into

FOLDER = Path(__file__).parent
SOURCES = FOLDER / "sources.json"


class ShippedSource(msgspec.Struct, frozen=True):
    """One database at one of its revisions."""

    name: str
    title: str
    ecosystem: str
    address: str
    revision: str
    date: str
    license: str


def shipped() -> list[ShippedSource]:
    return msgspec.json.decode(SOURCES.read_bytes(), type=list[ShippedSource])


def newer(known: Iterable[Source]) -> list[ShippedSource]:
    """What ships and is not there: of a later day than was shipped then, or of an ecosystem that nothing is about."""
    known = list(known)
    days = {source.name: source.date for source in known}
    about = {source.ecosystem for source in known}
    return [one for one in shipped() if one.date > days.get(one.title, one.date if one.ecosystem in about else "")]


def load(writer: Writer) -> None:
    """Put the facts into a database that has none, or older ones."""
    for source in newer(writer.sources()):
        about = Source(source.title, source.address, source.ecosystem, shipped=True)
        import_into(writer, about, archived(FOLDER / f"{source.name}.tar.xz"))
        writer.date(source.date)
