"""The way of untrusted data, rebuilt for a reader once a finding is printed.

The analysis itself keeps no history. A function on the way is analysed once more with a recorder that notes what
each operation wrote; walking that record backwards from the sink gives the steps.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from buckler.analysis.flow import cells
from buckler.analysis.flow.engine import Engine
from buckler.analysis.flow.solve import Hit, Through
from buckler.analysis.flow.state import Context, Frame
from buckler.analysis.flow.summary import Label, Latent
from buckler.analysis.flow.tape import ReplayLog
from buckler.analysis.flow.value import Value
from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import (
    BUILD,
    CALC,
    CALL,
    COPY,
    EACH,
    ITEM,
    LOAD,
    METHOD,
    NAME,
    OPAQUE,
    PUT,
    RETURN,
    SETKEY,
    SLICE,
    STORE,
    TEXT,
    Function,
    Op,
    Place,
    operands,
)  # fmt: skip
from buckler.analysis.program.modules import Routine
from buckler.finding.model import Action, Move

MAX_STEPS = 24


@dataclass(slots=True, frozen=True)
class Hop:
    """One operation on the way; `operation` -1 is the function's own beginning (a parameter)."""

    routine: str
    operation: int
    action: Action


@dataclass(slots=True)
class Record:
    """What one analysis of one function wrote."""

    labels: list[Label]
    events: dict[Place, list[tuple[int, int]]]
    """Per place the operations that wrote it, in order, each with the taint it wrote."""
    tags: list[tuple[int, str]]
    log: ReplayLog
    """What its analysis asked."""


