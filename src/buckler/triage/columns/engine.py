"""Runs the queries of `duckdb/` in this process, in a bounded memory, on files of columns.

Example::

    with Engine(scratch) as engine:
        engine.take(shards)                                  # lines of JSON, as `triage read --jsonl` prints them
        engine.write(scratch / "segment.parquet")            # the alerts with their identities
        engine.look([scratch / "segment.parquet"])
        engine.rank(limit=20)
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import duckdb

from buckler.triage.columns.schema import ALERT, FACTS, TYPES

MEMORY = "380MB"
THREADS = 2
ROW_GROUP = 30_000
DEFAULTS = {
    "kind": "'other'",
    "severity": "'unknown'",
    "score": "-1.0",
    "time": "0.0",
    "line": "0",
    "end_line": "0",
    "port": "0",
}
"""What lines of JSON leave out."""


class Engine:
    """A connection to an engine of this process; leaves nothing behind but the files it was asked to write."""

    def __init__(self, scratch: Path) -> None:
        settings: dict[str, str | int | bool] = {
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": str(scratch),
        }
        self.connection = duckdb.connect(config={**settings, "autoinstall_known_extensions": False})
        self.run("SET preserve_insertion_order = false")
        for name, columns in FACTS.items():
            typed = ", ".join(f'"{column}" {TYPES[kind]}' for column, kind in columns.items())
            self.run(f"CREATE TABLE {name} ({typed})")
        self.fill("weaknesses", weaknesses())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def run(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, list(parameters)).fetchall()

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        found = self.connection.execute(query, list(parameters))
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def fill(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Replaces what one of the tables of `FACTS` holds."""
        self.run(f"DELETE FROM {table}")
        marks = ", ".join("?" * len(FACTS[table]))
        kept = [list(row) for row in rows]
        if kept:
            self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", kept)

    def take(self, shards: Sequence[Path]) -> None:
        """Lines of JSON as the table `raw`; the name of each file is the digest of the report that it is from."""
        columns = ", ".join(f"'{name}': '{TYPES[kind]}'" for name, kind in ALERT.items())
        given = ", ".join(f"coalesce({name}, {value}) AS {name}" for name, value in DEFAULTS.items())
        listed = ", ".join(_quoted(path) for path in shards)
        shape = (
            f"filename = true, format = 'newline_delimited', maximum_object_size = 67108864, columns = {{{columns}}}"
        )
        source = f"read_json([{listed}], {shape})"
        report = "parse_filename(filename, true) AS report"
        self.run(f"CREATE OR REPLACE VIEW raw AS SELECT * EXCLUDE filename REPLACE ({given}), {report} FROM {source}")

    def write(self, path: Path) -> int:
        """The alerts of `raw` with their identities, as a file of columns; gives their number."""
        shape = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
        ((count,),) = self.run(f"COPY ({query('identify')}) TO {_quoted(path)} ({shape})")
        return int(count)

    def look(self, segments: Sequence[Path]) -> None:
        """Files of columns as the table `alerts`."""
        listed = ", ".join(map(_quoted, segments))
        self.run(f"CREATE OR REPLACE VIEW alerts AS SELECT * FROM read_parquet([{listed}])")

    def states(self) -> None:
        """What each tool said of each finding, and how that ended, as the table `findings`."""
        self.run(f"CREATE OR REPLACE TABLE findings AS {query('states')}")

    def rank(self, limit: int) -> list[dict[str, Any]]:
        """The problems to act on first."""
        self.run(f"CREATE OR REPLACE TABLE weighed AS {query('weigh')}")
        self.run(f"CREATE OR REPLACE TABLE shown AS {query('queue')} LIMIT {limit:d}")
        return self.rows("SELECT * FROM shown")

    def worst(self) -> list[dict[str, Any]]:
        """The finding that stands for each problem that is shown, with the terms of its score."""
        return self.rows(query("top"))


@cache
def query(name: str) -> str:
    return files(__package__).joinpath("duckdb", f"{name}.sql").read_text("utf-8")


@cache
def weaknesses() -> tuple[tuple[int, str], ...]:
    """The class of each CWE number that is in one."""
    table = tomllib.loads(files(__package__).joinpath("weaknesses.toml").read_text("utf-8"))
    return tuple((number, name) for name, numbers in table.items() for number in numbers)


def _quoted(path: Path) -> str:
    return _text(str(path))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
