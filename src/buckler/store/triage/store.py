"""The store of triage: one SQLite file, or a PostgreSQL database by its URL; the same code for both.

An import is one transaction: killed at any moment it is there whole or not at all, and a report that is there is not
taken in again. Two imports at once wait for each other only while they write.

Example::

    with open_store("triage.sqlite") as store:
        if not store.has(report, "shop"):
            store.add(segment_file, alerts, [Imported(...)])
        files = store.segments(folder)          # as files, for the engine
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from buckler.base.digest import digest
from buckler.base.errors import InputError
from buckler.store.triage.schema import covered, imports, pieces, ran, segments, streams
from buckler.triage.alert import Coverage, Skipped

HEAD = "1"
PIECE = 8 << 20
"""Bytes of one piece of a segment."""
WAIT = 120
"""Seconds that one writer waits for another."""


@dataclass(slots=True)
class Imported:
    """One report that is taken in."""

    report: str
    project: str
    path: str
    format: str
    at: float
    alerts: int
    skipped: Sequence[Skipped] = ()
    partial: bool = False
    coverage: Coverage = field(default_factory=Coverage)
    number: int = 0
    """In the store, from 1; 0 before it is there."""


@dataclass(slots=True)
class Store:
    """An open store."""

    engine: Engine
    where: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with _said(self.where), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writer at a time: SQLite's own way, and PostgreSQL's with a lock."""
        with _said(self.where), self.engine.begin() as connection:
            _alone(connection)
            yield connection

    def has(self, report: str, project: str) -> bool:
        wanted = select(imports.c.id).where(imports.c.report == report, imports.c.project == project)
        with self.reading() as connection:
            return connection.execute(wanted).first() is not None

    def add(self, segment: Path, alerts: int, identity: int, brought: Sequence[Imported]) -> None:
        """Takes reports in with the file of their alerts, all or nothing; those that are there already are left."""
        name = digest(segment.read_bytes()).hex() if alerts else None
        with self.writing() as connection:
            if (
                name is not None
                and connection.execute(select(segments.c.digest).where(segments.c.digest == name)).first() is None
            ):
                _insert_segment(connection, segment, name, alerts, identity)
            for one in brought:
                try:
                    with connection.begin_nested():
                        _insert(connection, one, name)
                except IntegrityError:  # somebody else brought it while this was read
                    continue

    def segments(self, folder: Path) -> list[Path]:
        """All segments as files in a folder, where they stay for the next time."""
        folder.mkdir(parents=True, exist_ok=True)
        out: list[Path] = []
        with self.reading() as connection:
            for name, size in connection.execute(
                select(segments.c.digest, segments.c.bytes).order_by(segments.c.digest)
            ):
                file = folder / f"{name}.parquet"
                if not file.exists() or file.stat().st_size != size:
                    _unpack(connection, name, file)
                out.append(file)
        return out

    def imported(self) -> list[Imported]:
        """All reports, the oldest first."""
        out: dict[int, Imported] = {}
        with self.reading() as connection:
            for row in connection.execute(select(imports).order_by(imports.c.id)).mappings():
                skipped = [Skipped(**entry) for entry in json.loads(row["skipped"])]
                out[row["id"]] = Imported(
                    row["report"], row["project"], row["path"], row["format"], row["at"], row["alerts"], skipped,
                    row["partial"], number=row["id"],
                )  # fmt: skip
            for row in connection.execute(select(covered)).mappings():
                coverage = out[row["import"]].coverage
                coverage.tools[row["tool"]] = row["version"]
                coverage.scopes |= {row["scope"]}
        return list(out.values())

    def tools(self) -> list[tuple[int, str, str, str, str, float]]:
        """Import, report, tool, project, scope and time of everything that was looked at.

        What was taken in at one time is one import: its reports do not follow each other.
        """
        where = select(imports.c.report, covered.c.tool, imports.c.project, covered.c.scope, imports.c.at)
        with self.reading() as connection:
            rows = connection.execute(where.join(covered, covered.c["import"] == imports.c.id)).all()
        order = {at: number for number, at in enumerate(sorted({row.at for row in rows}), 1)}
        return sorted((order[row.at], *row) for row in rows)

    def rules(self) -> list[tuple[int, str, str]]:
        """Import, tool and rule of what is known to have run."""
        wanted = select(imports.c.report, ran.c.tool, ran.c.rule).join(ran, ran.c["import"] == imports.c.id)
        number = {report: import_ for import_, report, *_ in self.tools()}
        with self.reading() as connection:
            return [(number[report], tool, rule) for report, tool, rule in connection.execute(wanted)]

    def position(self, name: str) -> tuple[int, bytes]:
        """How far a stream was read, and what was learned; 0 and nothing for a new one."""
        with self.reading() as connection:
            row = connection.execute(select(streams.c.position, streams.c.state).where(streams.c.name == name)).first()
        return (row[0], row[1]) if row is not None else (0, b"")

    def reach(self, name: str, position: int, state: bytes) -> None:
        with self.writing() as connection:
            done = connection.execute(
                streams.update().where(streams.c.name == name).values(position=position, state=state)
            )
            if not done.rowcount:
                connection.execute(streams.insert().values(name=name, position=position, state=state))


