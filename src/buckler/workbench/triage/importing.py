"""Takes reports into the store: read, made columns with identities, and added, some at a time.

Whatever ends an import, the batches before are there whole; the same command goes on from there, since a report that is
there is not read again.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from buckler.base.progress import Progress
from buckler.base.scratch import passing
from buckler.store.triage.store import Imported, Store
from buckler.triage.alert import Reading
from buckler.triage.columns.engine import Engine
from buckler.triage.columns.schema import IDENTITY
from buckler.triage.importers import alerts
from buckler.triage.importers.table import Table
from buckler.workbench.triage.facts import Facts
from buckler.workbench.triage.reports import digest_of, read

BATCH = 250_000
"""Alerts that are enough for a segment; no report is parted."""


@dataclass(slots=True)
class Taken:
    """What an import did."""

    readings: list[Reading] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Files that were taken in before, byte by byte."""

    @property
    def alerts(self) -> int:
        return sum(reading.alerts for reading in self.readings)


def take_in(
    store: Store, files: Sequence[Path], project: str, progress: Progress, facts: Facts, table: Table | None = None
) -> Taken:
    """Takes in what is new among some reports."""
    taken = Taken()
    waiting: dict[str, Imported] = {}
    at = time.time()
    progress.start(len(files), "reading reports")
    with passing("buckler-triage-") as folder, _no_collector():
        for path in files:
            report = digest_of(path)
            if report in waiting or store.has(report, project):
                taken.known.append(str(path))
            else:
                waiting[report], reading = _shard(path, report, project, folder, table, at)
                taken.readings.append(reading)
            if sum(one.alerts for one in waiting.values()) >= BATCH:
                _add(store, waiting, folder, facts)
            progress.advance()
        if waiting:
            _add(store, waiting, folder, facts)
    progress.finish()
    return taken


def _shard(
    path: Path, report: str, project: str, folder: Path, table: Table | None, at: float
) -> tuple[Imported, Reading]:
    """The alerts of one file as lines of JSON, which is what the engine takes."""
    reading = Reading(str(path))
    encoder = msgspec.json.Encoder()
    tools: set[str] = set()
    with (folder / f"{report}.jsonl").open("wb") as out:
        for columns in read(path, reading, table):
            tools.update(columns["tool"])
            out.write(encoder.encode_lines(alerts(columns)))
    for tool in tools:
        reading.coverage.tools.setdefault(tool, "")
    kept = Imported(
        report, project, str(path), reading.format, at, reading.alerts, reading.skipped, reading.partial, reading.coverage
    )  # fmt: skip
    return kept, reading


def _add(store: Store, waiting: dict[str, Imported], folder: Path, facts: Facts) -> None:
    segment = folder / "segment.parquet"
    shards = [folder / f"{report}.jsonl" for report in waiting]
    with Engine(folder) as engine:
        facts.fill(engine)
        engine.take(shards)
        count = engine.write(segment)
    store.add(segment, count, IDENTITY, list(waiting.values()))
    for file in (segment, *shards):
        file.unlink()
    waiting.clear()


@contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of small values that are all in use make Python look for garbage again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
