"""What functions leave for each other beside their summaries: cells, collections in them, entry points.

Every question and every change goes into the log of the function that is being analysed (see `tape`); while a log has
a script the answers come from there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.lookup import Lookup, Validator
from buckler.analysis.flow.rules import RuleBits
from buckler.analysis.flow.tape import BOX, ENTER, GATE, PUT, READ, WRITE, ReplayLog, ReplayMismatch
from buckler.analysis.flow.value import UNKNOWN, Container, Heap, Value, absorb, join_containers
from buckler.analysis.libraries.model import LibraryModels, Route
from buckler.analysis.program.modules import Program


class GlobalState(Lookup):
    def __init__(self, program: Program, libraries: Mapping[str, LibraryModels], rules: RuleBits, validator: Validator):
        super().__init__(program, libraries, rules, validator)
        self.log = ReplayLog()
        self.frozen = False
        """All is settled: questions are answered, nothing is changed any more."""
        self.cells: dict[Cell, Value] = {}
        self.boxes: Heap = {}
        self.entries: dict[str, Route] = {}
        self.addresses: dict[str, list[str]] = {}
        self._identities: dict[tuple[str, int], int] = {}

    # ---- cells

    def cell(self, key: Cell) -> Value:
        """Facts about a global, field or captured variable, joined over everything written so far."""
        log = self.log
        if log.script:
            event = log.scripted(READ, key)
            value: Value = event[2] if event else log.recall(key)
            log.seen[key] = value
            return value
        value = self.cells.get(key, UNKNOWN)
        if log.seen.get(key) is not value:
            log.note(key, value, (READ, key, value))
        return value

    def box(self, number: int) -> Container | None:
        """A collection that lives in a cell."""
        log = self.log
        if log.script:
            event = log.scripted(BOX, number)
            found: Container | None = event[2] if event else log.recall(number)
            log.seen[number] = found
            return found
        found = self.boxes.get(number)
        if log.seen.get(number, log) is not found:
            log.note(number, found, (BOX, number, found))
        return found

    def write_cell(self, key: Cell, value: Value, heap: Heap) -> None:
        log = self.log
        if log.script:
            while log.script[log.at][0] == PUT:
                log.scripted(PUT)
            if log.scripted(WRITE, key) is None:
                raise ReplayMismatch(key)
            return
        if self.frozen:
            return
        facts = self._without_taint(value, heap, key, 3, {})
        known = self.cells.get(key)
        log.events.append((WRITE, key, known, facts, self.joined(key, known, facts)))

    def joined(self, key: Cell, known: Value | None, facts: Value) -> Value:
        value = facts if known is None else absorb(known, facts)
        if value is not known:
            self.cells[key] = value
        return value

    def _without_taint(self, value: Value, heap: Heap, key: str, depth: int, done: dict[int, int]) -> Value:
        """The value without taint, its objects put where everybody sees them; `done`: how deep, by their number."""
        if not (value.taint or value.objs or value.bound or value.shape):
            return value
        objs = tuple(n if n < 0 else self._box(n, heap, key, depth, done) for n in value.objs) if depth else ()
        bound = self._without_taint(value.bound, heap, key, 1, done) if value.bound and depth else None
        shape = tuple(p if isinstance(p, str) else 0 for p in value.shape) if value.shape else None
        return Value(0, value.consts, value.refs, value.types, objs, shape, value.facts, bound)

    def _box(self, number: int, heap: Heap, key: str, depth: int, done: dict[int, int]) -> int:
        identity = self._identities.get((key, number))
        if identity is None:
            mark = hashlib.blake2b(f"{number} {key}".encode("utf-8", "surrogatepass"), digest_size=7).digest()
            identity = self._identities[key, number] = -1 - int.from_bytes(mark, "big")
        box = heap.get(number)
        if box is not None and done.get(number, 0) < depth:
            done[number] = depth
            items = {k: self._without_taint(v, heap, key, depth - 1, done) for k, v in box.items.items()}
            rest = self._without_taint(box.rest, heap, key, depth - 1, done) if box.rest else None
            fresh = Container(box.kind, items, rest, box.size)
            self.put_box(identity, fresh)
            self.log.events.append((PUT, identity, fresh))
        return identity

    def put_box(self, identity: int, fresh: Container) -> None:
        known = self.boxes.get(identity)
        self.boxes[identity] = fresh if known is None else join_containers(known, fresh)

    # ---- entry points

    def add_entry(self, routine: str, route: Route, pattern: str = "*") -> None:
        """Register an entry point; `pattern` is the address it is reached at, `*` if unknown."""
        log = self.log
        if log.script:
            if log.scripted(ENTER, routine, route, pattern) is None:
                raise ReplayMismatch(routine)
        elif not self.frozen:
            log.events.append((ENTER, routine, route, pattern))
            self.enter(routine, route, pattern)

    def entry(self, routine: str) -> Route | None:
        """How a function is reached from outside, as far as known by now."""
        log, question = self.log, (GATE, routine)
        if log.script:
            event = log.scripted(GATE, routine)
            route: Route | None = event[2] if event else log.recall(question)
            log.seen[question] = route
            return route
        route = self.entries.get(routine)
        if log.seen.get(question, log) is not route:
            log.note(question, route, (GATE, routine, route))
        return route

    def enter(self, routine: str, route: Route, pattern: str) -> None:
        self.entries.setdefault(routine, route)
        self.addresses.setdefault(routine, []).append(pattern)

    def fixed_address(self, routine: str) -> bool:
        """Every address of this entry point is a constant without variable parts."""
        patterns = self.addresses.get(routine)
        return bool(patterns) and not any(re.search(r"[<{(*:]", p) for p in patterns or ())
