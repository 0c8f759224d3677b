"""Results of the last steps, remembered per file: what patterns see in it, findings told there.

A result is kept with everything it depends on beside its own file: names of the program, functions looked into, and
what the settled engine answered. It is told again if all of that is as it was.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from buckler.analysis.flow.engine import Engine
from buckler.analysis.flow.packing import Table, freeze
from buckler.analysis.flow.tape import ASK, Event, ReplayLog
from buckler.analysis.program.modules import Class
from buckler.analysis.program.signature import Signatures
from buckler.review.memory import Cache

Row = tuple[Any, ...]


@dataclass(slots=True)
class Basis:
    """What a result depends on beside its own file."""

    names: set[object] = field(default_factory=set)
    routines: set[str] = field(default_factory=set)
    """Functions whose code was looked into, and classes."""
    events: list[Event] = field(default_factory=list)
    """What the settled engine was asked and answered."""

    def watch(self, logs: Iterable[ReplayLog]) -> None:
        for log in logs:
            self.names |= log.asked
            self.events += log.events
            self.routines.update(e[1] for e in log.events if e[0] == ASK and e[3] is None)


@dataclass(slots=True)
class Memo:
    """The results of one kind in one review."""

    layer: str
    cache: Cache
    engine: Engine
    signatures: Signatures
    keys: Mapping[str, bytes]
    """Address of what is remembered about a file, by path; changes with its content."""
    known: dict[str, dict[bytes, Row]] = field(default_factory=dict)
    """Per path, result and basis by question."""
    fresh: dict[str, dict[bytes, Row]] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    made: dict[int, tuple[object, Row]] = field(default_factory=dict)

    def recall(self) -> None:
        found = self.cache.get_many(self.layer, list(self.keys.values()))
        for path, key in self.keys.items():
            blob = found.get(key, b"")
            if blob and crc32(blob[4:]).to_bytes(4, "big") == blob[:4]:
                self.known[path] = marshal.loads(blob[4:])

    def ask(self, path: str, question: bytes, find: Callable[[Basis], object]) -> Any:
        """The answer remembered for a question about a file, or a fresh one; made of builtins either way."""
        row = self.known.get(path, {}).get(question)
        if row is None or not self.holds(row[1]):
            basis = Basis()
            outer, self.engine.program.asked = self.engine.program.asked, basis.names
            try:
                answer = find(basis)
            finally:
                self.engine.program.asked = outer
            row = (answer, self.packed(basis))
            self.stale.add(path)
        self.fresh.setdefault(path, {})[question] = row
        return row[0]

    def packed(self, basis: Basis) -> Row | None:
        if not (basis.names or basis.routines or basis.events):
            return None
        program = self.engine.program
        for name in basis.names:
            if name in program.classes:
                basis.routines.update(entry.name for entry in program.line(str(name)) if isinstance(entry, Class))
        table = Table(made=self.made)
        events = tuple([freeze(event, table) for event in {id(e): e for e in basis.events}.values()])
        return (tuple([(name, self.signatures.of(name)) for name in basis.names]),
                tuple([(name, self.version(name)) for name in basis.routines]), events, tuple(table.rows))  # fmt: skip

    def version(self, name: str) -> bytes:
        """The content of the file that a function or class is in."""
        program = self.engine.program
        found = program.routines.get(name) or program.classes.get(name)
        return self.keys[found.module.path] if found is not None else b""

    def holds(self, basis: Row | None) -> bool:
        if basis is None:
            return True
        names, routines, events, rows = basis
        if any(self.signatures.of(name) != before for name, before in names):
            return False
        if any(self.version(name) != before for name, before in routines):
            return False
        table = (*rows, None)
        return all(self.engine.holds(event, table) for event in events)

    def remember(self) -> None:
        blobs = {}
        for path in self.stale:
            data = marshal.dumps(self.fresh[path])
            blobs[self.keys[path]] = crc32(data).to_bytes(4, "big") + data
        self.cache.put_many(self.layer, blobs)
