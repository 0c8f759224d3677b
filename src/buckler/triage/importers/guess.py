"""A first draft of a table for a format that nobody described, from the names of its members.

The draft is what an import of an unknown format uses, and what `buckler triage read --draft` prints for the user to
mend. It takes the list whose entries have most members with names that tell something, and for each field of an alert
the member with the best name.

Example::

    draft("json", [{"issues": [{"check_id": "X1", "severity": "high", "file": "a.py"}]}])
    # name = "…" … [[alerts]] each = "issues[]" rule = "check_id" severity = "severity" path = "file"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tomlkit

from buckler.triage.alert import Columns, Reading
from buckler.triage.importers.paths import Column
from buckler.triage.importers.table import apply, parse
from buckler.triage.importers.values import words

DEPTH = 6
SAMPLE = 50
PLAIN = re.compile(r"[A-Za-z0-9_@#-]+")
BEST = ("rule", "title", "message", "severity", "ids", "path", "host", "url")
"""Fields of which an entry has some, if it is an alert."""


def draft(shape: str, documents: Column) -> str:
    """TOML text of a table; empty if nothing in the documents looks like an alert."""
    places = sorted(_places(documents, shape), key=lambda found: -found[0])
    if not places or places[0][0] <= 0:
        return ""
    _, where, fields, package = places[0]
    alerts = tomlkit.table()
    alerts["each"] = where
    for name, path in fields.items():
        alerts[name] = path
    if package:
        inline = tomlkit.inline_table()
        inline.update(package)
        alerts["package"] = inline
    recognize = tomlkit.table()
    recognize["shape"] = shape
    recognize["has"] = [_joined(where, path) for path in list(fields.values())[:3]]
    document = tomlkit.document()
    document.add(tomlkit.comment("A guess from the names of the members: check each line."))
    document["name"] = "unknown tool"
    document["recognize"] = recognize
    entries = tomlkit.aot()
    entries.append(alerts)
    document["alerts"] = entries
    return tomlkit.dumps(document)


def reader(shape: str, documents: Column) -> Callable[[Iterator[Column], Reading], Iterator[Columns]]:
    """Reads by the draft; where there is none, everything is counted as skipped."""
    text = draft(shape, documents)

    def read(batches: Iterator[Column], reading: Reading) -> Iterator[Columns]:
        if not text:
            count = sum(len(batch) for batch in batches)
            reading.format = "unknown"
            reading.skip(
                "all of it",
                "nothing in it looks like an alert; a table can say where they are (--draft, --table)",
                count,
            )
            return
        table = parse(text, reading.path)
        for batch in batches:
            yield from apply(table, batch, reading)

    return read


Found = tuple[float, str, dict[str, str], dict[str, str]]


def _places(documents: Column, shape: str) -> Iterator[Found]:
    """Lists of objects, each with what its entries seem to say and how sure that is."""
    rows = [document for document in documents[:SAMPLE] if isinstance(document, dict)]
    if shape == "csv" or len(documents) > 1:
        yield _judged(".", rows, len(documents))
    for document in documents[:3]:
        for where, entries in _lists(document, "", 0):
            yield _judged(where, entries[:SAMPLE], len(entries))


def _lists(value: Any, where: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if depth > DEPTH:
        return
    if isinstance(value, list):
        entries = [entry for entry in value if isinstance(entry, dict)]
        if entries:
            yield f"{where}[]", entries
            yield from _within(entries, f"{where}[]", depth)
    elif isinstance(value, dict):
        if depth and len(value) > 1 and all(isinstance(entry, dict) for entry in value.values()):
            yield f"{where}{{}}", list(value.values())
        yield from _within([value], where, depth)


def _within(entries: list[dict[str, Any]], where: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Lists in the members of entries, those of one name together."""
    members: dict[str, list[Any]] = {}
    for entry in entries[:SAMPLE]:
        for key, value in entry.items():
            if isinstance(value, list):
                members.setdefault(key, []).extend(value)
            elif isinstance(value, dict):
                yield from _lists(value, _joined(where, _quoted(key)), depth + 1)
    for key, values in members.items():
        yield from _lists(values, _joined(where, _quoted(key)), depth + 1)


def _judged(where: str, entries: list[dict[str, Any]], count: int) -> Found:
    members = _members(entries)
    fields = {
        name: path
        for name, names in words("guess").items()
        if isinstance(names, list) and (path := _best(names, members))
    }
    package = {name: path for name, names in words("guess")["package"].items() if (path := _best(names, members))}
    if "name" not in package and "purl" not in package:
        package = {}
    sure = sum(name in fields for name in BEST) + len(fields) / 10 + bool(package) + min(count, 1000) / 2000
    if not {"rule", "title", "message", "ids"} & fields.keys():
        sure = 0.0
    return sure, where, fields, package


def _members(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Paths by the plain form of their last name; outer ones come first."""
    found: dict[str, str] = {}
    for entry in entries[:SAMPLE]:
        for key, value in entry.items():
            if not isinstance(value, dict | list) and value not in (None, ""):
                found.setdefault(_plain(key), _quoted(key))
            elif isinstance(value, list) and value and all(isinstance(item, str | int) for item in value):
                found.setdefault(_plain(key), f"{_quoted(key)}[]")
    for entry in entries[:SAMPLE]:
        for key, value in entry.items():
            for inner, content in value.items() if isinstance(value, dict) else ():
                if not isinstance(content, dict | list) and content not in (None, ""):
                    found.setdefault(_plain(inner), f"{_quoted(key)}.{_quoted(inner)}")
                    found.setdefault(_plain(key + inner), f"{_quoted(key)}.{_quoted(inner)}")
    return found


def _best(names: list[str], members: Mapping[str, str]) -> str:
    return next((members[name] for name in names if name in members), "")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _quoted(name: str) -> str:
    return name if PLAIN.fullmatch(name) and not name.startswith("@key") else f'"{name}"'


def _joined(where: str, path: str) -> str:
    return path if where in ("", ".") else f"{where}.{path}"
