"""The state of one function's analysis, shared by everything that moves it forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.rules import RuleBits
from buckler.analysis.flow.summary import CellWrite, Fact, Label, Latent, Summary
from buckler.analysis.flow.value import UNKNOWN, Container, Heap, Value, deep
from buckler.analysis.ir.ops import Function, Op, Place
from buckler.analysis.languages.registry import WORDS
from buckler.analysis.languages.templates import Templates
from buckler.analysis.libraries.model import Callable as Row
from buckler.analysis.libraries.model import LibraryModels, Route
from buckler.analysis.program.modules import Class, Program, Routine

Context = tuple[tuple[Any, ...] | None, ...]
"""Per parameter: (consts, refs, types, marks) a caller knows, or None."""

Record = Callable[[int, Place, Value, "Frame"], None]
"""Told after each operation what place it wrote and with what."""

MAX_LATENTS = 60
NUMERIC = WORDS.numeric


@dataclass(slots=True)
class Prepared:
    """What can be said about a function once, before any analysis of it."""

    order: list[int]
    """Reachable blocks in reverse postorder."""
    rank: dict[int, int]
    looping: bool
    defs: dict[Place, Op]
    """The operation that makes each temporary, and each local that is written only once."""
    assigned: frozenset[int]
    """Locals that are written at all."""
    writes: dict[Place, list[Op]]
    """The operations that make locals with several makers; a parameter that is written has its caller besides."""
    shadows: dict[int, int]
    """Parameters that are written, each with the place that keeps what the caller gave."""
    captured: dict[int, Cell]
    """Locals that live in a cell too, with the cell."""
    types: tuple[str, ...]
    """Resolved annotation per parameter, or empty text."""
    results: tuple[int, ...]
    """Bits of rules for which the result is a sink by convention."""


class Analysis(Protocol):
    """What a function's analysis asks of the whole-program analysis."""

    program: Program
    libraries: Mapping[str, LibraryModels]
    width: int
    all: int
    text: int
    inbound: int
    repeat: int
    bit: dict[str, int]
    rules: RuleBits
    judges: tuple[Callable[[str], bool], ...]
    validator: Callable[[str, str], frozenset[str]]
    own_sources: dict[tuple[str, str], str]
    templates: Templates
    ticks: int
    """Steps left until somebody is charged for them."""

    def charge(self, routine: Routine) -> None: ...
    def summary(self, routine: Routine, context: Context | None = None) -> Summary: ...
    def may_specialise(self, routine: Routine, context: Context) -> bool: ...
    def prepared(self, routine: Routine) -> Prepared: ...
    def context_sensitive_params(self, routine: Routine) -> frozenset[int]: ...
    def mask(self, names: tuple[str, ...]) -> int: ...
    def source_mask(self, kind: str) -> int: ...
    def name(self, language: str, dotted: str) -> str: ...
    def rows(self, language: str, dotted: str) -> tuple[Row, ...]: ...
    def bases(self, language: str, name: str) -> list[str]: ...
    def cell(self, key: Cell) -> Value: ...
    def box(self, number: int) -> Container | None: ...
    def write_cell(self, key: Cell, value: Value, heap: Heap) -> None: ...
    def field_owner(self, class_name: str, attribute: str) -> str: ...
    def inner_type(self, language: str, name: str, which: str) -> str: ...

    def keeps(self, language: str, name: str) -> bool: ...
    def stores(self, entry: Class) -> frozenset[str]: ...
    def reassigned(self, module: str, name: str) -> bool: ...
    def entry(self, routine: str) -> Route | None: ...
    def add_entry(self, routine: str, route: Route, pattern: str = "*") -> None: ...


@dataclass(slots=True)
class State:
    env: list[Value | None]
    heap: Heap


