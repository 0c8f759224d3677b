"""Workbooks of spreadsheets (XLSX) to rows, as some tools export nothing else: an archive of XML files.

Only values are read: no formula is computed, no macro run, no link followed.

Example::

    for name, rows in sheets(archive): ...              # "Sheet1", [["id", "severity"], ["CVE-2020-1", "high"]]
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Any

from buckler.triage.importers.paths import as_text
from buckler.triage.importers.xml import read_xml

STRINGS = "xl/sharedStrings.xml"
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
CHUNK = 1 << 20
MOST_COLUMNS = 2_000


def count(archive: zipfile.ZipFile) -> int:
    """How many sheets there are; none in an archive of something else."""
    return sum(SHEET.fullmatch(member) is not None for member in archive.namelist())


def sheets(archive: zipfile.ZipFile, most: int) -> Iterator[tuple[str, list[list[str]]]]:
    """The sheets of a workbook with the texts of their cells; of a file, `most` bytes are read."""
    known = _strings(archive, most) if STRINGS in archive.namelist() else []
    for member in archive.namelist():
        if SHEET.fullmatch(member):
            rows = _list(_inside(_read(archive, member, most), "worksheet", "sheetData", "row"))
            yield member, [_cells(row, known) for row in rows]


def _read(archive: zipfile.ZipFile, member: str, most: int) -> dict[str, Any]:
    with archive.open(member) as file:
        return read_xml(iter(partial(file.read, CHUNK), b""), most)[0]


def _strings(archive: zipfile.ZipFile, most: int) -> list[str]:
    return [_string(item) for item in _list(_inside(_read(archive, STRINGS, most), "sst", "si"))]


def _string(item: Any) -> str:
    """Of one or several runs that look different."""
    if not isinstance(item, dict):
        return as_text(item)
    runs = [_inside(run, "t") for run in _list(item.get("r"))]
    return "".join(map(as_text, runs)) if runs else as_text(item.get("t"))


def _cells(row: Any, known: list[str]) -> list[str]:
    """Empty cells are left out in the file; where a cell stands is in its name."""
    out: list[str] = []
    for cell in _list(_inside(row, "c")):
        if not isinstance(cell, dict):
            continue
        column = _column(as_text(cell.get("@r")), len(out))
        if column >= MOST_COLUMNS:
            break
        out += [""] * (column - len(out))
        out.append(_value(cell, known))
    return out


def _column(name: str, default: int) -> int:
    """`C7` is 2."""
    number = 0
    letters = re.match(r"[A-Z]{1,3}", name)
    for letter in letters[0] if letters is not None else "":
        number = number * 26 + ord(letter) - ord("A") + 1
    return max(number - 1, default) if number else default


def _value(cell: dict[str, Any], known: list[str]) -> str:
    said = as_text(cell.get("v"))
    kind = cell.get("@t")
    if kind == "s":
        return known[int(said)] if said.isdigit() and int(said) < len(known) else ""
    return _string(cell.get("is")) if kind == "inlineStr" else said


def _inside(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
