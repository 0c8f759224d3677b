"""All advisories in one SQLite file: facts by package, where they came from, and what could not be used.

Readers open it read-only and see one state from begin to end. Whoever changes it writes a copy beside it and puts that
in its place when all is done, so an interrupted or failed update leaves everything as it was. Facts are kept as small
packed values, because only the rows of one project's packages are ever unpacked.

Example::

    with updating(path) as writer:
        writer.begin(Source("PyPI", "https://example.org/PyPI/all.zip"))
        writer.add(advisory)
    with open_database(path) as database:
        database.affecting("PyPI", "flask")         # [Advisory(…, affected=(what it says of flask,)), …]
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path

import msgspec

from buckler.base.errors import InputError
from buckler.dependencies.advisories.osv import Kind, Problem
from buckler.dependencies.model import Advisory, Affected, Bound, Event, Symbol
from buckler.finding.model import Severity

APPLICATION = 0x42554B41  # "BUKA": tells our file from somebody else's database
LAYOUT = 2

TABLES = """
CREATE TABLE source (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, ecosystem TEXT NOT NULL,
    date TEXT NOT NULL, imported TEXT NOT NULL, etag TEXT NOT NULL, changed TEXT NOT NULL, shipped INTEGER NOT NULL
);
CREATE TABLE advisory (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source INTEGER NOT NULL, modified TEXT NOT NULL,
    withdrawn INTEGER NOT NULL, malicious INTEGER NOT NULL, facts BLOB NOT NULL
);
CREATE TABLE affected (
    ecosystem TEXT NOT NULL, package TEXT NOT NULL, advisory INTEGER NOT NULL, part INTEGER NOT NULL,
    facts BLOB NOT NULL, PRIMARY KEY (ecosystem, package, advisory, part)
) WITHOUT ROWID;
CREATE TABLE problem (source INTEGER NOT NULL, document TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE count (
    ecosystem TEXT PRIMARY KEY, packages INTEGER NOT NULL, advisories INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
    malicious INTEGER NOT NULL
);
"""
COUNT = """
INSERT INTO count
SELECT ecosystem, count(DISTINCT package), count(DISTINCT advisory),
       count(DISTINCT CASE WHEN withdrawn THEN advisory END),
       count(DISTINCT CASE WHEN malicious THEN advisory END)
FROM affected JOIN advisory ON advisory.id = affected.advisory GROUP BY ecosystem
"""
"""Counted when the database is written, because every review shows it."""


@dataclass(slots=True, frozen=True)
class Source:
    """Where advisories came from."""

    name: str
    origin: str
    """An address or a path, to show."""
    ecosystem: str = ""
    """The only one it is about; empty for several."""
    date: str = ""
    """Day of the newest change it holds."""
    imported: str = ""
    """Moment at which it was read, UTC."""
    etag: str = ""
    changed: str = ""
    """`Last-Modified` as the server wrote it."""
    shipped: bool = False
    """It came with Buckler."""


@dataclass(slots=True, frozen=True)
class Unused:
    """A document, or a part of one, that takes no part in matching."""

    source: str
    document: str
    problem: Problem


@dataclass(slots=True, frozen=True)
class Count:
    """How many advisories there are about an ecosystem."""

    ecosystem: str
    packages: int
    advisories: int
    withdrawn: int
    malicious: int


class _Facts(msgspec.Struct, array_like=True):
    aliases: tuple[str, ...]
    published: str
    withdrawn: str
    severity: int | None
    vectors: tuple[str, ...]
    cwe: tuple[int, ...]
    summary: str
    links: tuple[str, ...]
    packages: tuple[tuple[str, str], ...]


class _Part(msgspec.Struct, array_like=True):
    """Events as a letter and a version: `i0`, `f1.2.3`."""

    ranges: tuple[tuple[str, ...], ...]
    versions: tuple[str, ...]
    symbols: tuple[tuple[str, str], ...]


SOURCE_FIELDS = tuple(field.name for field in fields(Source))
_LETTERS = {Bound.INTRODUCED: "i", Bound.FIXED: "f", Bound.LAST_AFFECTED: "l", Bound.LIMIT: "m"}
_BOUNDS = {letter: bound for bound, letter in _LETTERS.items()}
_ENCODER = msgspec.msgpack.Encoder()
_FACTS = msgspec.msgpack.Decoder(_Facts)
_PART = msgspec.msgpack.Decoder(_Part)


class Database:
    """An open file of advisories."""

    __slots__ = ("_db", "path")

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db

    def affecting(self, ecosystem: str, package: str) -> list[Advisory]:
        """What is known about a package; `affected` holds what is said of that package alone."""
        query = """
            SELECT name, modified, malicious, advisory.facts, affected.facts
            FROM affected JOIN advisory ON advisory.id = affected.advisory
            WHERE ecosystem = ? AND package = ? ORDER BY name, part
        """
        with _understood(self.path):
            rows = self._db.execute(query, (ecosystem, _compared(ecosystem, package))).fetchall()
            return [
                _advisory(*head, tuple(_affected(ecosystem, package, row[4]) for row in same))
                for head, same in groupby(rows, key=lambda row: (row[0], row[1], row[2], row[3]))
            ]

    def knows(self, ecosystem: str) -> bool:
        """Whether there is an advisory about any of its packages."""
        with _understood(self.path):
            query = "SELECT 1 FROM affected WHERE ecosystem = ? LIMIT 1"
            return self._db.execute(query, (ecosystem,)).fetchone() is not None

    def names(self) -> dict[str, str]:
        """By every other name of a published flaw the one that comes first: CVE, then GHSA."""
        out: dict[str, str] = {}
        with _understood(self.path):
            for name, packed in self._db.execute("SELECT name, facts FROM advisory ORDER BY name"):
                known = {name, *_FACTS.decode(packed).aliases}
                first = min(known, key=lambda one: (not one.startswith("CVE-"), not one.startswith("GHSA-"), one))
                out.update((other, first) for other in known if other != first and other not in out)
        return out

    def sources(self) -> list[Source]:
        with _understood(self.path):
            return _sources(self._db)

    def counts(self) -> list[Count]:
        """By ecosystem, in their order."""
        with _understood(self.path):
            return [Count(*row) for row in self._db.execute("SELECT * FROM count ORDER BY ecosystem")]

    def unused(self) -> list[Unused]:
        query = """
            SELECT name, document, kind, detail FROM problem JOIN source ON source.id = problem.source
            ORDER BY source.id, document, problem.rowid
        """
        with _understood(self.path):
            return [
                Unused(source, doc, Problem(Kind(kind), detail))
                for source, doc, kind, detail in self._db.execute(query)
            ]


class Writer:
    """A database that is being changed; nobody else sees it yet."""

    __slots__ = ("_db", "_source")

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._source = 0

    def begin(self, source: Source) -> None:
        """Take what follows for all that this source says; what it said before is forgotten."""
        self.forget(source.name)
        row = (*(getattr(source, name) for name in SOURCE_FIELDS[:-1]), int(source.shipped))
        marks = ", ".join("?" * len(row))
        self._source = self._db.execute(f"INSERT INTO source VALUES (NULL, {marks})", row).lastrowid or 0  # noqa: S608

    def forget(self, name: str) -> None:
        """Remove a source and everything that only it said."""
        for (number,) in self._db.execute("SELECT id FROM source WHERE name = ?", (name,)).fetchall():
            self._db.execute(
                "DELETE FROM affected WHERE advisory IN (SELECT id FROM advisory WHERE source = ?)", (number,)
            )
            for table, column in (("advisory", "source"), ("problem", "source"), ("source", "id")):
                self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608

    def add(self, advisory: Advisory) -> bool:
        """Keep it, in place of an older state of the same; False if a newer one is there."""
        known = self._db.execute("SELECT id, modified, facts FROM advisory WHERE name = ?", (advisory.id,)).fetchone()
        if known is not None:
            if known[1] > advisory.modified:
                return False
            self._remove(known[0], _FACTS.decode(known[2]))
        marks = bool(advisory.withdrawn), advisory.malicious
        row = (advisory.id, self._source, advisory.modified, *marks, _packed(advisory))
        number = self._db.execute("INSERT INTO advisory VALUES (NULL, ?, ?, ?, ?, ?, ?)", row).lastrowid
        self._db.executemany(
            "INSERT INTO affected VALUES (?, ?, ?, ?, ?)",
            [
                (one.ecosystem, _compared(one.ecosystem, one.name), number, at, _packed_part(one))
                for at, one in enumerate(advisory.affected)
            ],
        )
        return True

    def refuse(self, document: str, problem: Problem) -> None:
        """Keep in mind what could not be used, and why."""
        row = (self._source, document, problem.kind.value, problem.detail)
        self._db.execute("INSERT INTO problem VALUES (?, ?, ?, ?)", row)

    def confirm(self, name: str, moment: str) -> None:
        """Say that a source was asked again and has nothing newer."""
        self._db.execute("UPDATE source SET imported = ? WHERE name = ?", (moment, name))

    def count(self, source: Source) -> int:
        """How many advisories about its own ecosystem a source has brought."""
        query = """
            SELECT count(DISTINCT advisory) FROM affected WHERE ecosystem = ? AND advisory IN
            (SELECT advisory.id FROM advisory JOIN source ON source.id = advisory.source WHERE source.name = ?)
        """
        (number,) = self._db.execute(query, (source.ecosystem, source.name)).fetchone()
        return int(number)

    def sources(self) -> list[Source]:
        return _sources(self._db)

    def date(self, day: str) -> None:
        """Say of which day the newest change of the source at hand is."""
        self._db.execute("UPDATE source SET date = ? WHERE id = ?", (day, self._source))

    def _remove(self, number: int, facts: _Facts) -> None:
        keys = [(*package, number) for package in facts.packages]
        self._db.executemany("DELETE FROM affected WHERE ecosystem = ? AND package = ? AND advisory = ?", keys)
        self._db.execute("DELETE FROM advisory WHERE id = ?", (number,))


@contextmanager
def open_database(path: Path) -> Iterator[Database]:
    """Read a file; raises `InputError` for anything that is not a database of advisories of this version."""
    with _understood(path), closing(_connect(path)) as db:
        _check(path, db)
        yield Database(path, db)


def is_outdated(path: Path) -> bool:
    """Whether there is none, or one that another version of Buckler made."""
    try:
        with path.open("rb") as file:
            head = file.read(72)  # see "Database File Format" of SQLite
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return head[68:72] == APPLICATION.to_bytes(4, "big") and head[60:64] != LAYOUT.to_bytes(4, "big")


@contextmanager
def updating(path: Path, *, wait: bool = False) -> Iterator[Writer]:
    """Change a file, or make it; nothing is changed unless the block ends well.

    Another process that is changing it is waited for, or an `InputError`.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path, wait):
            try:
                draft.unlink(missing_ok=True)  # of a run that was killed
                _copy(path, draft)
                with _understood(draft), closing(sqlite3.connect(draft, isolation_level=None)) as db:
                    _prepare(db)
                    yield Writer(db)
                    db.execute("DELETE FROM count")
                    db.execute(COUNT)
                    db.execute("COMMIT")
                    db.execute("PRAGMA optimize")
                _put_in_place(draft, path)
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", where=str(path), remedy="nothing was changed"
        ) from error