@dataclass(slots=True)
class Frame:
    engine: Analysis
    routine: Routine
    function: Function
    prepared: Prepared
    language: str
    labels: list[Label]
    numbers: dict[Label, int]
    env: list[Value | None]
    heap: Heap
    temps: list[Value]
    summary: Summary
    operation: int = 0
    fresh: int = 0
    record: Record | None = None
    latents: dict[tuple[Any, ...], Latent] = field(default_factory=dict)
    facts: dict[tuple[str, int], Fact] = field(default_factory=dict)
    writes: dict[tuple[Cell, Label], CellWrite] = field(default_factory=dict)
    tags: list[tuple[int, str]] = field(default_factory=list)
    initial: list[Value] = field(default_factory=list)
    rounds: dict[int, dict[int, list[Value | None]]] = field(default_factory=dict)
    """For the head of a loop over items: what held when a round ended, by the block it ended in."""
    left: dict[int, State] = field(default_factory=dict)
    """By the head of such a loop, the state it was last left with."""

    def get(self, place: Place) -> Value:
        if place < 0:
            return self.temps[place]
        return self.env[place] or UNKNOWN

    def put(self, place: Place, value: Value) -> None:
        if place < 0:
            self.temps[place] = value
        else:
            self.env[place] = value

    def label(self, label: Label) -> int:
        """Shift of a label's bits; -1 when there is no room for more labels."""
        number = self.numbers.get(label)
        if number is None:
            number = len(self.labels)
            if number >= 48:
                return -1
            self.labels.append(label)
            self.numbers[label] = number
        return number * self.engine.width

    def tainted(self, label: Label, kinds: int) -> int:
        shift = self.label(label)
        return 0 if shift < 0 else kinds << shift

    def allocate(self, box: Container) -> int:
        """A heap object for this operation; the same number whenever the operation runs again."""
        number = (self.operation << 6 | self.fresh & 63) + 1
        self.fresh += 1
        self.heap[number] = box
        return number

    def box(self, number: int) -> Container | None:
        return self.heap.get(number) if number >= 0 else self.engine.box(number)

    def deep(self, value: Value) -> int:
        if not value.objs:
            return value.taint
        self.engine.ticks -= sum(len(box.items) for n in value.objs if (box := self.heap.get(n)) is not None)
        return deep(value, self.heap)

    def write_cell(self, key: Cell, value: Value) -> None:
        """Record that a value ends up in a cell: its facts globally, its taint as an edge."""
        self.engine.write_cell(key, value, self.heap)
        for label, kinds in self.apart(self.deep(value)):
            self.cell_edge(key, label, kinds)

    def apart(self, taint: int) -> list[tuple[Label, int]]:
        """The labels in a taint, each with its rules."""
        width, every = self.engine.width, self.engine.all
        out: list[tuple[Label, int]] = []
        number = 0
        while taint:
            kinds = taint & every
            if kinds:
                out.append((self.labels[number], kinds))
            taint >>= width
            number += 1
        return out

    def cell_edge(self, key: Cell, label: Label, kinds: int) -> None:
        known = self.writes.get((key, label))
        if known is None:
            if label != ("cell", key):
                self.writes[key, label] = CellWrite(key, label, kinds, self.operation)
        elif kinds & ~known.kinds:
            self.writes[key, label] = CellWrite(key, label, kinds | known.kinds, known.operation)

    def read_cell(self, key: Cell, kinds: int | None = None) -> Value:
        facts = self.engine.cell(key)
        taint = self.tainted(("cell", key), self.engine.all if kinds is None else kinds)
        shape = tuple(p if isinstance(p, str) else taint for p in facts.shape) if facts.shape else None
        return Value(taint, facts.consts, facts.refs, facts.types, facts.objs, shape, facts.facts, facts.bound)

    def fact(self, rule: str, note: str) -> None:
        self.facts.setdefault((rule, self.operation), Fact(rule, self.operation, note))

    def latent(self, found: Latent) -> None:
        key = (found.label, found.kinds, found.sink, found.operation)
        known = self.latents.get(key)
        if known is None:
            if len(self.latents) < MAX_LATENTS:
                self.latents[key] = found
        elif known.part and not found.part:
            self.latents[key] = found
