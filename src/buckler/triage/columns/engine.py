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
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import duckdb

from buckler.base.errors import InputError
from buckler.triage.columns.schema import ALERT, FACTS, TYPES

MEMORY = "450MB"
THREADS = 2
ROW_GROUP = 20_000
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
        self.scratch = scratch
        settings: dict[str, str | int | bool] = {
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": str(scratch),
        }
        self.connection = duckdb.connect(config={**settings, "autoinstall_known_extensions": False})
        self.run("SET preserve_insertion_order = false")
        # Facts are joined to alerts: those in memory are the facts, whatever is guessed of the size of a file.
        self.run("SET disabled_optimizers = 'build_side_probe_side'")
        for name, columns in FACTS.items():
            typed = ", ".join(f'"{column}" {TYPES[kind]}' for column, kind in columns.items())
            self.run(f"CREATE TABLE {name} ({typed})")
        self.fill("weaknesses", weaknesses())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def run(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._asked(query, parameters).fetchall()

    def _asked(self, query: str, parameters: Sequence[Any]) -> duckdb.DuckDBPyConnection:
        """Raises `InputError` for what the machine lacks."""
        try:
            return self.connection.execute(query, list(parameters))
        except duckdb.OutOfMemoryException as error:
            raise InputError(
                f"these alerts need more than {MEMORY} of memory", remedy="import fewer reports at a time"
            ) from error
        except duckdb.IOException as error:
            raise InputError(
                f"files of columns cannot be used: {str(error).splitlines()[0]}", where=str(self.scratch)
            ) from error

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        found = self._asked(query, parameters)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]

    def fill(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Replaces what one of the tables of `FACTS` holds."""
        self.run(f"DELETE FROM {table}")
        columns = [list(column) for column in zip(*rows, strict=True)]
        if columns:
            marks = ", ".join("unnest(?)" for _ in columns)
            self.run(f"INSERT INTO {table} SELECT {marks}", columns)

    def take(self, shards: Sequence[Path]) -> None:
        """Lines of JSON as the table `raw`; the name of each file is the digest of the report that it is from."""
        columns = ", ".join(f"'{name}': '{TYPES[kind]}'" for name, kind in ALERT.items())
        given = ", ".join(f"coalesce({name}, {value}) AS {name}" for name, value in DEFAULTS.items())
        listed = ", ".join(_quoted(path) for path in shards)
        shape = f"filename = true, format = 'newline_delimited', maximum_object_size = 4194304, columns = {{{columns}}}"
        source = f"read_json([{listed}], {shape})"
        report = "parse_filename(filename, true) AS report"
        self.run(f"CREATE OR REPLACE VIEW raw AS SELECT * EXCLUDE filename REPLACE ({given}), {report} FROM {source}")

    def write(self, path: Path) -> int:
        """The alerts of `raw` with their identities, as a file of columns; gives their number."""
        shape = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
        written = f"COPY ({query('identify')}) TO {_quoted(path)} ({shape})"
        try:
            ((count,),) = self.run(written)
        except InputError:  # with two threads it takes twice the memory
            self.run("SET threads = 1")
            ((count,),) = self.run(written)
        return int(count)

    def look(self, segments: Sequence[Path]) -> None:
        """Files of columns as the table `alerts`."""
        listed = ", ".join(map(_quoted, segments))
        self.run(f"CREATE OR REPLACE VIEW alerts AS SELECT * FROM read_parquet([{listed}])")

    def decide(self, label: str, condition: str, values: Sequence[str]) -> None:
        """Findings of which all the newest alerts meet a condition are decided, if they are not yet."""
        key = "finding, tool, project"
        met = f"SELECT {key}, ? FROM ({NEWEST}) ANTI JOIN decided USING ({key})"
        self.run(f"INSERT INTO decided {met} GROUP BY {key} HAVING bool_and({condition})", [label, *values])

    def covers(self, condition: str, values: Sequence[str]) -> dict[str, int]:
        """How much a condition would hide of what is open: problems, findings, alerts, and what is known of them."""
        key = "finding, tool, project"
        met = f"SELECT {key} FROM ({NEWEST}) GROUP BY {key} HAVING bool_and({condition})"
        counts = (
            "count(DISTINCT problem || project) AS problems, count(DISTINCT finding || project) AS findings",
            "coalesce(sum(alerts), 0)::BIGINT AS alerts",
            "count(DISTINCT finding) FILTER (weakness IN (SELECT name FROM exploited)) AS exploited",
            "count(DISTINCT finding) FILTER (grade_level >= 3) AS reproduced",
        )
        found = f"FROM findings SEMI JOIN ({met}) USING ({key}) WHERE state = 'open'"
        (row,) = self.rows(f"SELECT {', '.join(counts)} {found}", list(values))
        return {name: int(value) for name, value in row.items()}

    def states(self, kept: Path) -> None:
        """What each tool said of each finding, and how that ended, as the table `findings`; kept as a file."""
        if not kept.exists():
            partial = kept.with_suffix(f".{id(self)}.part")
            self.run(f"COPY ({query('states')}) TO {_quoted(partial)} (FORMAT parquet, COMPRESSION lz4_raw)")
            partial.replace(kept)
        self.run(f"CREATE OR REPLACE VIEW findings AS SELECT * FROM read_parquet({_quoted(kept)})")

    def learn(self) -> None:
        """How often each rule was right, of its findings that were decided; one right and one wrong go before."""
        true = f"count(*) FILTER (decision IN ({', '.join(map(_text, TRUE))}))"
        false = f"count(*) FILTER (decision IN ({', '.join(map(_text, FALSE))}))"
        share = f"({true} + 1.0) / ({true} + {false} + 2.0)"
        self.run("DELETE FROM verdicts")
        decided = "FROM findings WHERE decision IS NOT NULL GROUP BY tool, rule"
        self.run(f"INSERT INTO verdicts SELECT tool, rule, {share} {decided}")

    def weigh(self) -> None:
        """Open findings with the terms of their score, as the table `weighed`."""
        self.run(f"CREATE OR REPLACE TABLE weighed AS {query('weigh')}")

    def rank(self, limit: int) -> list[dict[str, Any]]:
        """The problems to act on first."""
        self.weigh()
        self.run(f"CREATE OR REPLACE TABLE shown AS {query('queue')} LIMIT {limit:d}")
        return self.rows("SELECT * FROM shown")

    def worst(self) -> list[dict[str, Any]]:
        """The finding that stands for each problem that is shown, with the terms of its score."""
        return self.rows(query("top"))

    def only(self, problem: str) -> list[dict[str, Any]]:
        """One problem as `rank` gives it, whatever its place."""
        self.weigh()
        one = f"SELECT * FROM ({query('queue')}) WHERE problem = {_text(problem)} LIMIT 1"
        self.run(f"CREATE OR REPLACE TABLE shown AS {one}")
        return self.rows("SELECT * FROM shown")

    def findings_of(self, problem: str) -> list[dict[str, Any]]:
        """What each tool says of each finding of a problem."""
        wanted = "finding, tool, scope, rule, weakness, first, last, alerts, state"
        return self.rows(f"SELECT {wanted} FROM findings WHERE problem = ? ORDER BY finding, tool, scope", [problem])

    def what_if(self, finding: str, tool: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """What a finding would weigh if one fact were another, by the very query that weighs all."""
        changed = query("weigh").replace('"findings"', '"findings_changed"')
        for fact, change in WHAT_IF.items():
            rows = (
                f"SELECT * REPLACE ({change}) FROM findings WHERE finding = {_text(finding)} AND tool = {_text(tool)}"
            )
            self.run(f"CREATE OR REPLACE TABLE findings_changed AS {rows}")
            for row in self.rows(f"SELECT * FROM ({changed}) LIMIT 1"):
                yield fact, row

    def said(self, findings: Sequence[str]) -> dict[str, dict[str, Any]]:
        """For each of some findings the first alert that says most, and `tools`, all that say it."""
        listed = ", ".join(_text(finding) for finding in findings) or "''"
        rows = self.rows(
            f"SELECT *, list_sort(list(DISTINCT tool) OVER (PARTITION BY finding)) AS tools FROM alerts"
            f" WHERE finding IN ({listed}) QUALIFY row_number() OVER"
            f" (PARTITION BY finding ORDER BY length(message) DESC NULLS LAST, report, record) = 1"
        )
        return {row["finding"]: row for row in rows}

    def decisions(self) -> dict[str, int]:
        """Problems by the decision about the worst of their findings."""
        worst = "min(CASE decision WHEN 'act' THEN 1 WHEN 'attend' THEN 2 ELSE 3 END)"
        each = f"SELECT {worst} AS d FROM weighed GROUP BY project, problem"
        found = self.run(f"SELECT d, count(*) FROM ({each}) GROUP BY d ORDER BY d")
        return {("act", "attend", "track")[number - 1]: int(count) for number, count in found}

    def findings(self) -> dict[str, int]:
        """Findings by state, the best one where tools differ."""
        found = self.run("SELECT state, count(DISTINCT project || finding) FROM findings GROUP BY state ORDER BY state")
        return {state: int(count) for state, count in found}

    def count(self) -> int:
        ((count,),) = self.run("SELECT count(*) FROM alerts")
        return int(count)


WHAT_IF = {
    "it is reproduced": "3 AS grade_level",
    "the code gets there with untrusted data": "2 AS reach_level, false AS unreached",
    "the code does not get there": "0 AS reach_level, true AS unreached",
}
"""Facts that somebody could find out, as changes of a finding."""


TRUE, FALSE = ("accepted", "later"), ("false positive",)
"""Decisions that say whether a finding is one."""
NEWEST = (
    "SELECT a.*, i.project, i.import FROM alerts a JOIN imports i USING (report, tool)"
    " QUALIFY i.import = max(i.import) OVER (PARTITION BY finding, tool, i.project)"
)
"""What each tool said last of each finding."""


@cache
def query(name: str) -> str:
    return files(__package__).joinpath("duckdb", f"{name}.sql").read_text("utf-8")


@cache
def weaknesses() -> tuple[tuple[int, str], ...]:
    """The class of each CWE number that is in one."""
    table = tomllib.loads(files(__package__).joinpath("weaknesses.toml").read_text("utf-8"))
    return tuple((number, name) for name, numbers in table.items() for number in numbers)


def _plain(value: Any) -> Any:
    """Numbers are floats: a literal with a point is a decimal to the engine."""
    return float(value) if isinstance(value, Decimal) else value


def _quoted(path: Path) -> str:
    return _text(str(path))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
