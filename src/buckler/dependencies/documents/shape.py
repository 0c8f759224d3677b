"""What parsed JSON, TOML and YAML have in common: tables that know their lines, and careful ways to look into them.

A manifest may hold anything anywhere. `table`, `array` and `string` answer with something empty for what is not of the
kind that is asked for, so a reader says what it looks for and never asks what it got.

Example::

    package = table(document.get("packages"))["node_modules/flask"]
    string(table(package).get("version"))      # "" for {"version": 3}
    document.lines["packages"]                 # 4
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Table(dict[str, Any]):
    """A mapping with the line on which each of its keys stands."""

    __slots__ = ("lines",)

    def __init__(self, items: Any = (), lines: dict[str, int] | None = None) -> None:
        super().__init__(items)
        self.lines: dict[str, int] = {} if lines is None else lines

    def line(self, key: str, default: int = 0) -> int:
        return self.lines.get(key, default)


class Array(list[Any]):
    """A sequence with the line on which each of its elements begins."""

    __slots__ = ("lines",)

    def __init__(self, items: Any = (), lines: list[int] | None = None) -> None:
        super().__init__(items)
        self.lines: list[int] = [] if lines is None else lines


def table(value: object) -> Table:
    """A mapping, or an empty one."""
    return value if isinstance(value, Table) else Table()


def array(value: object) -> Array:
    """A sequence, or an empty one; where its elements begin is not known of JSON."""
    if isinstance(value, Array):
        return value
    return Array(value, [0] * len(value)) if isinstance(value, list) else Array()


def string(value: object) -> str:
    """A string, or an empty one."""
    return value if isinstance(value, str) else ""


def rows(value: object) -> Iterator[tuple[Any, int]]:
    """Each element of a sequence with its line."""
    found = array(value)
    return zip(found, found.lines, strict=False)


def entries(value: object) -> Iterator[tuple[str, Any, int]]:
    """Each key of a mapping with its value and its line."""
    found = table(value)
    for key, item in found.items():
        yield key, item, found.line(key)


def strings(value: object) -> tuple[str, ...]:
    """The strings of a sequence."""
    return tuple(item for item in array(value) if isinstance(item, str))
