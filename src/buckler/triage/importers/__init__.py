"""Reports of any tool to alerts. The content decides the format; what no table knows is guessed, which is said.

To add a format write `tables/<tool>.toml` (`table.py` explains it), or, for what no table can say, a module in
`formats/` with `recognize(shape, documents)`, the weight of its claim or 0, and `read(batches, reading)`, the alerts as
columns.

Example::

    reading = Reading("trivy.json")
    for columns in read_report(Path("trivy.json"), reading): ...
    reading.format, reading.alerts, reading.skipped         # "trivy", 12, []
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from itertools import chain
from pathlib import Path

from buckler.triage.alert import FIELDS, Alert, Columns, Reading
from buckler.triage.importers import formats, guess
from buckler.triage.importers.documents import Report, open_reports
from buckler.triage.importers.paths import Column
from buckler.triage.importers.table import Table, apply, covered, parse

Read = Callable[[Iterator[Column], Reading], Iterator[Columns]]


@dataclass(slots=True, frozen=True)
class Importer:
    """One format that is known."""

    id: str
    weigh: Callable[[str, Column], int]
    """How sure it is that documents of a shape are its own; 0 for not at all."""
    read: Read


@cache
def known() -> tuple[Importer, ...]:
    """All formats, by their ids."""
    tables = files(__package__).joinpath("tables")
    rows = [
        of_table(parse(file.read_text("utf-8"), file.name.removesuffix(".toml")))
        for file in tables.iterdir()
        if file.name.endswith(".toml")
    ]
    for module in pkgutil.iter_modules(formats.__path__):
        found = import_module(f"{formats.__name__}.{module.name}")
        rows.append(Importer(module.name, found.recognize, found.read))
    return tuple(sorted(rows, key=lambda row: row.id))


def of_table(table: Table) -> Importer:
    def weigh(shape: str, documents: Column) -> int:
        return max((r.weight for r in table.recognitions if r.fits(shape, documents)), default=0)

    def read(batches: Iterator[Column], reading: Reading) -> Iterator[Columns]:
        for documents in batches:
            records = table.records(documents, reading)
            covered(table, records, reading)
            yield from apply(table, records, reading)

    return Importer(table.id, weigh, read)


def recognized(shape: str, documents: Column) -> Importer | None:
    """The format of some documents; the one that asks for most, if several would take them."""
    best = max(known(), key=lambda row: row.weigh(shape, documents), default=None)
    return best if best is not None and best.weigh(shape, documents) > 0 else None


def read_report(path: Path, reading: Reading, own: Table | None = None) -> Iterator[Columns]:
    """All alerts of a file, in columns of some thousand; raises `InputError` if nothing of it can be read.

    `own` is a table that the user wrote: it is used whatever else would claim the file.
    """
    for report in open_reports(path, reading):
        for columns in _read(report, reading, own):
            reading.alerts += len(columns["tool"])
            yield columns


def _read(report: Report, reading: Reading, own: Table | None) -> Iterator[Columns]:
    first = next(report.batches, [])
    if not first and report.shape == "text":
        reading.skip("all of it", "the file is empty")
        return
    importer = of_table(own) if own is not None else recognized(report.shape, first or report.names)
    if importer is None and report.name:  # what else lies in the archive
        reading.skip(report.name, "is no report of a known format, beside others in an archive")
        return
    if importer is None:
        importer = Importer("guessed", lambda *_: 1, guess.reader(report.shape, first))
    reading.format = importer.id if reading.format in ("", importer.id) else f"{reading.format}, {importer.id}"
    yield from importer.read(chain((first,), report.batches), reading)


def alerts(columns: Columns) -> list[Alert]:
    """The same as rows."""
    size = len(columns["tool"])
    absent = {name: [getattr(EMPTY, name)] * size for name in FIELDS if name not in columns}
    return list(map(Alert, *((columns[name] if name in columns else absent[name]) for name in FIELDS)))


EMPTY = Alert("")
