"""Files to documents: JSON, lines of JSON, XML, CSV, sheets or text, plain, compressed or in an archive.

A report is hostile input. Whatever is wrong with it, what could be read is handed on and what could not is counted in
the `Reading`: a cut document gives what stands before the cut, a broken line costs that line. Entities of XML are not
expanded, archives are unpacked only so far, and nothing is executed or fetched.

Example::

    for report in open_reports(Path("trivy.json"), reading):
        for documents in report.batches: ...                # each a list of dicts
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any, Protocol

import ijson
import msgspec

from buckler.base.errors import InputError
from buckler.triage.alert import Reading
from buckler.triage.importers import sheets
from buckler.triage.importers.paths import Column
from buckler.triage.importers.xml import read_xml

MOST = 4 << 30
"""Bytes of one file of lines."""
MOST_WHOLE = 1 << 30
"""Bytes of a document that must be in memory as a whole, or of what an archive holds."""
MOST_LINE = 64 << 20
CHUNK = 8 << 20
ROWS = 20_000
FIRST = 12
"""Lines in which a table begins."""
DELIMITERS = ",;\t|"
MEMBERS = (".json", ".jsonl", ".ndjson", ".xml", ".csv", ".sarif", ".fvdl", ".txt", ".log", ".nessus", ".tsv", ".zip")
ASSIGNED = re.compile(rb"\A\s*(?:(?:var|let|const)\s+)?\w+\s*=\s*(?=[{\[])")
"""How reports begin that a web page loads as a script."""
LOGGED = re.compile(rb'\s*\[[^\]"{}\[]{3,60}\]\s*[A-Za-z]')
"""A line of a log that begins with a time in brackets; no JSON."""
NAME = re.compile(r"\s*\ufeff?[^\W\d]")
"""A column's name begins with a letter."""
DECODE = msgspec.json.Decoder()


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Report:
    """One document or a stream of them."""

    shape: str
    """json, xml, csv, text."""
    batches: Iterator[Column]
    name: str = ""
    """Of the member, in an archive of several."""
    names: Column = field(default_factory=list)
    """Of a table, as a row of empty values."""


def open_reports(path: Path, reading: Reading) -> Iterator[Report]:
    """What a file holds; raises `InputError` if nothing of it can be read at all."""
    try:
        with path.open("rb") as file:
            yield from _opened(file, reading, path.name)
    except (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error) as error:
        reading.partial = True
        reading.skip("the rest", f"the archive is broken: {error}")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error


def _opened(file: IO[bytes], reading: Reading, name: str) -> Iterator[Report]:
    head = file.read(4)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as inner:
            yield from _told(_Bounded(inner, MOST), reading, name.removesuffix(".gz"))
    elif head == b"PK\x03\x04":
        with zipfile.ZipFile(file) as archive:
            yield from _workbook(archive) if sheets.count(archive) else _members(archive, reading)
    else:
        yield from _told(file, reading, name)


def _workbook(archive: zipfile.ZipFile) -> Iterator[Report]:
    several = sheets.count(archive) > 1
    for name, rows in sheets.sheets(archive, MOST_WHOLE):
        start = next((number for number, row in enumerate(rows[:FIRST]) if _names([n for n in row if n])), None)
        if start is not None:
            names = [cell.strip() for cell in rows[start]]
            records = [dict(zip(names, row, strict=False)) for row in rows[start + 1 :] if any(row)]
            yield Report("csv", iter([records]), name if several else "", [dict.fromkeys(names, "")])


def _members(archive: zipfile.ZipFile, reading: Reading) -> Iterator[Report]:
    members = [m for m in archive.infolist() if not m.is_dir() and m.filename.lower().endswith(MEMBERS)]
    for member in members:
        if member.file_size > MOST_WHOLE or member.filename.lower().endswith(".zip"):
            reading.skip(member.filename, "is an archive in an archive, or too large")
            continue
        with archive.open(member) as inner:
            for report in _told(_Bounded(inner, MOST_WHOLE), reading, member.filename):
                report.name = member.filename if len(members) > 1 else ""
                yield report