class Tracer:
    """Records of the functions on the way, made once each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.records: dict[tuple[str, object], Record] = {}
        self.watched: list[tuple[str, ReplayLog]] = []
        """Functions on the ways told since somebody emptied this."""

    def record(self, routine: Routine, context: object) -> Record:
        key = (routine.name, context)
        known = self.records.get(key)
        if known is None:
            events: dict[Place, list[tuple[int, int]]] = defaultdict(list)
            tags: list[tuple[int, str]] = []

            def note(operation: int, place: Place, value: Value, f: Frame) -> None:
                if isinstance(place, int):
                    events[place].append((operation, f.deep(value)))
                tags.extend(f.tags)
                f.tags.clear()

            wanted: Context | None = context  # type: ignore[assignment]
            summary, log = self.engine.observe(routine, wanted, note)
            known = self.records[key] = Record(summary.labels, events, tags, log)
        self.watched.append((routine.name, known.log))
        return known

    def way(self, hit: Hit) -> tuple[list[Hop], list[str]]:
        """Hops from origin to sink, and the approximations met."""
        tags: list[str] = []
        hops: list[Hop] = []
        chain: list[Through] = []
        through = hit.through
        while through is not None:
            chain.insert(0, through)
            through = through.before
        for link in chain:
            routine = self.engine.program.routines[link.routine]
            place = source_place(routine.function, link.write.operation)
            hops += self.inside(routine, None, link.write.label, place, link.write.operation, tags)
            hops.append(Hop(link.routine, link.write.operation, Action(Move.STORED, cells.shown(link.cell))))
        hops += self.down(self.engine.program.routines[hit.routine], hit.context, hit.latent, tags)
        return trim(hops), tags

    def down(self, routine: Routine, context: object, latent: Latent, tags: list[str]) -> list[Hop]:
        hops = self.inside(routine, context, latent.label, latent.place, latent.operation, tags)
        while latent.inner is not None:
            hops.append(Hop(routine.name, latent.operation, Action(Move.PASSED, last(latent.callee))))
            routine = self.engine.program.routines[latent.callee]
            latent = latent.inner
            hops += self.inside(routine, None, latent.label, latent.place, latent.operation, tags)
        hops.append(Hop(routine.name, latent.operation, Action(Move.REACHES, latent.reached.short)))
        return hops

    def inside(self, routine: Routine, context: object, label: Label, place: Place, operation: int,
               tags: list[str]) -> list[Hop]:  # fmt: skip
        """Hops inside one function, from where the label begins to `place` at `operation`."""
        record = self.record(routine, context)
        if label not in record.labels:
            return []
        bits = self.engine.all << (self.engine.width * record.labels.index(label))
        function = routine.function
        ops = [op for block in function.blocks for op in block.ops]
        hops: list[Hop] = []
        limit = operation
        for _ in range(MAX_STEPS):
            found = written(record, place, limit, bits)
            if found is None or found >= len(ops):
                break
            limit = found
            op = ops[limit]
            hops.append(Hop(routine.name, limit, action_of(function, op)))
            tags += [t for at, t in record.tags if at == limit and t not in tags]
            onward = next((p for p in carriers(op) if carries(record, p, limit, bits, function, label)), None)
            if onward is None:
                break
            place = onward
        if label[0] == "param":
            name = function.params[int(label[1])].name
            hops.append(Hop(routine.name, -1, Action(Move.PARAMETER, name)))
        hops.reverse()
        return hops


def carries(record: Record, place: Place, limit: int, bits: int, function: Function, label: Label) -> bool:
    if label[0] == "param" and place == int(label[1]):
        return True
    return written(record, place, limit, bits) is not None


def written(record: Record, place: Place, limit: int, bits: int) -> int | None:
    """The operation before `limit` that last wrote one of the bits to a place."""
    events = reversed(record.events.get(place, ()))
    return next((operation for operation, taint in events if operation < limit and taint & bits), None)


def carriers(op: Op) -> list[Place]:
    """Places that may have brought the data to an operation: what a call is given before whom it is given to."""
    if op[0] in (STORE, SETKEY):
        return [ir.stored(op)]
    found = operands(op)
    return [*found[1:], found[0]] if op[0] in (CALL, METHOD) else found


MOVES = {
    CALL: Move.CALL,
    ITEM: Move.ITEM,
    SLICE: Move.SLICE,
    EACH: Move.EACH,
    TEXT: Move.TEXT,
    CALC: Move.COMBINED,
    BUILD: Move.COLLECTED,
    STORE: Move.STORED_ATTRIBUTE,
    SETKEY: Move.STORED_ITEM,
    OPAQUE: Move.OPAQUE,
}
"""What operations do to the data that need no name to be told."""


def action_of(function: Function, op: Op) -> Action:
    """What an operation does to the data."""
    code = op[0]
    if code == COPY:
        name = function.locals[ir.target(op)] if ir.target(op) >= 0 else ""
        return Action(Move.ASSIGNED, name) if name and not name.startswith("<") else Action(Move.CHOSEN)
    if code == METHOD:
        return Action(Move.METHOD, ir.member(op))
    if code == LOAD:
        return Action(Move.ATTRIBUTE, ir.attribute(op))
    if code == NAME:
        return Action(Move.READ, ir.read_name(op))
    return Action(MOVES.get(code, Move.OPAQUE))


def source_place(function: Function, operation: int) -> Place:
    """The place an operation stores, for a write into a cell."""
    ops = [op for block in function.blocks for op in block.ops]
    if operation >= len(ops):
        end = function.blocks[operation - len(ops)].end
        return (ir.handed(end) or 0) if end[0] == RETURN else 0
    op = ops[operation]
    if op[0] in (STORE, SETKEY, PUT):
        return ir.stored(op)
    if op[0] == COPY:
        return ir.copied(op)
    found = carriers(op)
    return found[0] if found else 0


def trim(hops: list[Hop]) -> list[Hop]:
    """Without repetition of the same place."""
    out: list[Hop] = []
    for hop in hops:
        if out and out[-1].routine == hop.routine and out[-1].operation == hop.operation:
            out[-1] = hop
        else:
            out.append(hop)
    return out


def last(name: str) -> str:
    return name.rsplit(".", 1)[-1]
