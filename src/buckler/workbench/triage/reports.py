"""Reports as files: which ones, what they say, and a first table for a format that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

from buckler.base.errors import ConfigError, InputError
from buckler.triage.alert import Columns, Reading
from buckler.triage.importers import documents, guess, read_report
from buckler.triage.importers.table import Table, parse

NO_REPORTS = frozenset({".git", "node_modules", "__pycache__"})
CHUNK = 1 << 20
ABOUT_TABLES = "docs/triage.md shows how to write a table"


def report_files(paths: Sequence[Path]) -> list[Path]:
    """The files that paths name, those of folders in their order; raises `InputError` for what is not there."""
    out: list[Path] = []
    for path in paths:
        if path.is_dir():
            inner = (file for file in sorted(path.rglob("*")) if NO_REPORTS.isdisjoint(file.parts))
            out += [file for file in inner if file.is_file() and not file.is_symlink()]
        elif path.is_file():
            out.append(path)
        elif path.exists():
            raise InputError("is neither a file nor a folder", where=str(path))
        else:
            raise InputError("there is no such file", where=str(path))
    return out


def own_table(path: Path | None) -> Table | None:
    """The user's table for a format; raises `ConfigError` with what is wrong in it."""
    if path is None:
        return None
    try:
        return parse(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error


def read(path: Path, reading: Reading, table: Table | None = None) -> Iterator[Columns]:
    """What one file says; what cannot be read at all is said in `reading`."""
    try:
        yield from read_report(path, reading, table)
    except InputError as error:
        reading.partial = True
        reading.skip("all of it", error.what)


def draft(path: Path) -> str:
    """A first table for a format that nobody knows; raises `InputError` if nothing in the file looks like an alert."""
    reading = Reading(str(path))
    for report in documents.open_reports(path, reading):
        text = guess.draft(report.shape, next(report.batches, []))
        if text:
            return text
    raise InputError("nothing in it looks like an alert", where=str(path), remedy=ABOUT_TABLES)


def digest_of(path: Path) -> str:
    """Of the bytes of a file; raises `InputError`."""
    state = blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while part := file.read(CHUNK):
                state.update(part)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return state.hexdigest()