class _Bounded:
    """Nothing is unpacked beyond a number of bytes."""

    def __init__(self, file: Readable, most: int) -> None:
        self.file, self.left = file, most

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise EOFError("it unpacks to more than is read")
        return data


def _told(file: Readable, reading: Reading, name: str) -> Iterator[Report]:
    """By what the first bytes are, not by what the file is called."""
    head = file.read(CHUNK)
    encoding = _encoding(head)
    if encoding:
        file = _Encoded(io.TextIOWrapper(io.BufferedReader(_Stream(head, file)), encoding=encoding, errors="replace"))
        head = file.read(CHUNK)
    head = ASSIGNED.sub(b"", head)
    start = head.lstrip()[:1]
    if start in (b"{", b"[") and LOGGED.match(head) is None:
        yield Report("json", _json(head, file, reading))
    elif start == b"<":
        yield Report("xml", _xml(head, file, reading))
    else:
        yield from _rows(head, file, reading)


def _encoding(head: bytes) -> str:
    """Of text that says by its first bytes that it is not UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if len(head) > 3 and head[1::2][:50].count(0) == len(head[1::2][:50]):
        return "utf-16-le"
    return ""


class _Encoded:
    """Text of another encoding as UTF-8."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.stream = stream

    def read(self, size: int) -> bytes:
        return self.stream.read(size).encode("utf-8", "replace")


def _whole(head: bytes, file: Readable, reading: Reading) -> bytes:
    data = bytearray(head)
    while part := file.read(CHUNK):
        data += part
        if len(data) > MOST_WHOLE:
            reading.partial = True
            reading.skip("the rest", f"a document of more than {MOST_WHOLE:,} bytes is read so far")
            break
    return bytes(data)


# ---- JSON


def _json(head: bytes, file: Readable, reading: Reading) -> Iterator[Column]:
    first, newline, rest = head.lstrip().partition(b"\n")
    if newline and rest.lstrip()[:1] in (b"{", b"[") and _line(first) is not None:
        yield from _lines(head, file, reading)
        return
    data = _whole(head, file, reading)
    try:
        yield [DECODE.decode(data)]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        yield _mended(data, reading, str(error))


def _line(text: bytes) -> Any:
    try:
        return DECODE.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _lines(head: bytes, file: Readable, reading: Reading) -> Iterator[Column]:
    number, left = 0, head
    while left:
        part = file.read(CHUNK)
        cut = left.rfind(b"\n") + 1 if part else len(left)
        if not cut and len(left) > MOST_LINE:
            reading.partial = True
            reading.skip(f"line {number + 1}", f"is longer than {MOST_LINE:,} bytes; nothing after it is read")
            return
        lines, left = left[:cut], left[cut:] + part
        if lines:
            yield _decoded(lines, number, reading)
            number += lines.count(b"\n")


def _decoded(lines: bytes, number: int, reading: Reading) -> Column:
    """All lines at once, which is quick; one by one where one of them is broken."""
    try:
        return DECODE.decode_lines(lines)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    out: Column = []
    for at, line in enumerate(lines.split(b"\n"), number + 1):
        if not line.strip():
            continue
        found = _line(line)
        if found is None:
            found = _line(line.decode("utf-8", "replace").encode())
        if found is None:
            reading.skip(f"line {at}", "is no JSON")
        else:
            out.append(found)
    return out


def _mended(data: bytes, reading: Reading, why: str) -> Column:
    """Several documents one after the other, wrong letters, or what stands before the place where it breaks."""
    text = data.decode("utf-8", "replace")
    out: Column = []
    at, decoder = 0, json.JSONDecoder(strict=False)
    while at < len(text):
        at = _blank(text, at)
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        out.append(value)
    at = _blank(text, at)
    if at < len(text):
        cut = _before_break(text[at:].encode())
        reading.partial = True
        reading.skip(f"from byte {len(text[:at].encode()):,}", f"the document breaks off or is no JSON ({why})")
        out += [cut] if cut is not None else []
    return out