@contextmanager
def _alone(path: Path, wait: bool) -> Iterator[None]:
    """As the only one who changes this file."""
    with path.with_name(f"{path.name}.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                "is being updated by another process", where=str(path), remedy="wait until that has ended"
            ) from error
        yield


def _copy(path: Path, draft: Path) -> None:
    """A copy to change; what is no database of this version is replaced, what is another program's is refused."""
    if not path.exists():
        return
    with _understood(path), closing(_connect(path)) as db:
        owner, layout = _marks(db)
        if owner != APPLICATION:
            raise InputError("is not a database of advisories", where=str(path), remedy="name another file")
    if layout == LAYOUT:
        shutil.copyfile(path, draft)


def _prepare(db: sqlite3.Connection) -> None:
    """A draft is thrown away if anything goes wrong, so nothing is kept to undo it."""
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -65536")
    if _marks(db) != (APPLICATION, LAYOUT):
        db.executescript(TABLES)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {LAYOUT}")
    db.execute("BEGIN")


def _put_in_place(draft: Path, path: Path) -> None:
    draft.chmod(0o600)
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.replace(path)


def _connect(path: Path) -> sqlite3.Connection:
    """Read-only; the file never changes in place, so no locks are needed, on a disk that allows none either."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _marks(db: sqlite3.Connection) -> tuple[int, int]:
    (owner,) = db.execute("PRAGMA application_id").fetchone()
    (layout,) = db.execute("PRAGMA user_version").fetchone()
    return owner, layout


def _check(path: Path, db: sqlite3.Connection) -> None:
    owner, layout = _marks(db)
    if owner != APPLICATION:
        raise InputError("is not a database of advisories", where=str(path), remedy=UPDATE)
    if layout != LAYOUT:
        raise InputError("was written by another version of Buckler", where=str(path), remedy=UPDATE)


UPDATE = "'buckler data update' makes a new one"


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """What SQLite says of a damaged or missing file, as one sentence."""
    try:
        yield
    except (sqlite3.Error, msgspec.MsgspecError) as error:
        raise InputError(
            f"cannot be used as a database of advisories: {error}", where=str(path), remedy=UPDATE
        ) from error


def _sources(db: sqlite3.Connection) -> list[Source]:
    query = f"SELECT {', '.join(SOURCE_FIELDS)} FROM source ORDER BY id"  # noqa: S608
    return [
        Source(name, origin, about, date, imported, etag, changed, bool(shipped))
        for name, origin, about, date, imported, etag, changed, shipped in db.execute(query)
    ]


def _compared(ecosystem: str, package: str) -> str:
    """Go's module paths as package URLs write them, in small letters: they come from bills of materials, too."""
    return package.lower() if ecosystem == "Go" else package


