"""Decisions as rules in a file that people review like code: what they are about, why, by whom, until when.

Example::

    [[decision]]
    as = "accepted"
    package = "pkg:pypi/pyyaml@5.3"      # ends with that version
    reason = "only our own files are loaded"
    author = "ada"
    made = 2026-12-01
    until = 2027-03-01

A decision holds for a finding if all that its newest alerts say is in its scope; texts of a scope may end in `*`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from buckler.base.errors import ConfigError

KINDS = ("accepted", "false positive", "not affected", "later", "duplicate")
SCOPE = (
    "project", "tool", "rule", "weakness", "kind", "severity", "path", "package", "host", "service", "image", "finding",
    "problem",
)  # fmt: skip
KEYS = ("as", "reason", "author", "made", "until", *SCOPE)
NARROW = frozenset({"finding", "problem", "package", "path", "host", "service", "image"})
"""Parts of a scope of which one must be there; without, it is about all that a rule or tool will ever say."""


@dataclass(slots=True, frozen=True)
class Decision:
    """What was decided about all that is in a scope."""

    kind: str
    reason: str
    author: str
    made: date
    scope: Mapping[str, str]
    until: date | None = None
    number: int = 0
    """Its place in the file, from 1."""

    @property
    def broad(self) -> bool:
        """Whether it will hide what nobody has seen yet."""
        return NARROW.isdisjoint(self.scope)

    def expired(self, today: date) -> bool:
        return self.until is not None and self.until < today


@dataclass(slots=True)
class Book:
    """The decisions of a file."""

    path: Path
    decisions: list[Decision] = field(default_factory=list)

    def current(self, today: date) -> list[Decision]:
        return [decision for decision in self.decisions if not decision.expired(today)]


def read_book(path: Path) -> Book:
    """The decisions of a file, none if it is not there; raises `ConfigError` with the one that is wrong."""
    try:
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
    listed = document.unwrap().get("decision", [])
    if not isinstance(listed, list):
        raise ConfigError("'decision' is no list of tables", where=str(path), remedy="write [[decision]]")
    return Book(path, [_decision(entry, number, path) for number, entry in enumerate(listed, 1)])


def _decision(entry: Any, number: int, path: Path) -> Decision:
    where = f"{path}, decision {number}"
    if not isinstance(entry, dict):
        raise ConfigError("is no table", where=where)
    for key in entry:
        if key not in KEYS:
            raise ConfigError(f"unknown key {key!r}", where=where, remedy=f"one of {', '.join(KEYS)}")
    for key in ("as", "reason", "author"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise ConfigError(f"{key!r} is missing", where=where)
    if entry["as"] not in KINDS:
        raise ConfigError(f"unknown decision {entry['as']!r}", where=where, remedy=f"one of {', '.join(KINDS)}")
    made, until = entry.get("made"), entry.get("until")
    for name, day in (("made", made), ("until", until)):
        if day is not None and type(day) is not date:
            raise ConfigError(f"{name!r} is no date", where=where, remedy=f"write {name} = 2026-12-31")
    scope = {key: str(entry[key]) for key in SCOPE if key in entry}
    if not scope:
        raise ConfigError("has no scope, and would hide everything", where=where, remedy=f"one of {', '.join(SCOPE)}")
    return Decision(entry["as"], entry["reason"], entry["author"], made or date.min, scope, until, number)


def add(book: Book, decision: Decision) -> None:
    """Writes a decision at the end of the file and leaves the rest as it is."""
    document = _document(book.path)
    table = tomlkit.table()
    table["as"] = decision.kind
    for key, value in decision.scope.items():
        table[key] = value
    table["reason"], table["author"], table["made"] = decision.reason, decision.author, decision.made
    if decision.until is not None:
        table["until"] = decision.until
    listed = document.get("decision")
    if listed is None:
        listed = tomlkit.aot()
        document.append("decision", listed)
    listed.append(table)
    _write(book.path, document)


def remove(book: Book, number: int) -> Decision:
    """Takes a decision out of the file; raises `ConfigError` if there is none of that number."""
    if not 1 <= number <= len(book.decisions):
        raise ConfigError(
            f"there is no decision {number}", where=str(book.path), remedy=f"it has {len(book.decisions)}"
        )
    document = _document(book.path)
    del document["decision"][number - 1]
    _write(book.path, document)
    return book.decisions[number - 1]


def _document(path: Path) -> tomlkit.TOMLDocument:
    return tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()


def _write(path: Path, document: tomlkit.TOMLDocument) -> None:
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_text(tomlkit.dumps(document), "utf-8")
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error


def condition(scope: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    """A scope as a condition on the columns of alerts, and the values for its marks."""
    parts, values = [], []
    for name, text in scope.items():
        if name == "package" and "@" not in text.partition("/")[2] and not text.endswith("*"):
            parts.append("(package = ? OR starts_with(package, ? || '@'))")
            values += [text, text]
        elif text.endswith("*"):
            parts.append(f"starts_with(coalesce({name}, ''), ?)")
            values.append(text[:-1])
        elif name in ("finding", "problem"):
            parts.append(f"starts_with({name}, ?)")
            values.append(text)
        else:
            parts.append(f"coalesce({name}, '') = ?")
            values.append(text)
    return " AND ".join(parts), values