def _insert_segment(connection: Connection, file: Path, name: str, alerts: int, identity: int) -> None:
    connection.execute(
        segments.insert().values(digest=name, alerts=alerts, bytes=file.stat().st_size, identity=identity)
    )
    with file.open("rb") as stream:
        for number, piece in enumerate(iter(lambda: stream.read(PIECE), b"")):
            connection.execute(pieces.insert().values(segment=name, number=number, data=piece))


def _insert(connection: Connection, one: Imported, segment: str | None) -> None:
    skipped = json.dumps([{"what": s.what, "why": s.why, "count": s.count} for s in one.skipped])
    made = connection.execute(
        imports.insert().values(
            report=one.report, project=one.project, path=one.path, format=one.format, at=one.at, alerts=one.alerts,
            skipped=skipped, partial=one.partial, segment=segment,
        )
    )  # fmt: skip
    (one.number,) = made.inserted_primary_key or (0,)
    scope = ", ".join(sorted(one.coverage.scopes))
    looked = [
        {"import": one.number, "tool": tool[:200], "version": version[:200], "scope": scope}
        for tool, version in one.coverage.tools.items()
    ]
    if looked:
        connection.execute(covered.insert(), looked)
    rules = [
        {"import": one.number, "tool": tool[:200], "rule": rule[:400]}
        for tool in one.coverage.tools
        for rule in sorted(one.coverage.rules)
    ]
    if rules:
        connection.execute(ran.insert(), rules)


def _unpack(connection: Connection, name: str, file: Path) -> None:
    """Beside its place first: who is killed leaves no half of it under its name."""
    partial = file.with_suffix(f".{id(connection)}.part")
    with partial.open("wb") as stream:
        for (piece,) in connection.execute(
            select(pieces.c.data).where(pieces.c.segment == name).order_by(pieces.c.number)
        ):
            stream.write(piece)
    partial.replace(file)


@contextmanager
def open_store(where: str) -> Iterator[Store]:
    """A store by the path of a file or the URL of a database, made and brought up to date if need be.

    Raises `InputError` with one sentence for what cannot be opened.
    """
    with _said(where):
        engine = _engine(where)
    try:
        with _said(where):
            _migrate(engine)
        yield Store(engine, where)
    finally:
        engine.dispose()


def _engine(where: str) -> Engine:
    url = make_url(where if "://" in where else f"sqlite:///{where}")
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"))
    engine = create_engine(url, connect_args={"timeout": WAIT})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN itself, below
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _migrate(engine: Engine) -> None:
    """Brings the tables up to date; quick where they are."""
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        if known and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD:
            return
    config = Config()
    config.set_main_option("script_location", str(files(__package__).joinpath("migrations")))
    with engine.begin() as connection:
        _alone(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(734212)"))


@contextmanager
def _said(where: str) -> Iterator[None]:
    try:
        yield
    except (ArgumentError, NoSuchModuleError) as error:
        raise InputError("is no file or URL of a database that is known", where=where) from error
    except ModuleNotFoundError as error:
        raise InputError(
            f"needs {error.name}, which is not installed", where=where, remedy="pip install 'buckler[postgresql]'"
        ) from error
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        raise InputError(f"the store cannot be used: {reason}", where=where) from error
    except SQLAlchemyError as error:
        raise InputError(f"the store cannot be used: {type(error).__name__}", where=where) from error