def _packed(advisory: Advisory) -> bytes:
    packages = tuple(dict.fromkeys((one.ecosystem, _compared(one.ecosystem, one.name)) for one in advisory.affected))
    severity = None if advisory.severity is None else int(advisory.severity)
    return _ENCODER.encode(
        _Facts(
            advisory.aliases, advisory.published, advisory.withdrawn, severity, advisory.vectors, advisory.cwe,
            advisory.summary, advisory.links, packages,
        )
    )  # fmt: skip


def _packed_part(affected: Affected) -> bytes:
    ranges = tuple(tuple(_LETTERS[event.bound] + event.version for event in events) for events in affected.ranges)
    symbols = tuple((symbol.module, symbol.name) for symbol in affected.symbols)
    return _ENCODER.encode(_Part(ranges, affected.versions, symbols))


def _advisory(name: str, modified: str, malicious: int, packed: bytes, affected: tuple[Affected, ...]) -> Advisory:
    facts = _FACTS.decode(packed)
    return Advisory(
        id=name,
        aliases=facts.aliases,
        affected=affected,
        published=facts.published,
        modified=modified,
        withdrawn=facts.withdrawn,
        severity=None if facts.severity is None else Severity(facts.severity),
        vectors=facts.vectors,
        cwe=facts.cwe,
        malicious=bool(malicious),
        summary=facts.summary,
        links=facts.links,
    )


def _affected(ecosystem: str, package: str, packed: bytes) -> Affected:
    part = _PART.decode(packed)
    ranges = tuple(tuple(Event(_BOUNDS[text[0]], text[1:]) for text in events) for events in part.ranges)
    return Affected(ecosystem, package, ranges, part.versions, tuple(Symbol(*symbol) for symbol in part.symbols))
