"""Tapes of a file as bytes and back.

A file's blob stands alone: values in a table, each once; names with what they meant then; per function what it asked,
what it did, and its summary as bytes of their own, because most summaries are never looked into.
"""

from __future__ import annotations

import marshal
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from zlib import crc32

from buckler.analysis.flow.codec import (
    Row,
    container_of,
    container_row,
    fill_for_callers,
    fill_outside,
    seen_by_callers,
    seen_outside,
    value_of,
    value_row,
)
from buckler.analysis.flow.summary import Summary
from buckler.analysis.flow.tape import ASK, BOX, ENTER, GATE, PUT, READ, ROUND, WRITE, Event, ReplayTrace
from buckler.analysis.flow.value import Container, Value
from buckler.analysis.libraries.model import Route

_RUN = os.urandom(8)
_NUMBERS = count()


OUTSIDE = frozenset({"labels", "returns", "latents", "facts", "writes"})


class Remembered(Summary):
    """A summary that is unpacked when somebody looks into it."""

    __slots__ = ("for_callers", "outside")

    def __init__(self, outside: Row, for_callers: bytes, mark: bytes) -> None:
        self.outside = outside
        self.for_callers = for_callers
        self.mark = mark

    def __getattr__(self, name: str) -> Any:
        if name in OUTSIDE:
            fill_outside(self, self.outside)
        else:
            fill_for_callers(self, marshal.loads(self.for_callers))
        return getattr(self, name)


def mark(summary: Summary) -> bytes:
    """A mark that no other summary has, now or in any other run."""
    if not summary.mark:
        summary.mark = _RUN + next(_NUMBERS).to_bytes(4, "big")
    return summary.mark


def packed(summary: Summary) -> tuple[Row, bytes, bytes]:
    if isinstance(summary, Remembered):
        return summary.outside, summary.for_callers, summary.mark
    return seen_outside(summary), marshal.dumps(seen_by_callers(summary)), mark(summary)


@dataclass(slots=True)
class Table:
    """Values and collections, each with its number."""

    rows: list[Any] = field(default_factory=list)
    known: dict[Any, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    made: dict[int, tuple[object, Row]] = field(default_factory=dict)
    """Rows by the identity of what they were made from; several tables may share them."""

    def put(self, thing: Value | Container | None) -> int:
        if thing is None:
            return -1
        number = self.seen.get(id(thing))
        if number is None:
            made = self.made.get(id(thing))
            if made is None:
                row = value_row(thing) if isinstance(thing, Value) else container_row(thing)
                made = self.made[id(thing)] = (thing, row)
            row = made[1]
            number = self.known.setdefault(row, len(self.rows))
            if number == len(self.rows):
                self.rows.append(row)
            self.seen[id(thing)] = number
        return number


def thing_of(row: Any) -> Value | Container:
    return value_of(row) if isinstance(row[0], int) else container_of(row)


def route_row(route: Route | None) -> object:
    return route and (route.handler, None, route.parameters, route.response, route.types)


def route_of(row: Any) -> Any:
    return row and Route(*row)


def freeze(event: Event, table: Table) -> Event:
    kind = event[0]
    if kind in (READ, BOX):
        return (kind, event[1], table.put(event[2]))
    if kind == WRITE:
        return (kind, event[1], table.put(event[2]), table.put(event[3]), table.put(event[4]))
    if kind == ASK:
        answer = event[3]
        return (kind, event[1], event[2], mark(answer) if isinstance(answer, Summary) else answer)
    if kind == PUT:
        return (kind, event[1], table.put(event[2]))
    if kind == ENTER:
        return (kind, event[1], route_row(event[2]), event[3])
    if kind == GATE:
        return (kind, event[1], route_row(event[2]))
    if kind == ROUND:
        return (kind, event[1], packed(event[2]))
    return event


def thaw(event: Event, table: Sequence[Any]) -> Event:
    kind = event[0]
    if kind in (READ, BOX, PUT):
        return (kind, event[1], table[event[2]])
    if kind == WRITE:
        return (kind, event[1], table[event[2]], table[event[3]], table[event[4]])
    if kind == ENTER:
        return (kind, event[1], route_of(event[2]), event[3])
    if kind == GATE:
        return (kind, event[1], route_of(event[2]))
    if kind == ROUND:
        return (kind, event[1], Remembered(*event[2]))
    return event


def thawed(tape: ReplayTrace, start: int = 0, end: int | None = None) -> list[Event]:
    """Events of a tape as they were when it was recorded."""
    events = tape.events[start:end]
    return [thaw(event, tape.table) for event in events] if tape.table else list(events)


def pack(module: str, tapes: Sequence[ReplayTrace], sign: Callable[[object], bytes], local: Mapping[str, bytes],
         made: dict[int, tuple[object, Row]]) -> bytes:  # fmt: skip
    """The tapes of one file; `sign` says what a name means now, `local` what its own functions look like.

    `made` holds the rows of values that other files' tapes have in common with these.
    """
    table = Table(made=made)
    names: dict[object, int] = defaultdict(count().__next__)
    rows = []
    for tape in tapes:
        events = tuple([freeze(event, table) for event in thawed(tape)])
        asked = tuple(map(names.__getitem__, tape.asked))
        rows.append((*tape.key, events, asked, packed(tape.result), tape.again))
    blob = marshal.dumps((module, table.rows, rows, [(name, sign(name)) for name in names], dict(local)))
    return crc32(blob).to_bytes(4, "big") + blob


@dataclass(slots=True)
class Kept:
    """A file's blob, opened."""

    module: str
    """What the file was called then."""
    tapes: list[ReplayTrace]
    names: dict[object, bytes]
    local: dict[str, bytes]


def unpack(blob: bytes, interned: dict[Any, Any]) -> Kept | None:
    """A file's tapes; None if the bytes are damaged. Equal values are one object, in all files that share a table."""
    blob, check = blob[4:], blob[:4]
    if crc32(blob).to_bytes(4, "big") != check:
        return None
    module, rows, tapes, names, local = marshal.loads(blob)
    table: list[Any] = []
    for row in rows:
        thing = interned.get(row)
        if thing is None:
            thing = interned[row] = thing_of(row)
        table.append(thing)
    table.append(None)  # number -1
    words = [name for name, _ in names]
    return Kept(
        module,
        [ReplayTrace((name, context), events, tuple([words[n] for n in asked]), Remembered(*result), again, True, table)
         for name, context, events, asked, result, again in tapes],
        dict(names), local,
    )  # fmt: skip
