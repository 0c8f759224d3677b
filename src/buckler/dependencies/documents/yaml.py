"""YAML with the line of every key and element; every scalar is a string.

A lockfile's `version: 1.10` is a version and no number, so nothing is resolved. An alias is the node it stands for, not
a copy; how large the document would be with all of them written out is counted, and "a billion laughs" ends there.
Tags and merge keys mean nothing.

Example::

    parse(Text("a.yml", "a: 1\\nb:\\n- x\\n- y\\n"))["b"].lines        # [3, 4]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from buckler.dependencies.documents.shape import Array, Table
from buckler.dependencies.documents.text import Damaged, Text

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST = 2_000_000
"""Nodes of a document with its aliases written out."""
DEEPEST = 100


def parse(text: Text) -> Table:
    """The mapping a file holds; raises `Damaged`."""
    return next(iter(parse_all(text)), Table())


def parse_all(text: Text) -> list[Table]:
    """Each of the documents a file holds that is a mapping; raises `Damaged`."""
    builder = _Builder()
    try:
        for event in yaml.parse(text.text, Loader=LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "it cannot be understood"
        raise Damaged(f"is not valid YAML ({reason})", mark.line + 1 if mark is not None else 0) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Damaged("is not valid YAML (a character that may not be in it, or nested too deep)") from error
    return [document for document in builder.documents if isinstance(document, Table)]


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 0


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is not closed yet."""

    value: Table | Array
    anchor: str | None
    size: int = 1
    key: str | None = None
    """The key whose value comes next."""
    waiting: bool = False
    key_line: int = 0


@dataclass(slots=True)
class _Builder:
    documents: list[Any] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    """What an anchor stands for, and its size."""

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor:
                self.anchors[event.anchor] = (event.value, 1)
            self._put(event.value, 1, _line(event))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            closed = self.stack.pop()
            if closed.anchor:
                self.anchors[closed.anchor] = (closed.value, closed.size)
            self._count(closed.size - 1, event)
        elif isinstance(event, yaml.AliasEvent):
            value, size = self.anchors.get(event.anchor or "", ("", 1))
            self._put(value, 1, _line(event))
            self._count(size - 1, event)

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        line = _line(event)
        if len(self.stack) >= DEEPEST:
            raise Damaged(f"is YAML that is nested more than {DEEPEST} deep", line)
        value = Table() if isinstance(event, yaml.MappingStartEvent) else Array()
        self._put(value, 1, line)
        self.stack.append(_Open(value, event.anchor))

    def _count(self, more: int, event: yaml.Event) -> None:
        """What a closed node or an alias adds to the one that holds it."""
        if not self.stack:
            return
        self.stack[-1].size += more
        if self.stack[-1].size > MOST:
            raise Damaged("is YAML whose aliases make it too large", _line(event))

    def _put(self, value: Any, size: int, line: int) -> None:
        if not self.stack:
            self.documents.append(value)
            return
        into = self.stack[-1]
        into.size += size
        if isinstance(into.value, Array):
            into.value.append(value)
            into.value.lines.append(line)
        elif not into.waiting:
            into.key, into.key_line, into.waiting = value if isinstance(value, str) else None, line, True
        else:
            into.waiting = False
            if into.key is not None:
                into.value[into.key] = value
                into.value.lines[into.key] = into.key_line