def _blank(text: str, at: int) -> int:
    found = re.compile(r"[\s,\x1e]*").match(text, at)
    return found.end() if found is not None else at


def _before_break(data: bytes) -> Any:
    builder = ijson.ObjectBuilder()
    depth = 0
    try:
        for event, value in ijson.basic_parse(io.BytesIO(data), use_float=True):
            depth += event in ("start_map", "start_array")
            depth -= event in ("end_map", "end_array")
            if depth > 200:
                break
            builder.event(event, value)
    except (ijson.JSONError, ValueError, RecursionError):
        pass
    return getattr(builder, "value", None)


# ---- XML


def _xml(head: bytes, file: Readable, reading: Reading) -> Iterator[Column]:
    document, broken = read_xml(chain((head,), iter(partial(file.read, CHUNK), b"")), MOST_WHOLE)
    if broken:
        reading.partial = True
        reading.skip("the rest", f"the document breaks off or is no XML ({broken})")
    yield [document]


# ---- rows and lines


def _rows(head: bytes, file: Readable, reading: Reading) -> Iterator[Report]:
    text = head[:65_536].decode("utf-8", "replace")
    delimiter, start, names = _layout(text)
    stream = io.TextIOWrapper(io.BufferedReader(_Stream(head, file)), encoding="utf-8", errors="replace", newline="")
    if delimiter:
        for _ in range(start):
            stream.readline()
        yield Report("csv", _table(stream, delimiter, reading), names=[dict.fromkeys(names, "")])
    else:
        yield Report("text", _text(stream))


class _Stream(io.RawIOBase):
    """What was read already, and the rest."""

    def __init__(self, head: bytes, file: Readable) -> None:
        self.left, self.file = memoryview(head), file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.left:
            self.left = memoryview(self.file.read(CHUNK))
        size = min(len(buffer), len(self.left))
        buffer[:size], self.left = self.left[:size], self.left[size:]
        return size


def _layout(text: str) -> tuple[str, int, list[str]]:
    """What parts the columns of a table, how many lines stand before it, and its names; empty for what is no table.

    Some tools write a few short lines about the report first: then the names are the line with most columns, if those
    are at least twice as many.
    """
    lines = text.splitlines()[:FIRST]
    if not any(lines) or "\x00" in text:
        return "", 0, []
    for delimiter in sorted(DELIMITERS, key=lambda mark: -max(line.count(mark) for line in lines)):
        rows = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
        first = next((number for number, row in enumerate(rows) if any(row)), 0)
        widest = max(range(len(rows)), key=lambda number: len(rows[number]))
        start = widest if len(rows[widest]) >= 2 * max(len(rows[first]), 3) and _names(rows[widest]) else first
        if _names(rows[start]):
            return delimiter, start, [name.strip().lstrip("\ufeff") for name in rows[start]]
    return "", 0, []


def _names(row: list[str]) -> bool:
    """Whether it may be the names of columns."""
    return (
        len(row) >= 3
        and all(len(name) <= 80 for name in row)
        and len(set(row)) >= len(row) - 1
        and sum(NAME.match(name) is not None for name in row) >= len(row) - 2
    )


def _table(stream: io.TextIOWrapper, delimiter: str, reading: Reading) -> Iterator[Column]:
    csv.field_size_limit(MOST_LINE)
    rows = csv.reader((line.replace("\x00", "") for line in stream), delimiter=delimiter)
    names: list[str] = []
    out: Column = []
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            reading.skip(f"line {rows.line_num}", f"is no row of a table ({error})")
            continue
        if row is None:
            break
        if not any(row):
            continue
        if not names:
            names = [name.strip().lstrip("\ufeff") for name in row]
            continue
        out.append(dict(zip(names, row, strict=False)))
        if len(out) >= ROWS:
            yield out
            out = []
    if out or names:
        yield out


def _text(stream: io.TextIOWrapper) -> Iterator[Column]:
    out: Column = []
    while line := stream.readline(MOST_LINE):
        out.append(line.rstrip("\r\n"))
        if len(out) >= ROWS:
            yield out
            out = []
    yield out
