"""TOML with the line of every key and of every element of an array.

The standard parser gives the values. A scanner beside it, which knows only what ends a string, a comment or a bracket,
finds where each statement and each element begins; the two are then laid on each other.

Example::

    document = parse(Text("pyproject.toml", '[project]\\ndependencies = [\\n  "flask",\\n]\\n'))
    document["project"]["dependencies"].lines      # [3]
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from buckler.dependencies.documents.shape import Array, Table
from buckler.dependencies.documents.text import Damaged, Text

TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|\n|[\[\]{},=]"
    r"|[^\s\"'\#\[\]{},=]+",
    re.S,
)
LONGEST_KEY = 64
"""Parts of a dotted key; the standard parser takes time with the square of their number."""
AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)$")


def parse(text: Text) -> Table:
    """The table a file holds; raises `Damaged`."""
    for number, line in enumerate(text.lines, 1):
        if line.count(".") >= LONGEST_KEY and _dotted(line) >= LONGEST_KEY:
            raise Damaged(f"is TOML with a key of more than {LONGEST_KEY} parts", number)
    try:
        values = tomllib.loads(text.text)
        return _table(values, _Scanner(text).scan())
    except tomllib.TOMLDecodeError as error:
        raise _broken(str(error)) from error
    except RecursionError as error:
        raise Damaged("is TOML that is nested too deep") from error
    except ValueError as error:  # a number of thousands of digits, a day that is none
        raise Damaged("is TOML with a value that cannot be") from error


def _broken(message: str) -> Damaged:
    place = AT_LINE.search(message)
    reason = AT_LINE.sub("", message).removesuffix(" (at end of document)")
    return Damaged(f"is not valid TOML ({reason[:1].lower()}{reason[1:200]})", int(place[1]) if place else 0)


def _dotted(line: str) -> int:
    """The most words of a line that dots join."""
    most = run = 0
    for piece in line.split("."):
        run = 0 if "=" in piece or " " in piece.strip() else run + 1
        most = max(most, run)
    return most


class _Spot:
    """Where a value is written, and the spots of what it holds, by key or number."""

    __slots__ = ("inner", "line")

    def __init__(self, line: int) -> None:
        self.line = line
        self.inner: dict[str | int, _Spot] = {}

    def at(self, key: str | int, line: int) -> _Spot:
        """The spot of a key; its line is the one on which it is first written."""
        found = self.inner.get(key)
        if found is None:
            found = self.inner[key] = _Spot(line)
        return found

    def append(self, line: int) -> _Spot:
        return self.at(len(self.inner), line)

    def last(self) -> _Spot:
        """The spot itself; of an array of tables the one that a header below it goes on with."""
        return self.inner.get(len(self.inner) - 1, self)


class _Scanner:
    """Walks a valid document once, token by token."""

    def __init__(self, text: Text) -> None:
        self.tokens = self._read(text.text)
        self.line = 1
        self.word = ""

    def _read(self, content: str) -> Iterator[str]:
        for found in TOKEN.finditer(content):
            token = found[0]
            yield token
            self.line += token.count("\n")

    def _next(self) -> str:
        self.word = next(self.tokens, "")
        return self.word

    def scan(self) -> _Spot:
        root = current = _Spot(1)
        while self._next():
            if self.word == "[":
                current = self._header(root)
            elif self.word != "\n" and self.word[0] != "#":
                self._statement(current)
                while self.word not in {"\n", ""}:  # the time of a day, a comment
                    self._next()
        return root

    def _header(self, root: _Spot) -> _Spot:
        line = self.line
        many = self._next() == "["
        parts = self._key("]", "" if many else self.word)
        spot = root
        for part in parts:
            spot = spot.last().at(part, line)
        if many:
            self._next()
            return spot.append(line)
        return spot.last()

    def _key(self, end: str, first: str) -> list[str]:
        """The parts of a key whose first token was read, up to the one that ends it."""
        parts: list[str] = []
        token = first or self._next()
        while token and token != end:
            parts += _parts(token)
            token = self._next()
        return parts

    def _statement(self, into: _Spot) -> None:
        line = self.line
        spot = into
        for part in self._key("=", self.word):
            spot = spot.at(part, line)
        self._next()
        self._value(spot)

    def _value(self, spot: _Spot) -> None:
        """The current token begins a value; the last one that belongs to it is the current one afterwards."""
        if self.word == "[":
            while self._next() not in {"]", ""}:
                if self.word not in {"\n", ","} and self.word[0] != "#":
                    self._value(spot.append(self.line))
        elif self.word == "{":
            while self._next() not in {"}", ""}:
                if self.word not in {"\n", ","} and self.word[0] != "#":
                    self._statement(spot)


def _parts(token: str) -> list[str]:
    if token[0] == "'":
        return [token[1:-1]]
    if token[0] == '"':
        try:
            return [str(json.loads(token))]
        except ValueError:
            return [token[1:-1]]
    return [part for part in token.split(".") if part]


def _located(value: Any, spot: _Spot | None) -> Any:
    if isinstance(value, dict):
        return _table(value, spot or _Spot(0))
    if isinstance(value, list):
        inner = spot.inner if spot is not None else {}
        spots = [inner.get(number) for number in range(len(value))]
        items = [_located(item, at) for item, at in zip(value, spots, strict=True)]
        return Array(items, [at.line if at is not None else 0 for at in spots])
    return value


def _table(values: dict[str, Any], spot: _Spot) -> Table:
    items = {key: _located(value, spot.inner.get(key)) for key, value in values.items()}
    return Table(items, {key: at.line for key, at in spot.inner.items() if isinstance(key, str)})
