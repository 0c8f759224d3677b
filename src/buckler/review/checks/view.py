"""What a pattern may ask of a program: its routines, their operations, and what names in them mean.

Patterns look for shapes no data flow shows: the handler that lacks what its siblings have, the comparison of a
secret, the name in a shared folder. They run once over the whole program after the analysis, so the first
question must be cheap: `ProgramView.codes("umask", "chmod")` yields only functions whose text has such a word.

    for code in view.codes("umask"):
        for number, op in code.calls("umask"):
            yield Misuse("insecure-permissions", code.name, number, "os.umask")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from buckler.analysis.flow.engine import Engine
from buckler.analysis.flow.solve import Hit
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.summary import Label
from buckler.analysis.flow.tape import ReplayLog
from buckler.analysis.flow.value import Value
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, CONST, COPY, IMPORT, ITEM, LOAD, METHOD, NAME, Op, Place, arguments, operands
from buckler.analysis.program.modules import Class, Program, Routine
from buckler.base.source import in_tests
from buckler.finding.model import Rule
from buckler.review.words import needles, present

MAX_DEPTH = 12
MAX_SPREAD = 400

Arguments = tuple[tuple[object, ...], tuple[tuple[str, Place], ...]]


def argument(op: Op, position: int, *names: str) -> Place | None:
    """One argument of a call by position or by any of its names."""
    args, named = arguments(op)
    if 0 <= position < len(args) and not any(isinstance(a, tuple) for a in args[: position + 1]):
        found = args[position]
        return found if isinstance(found, int) else None
    return next((p for n, p in named if n in names), None)


def sole(op: Op) -> Place | None:
    """The positional argument of a call, if it is the only one."""
    args, _ = arguments(op)
    return args[0] if len(args) == 1 and isinstance(args[0], int) else None


def last_name(op: Op) -> str:
    """The name that NAME reads, LOAD and METHOD take from something, and IMPORT brings."""
    if op[0] == IMPORT:
        _, _, _, member = op
        return str(member)
    if op[0] == LOAD:
        return ops.attribute(op)
    return ops.member(op) if op[0] == METHOD else ops.read_name(op)


@dataclass(slots=True, eq=False)
class Code:
    """One routine, its operations by number, and where each place comes from."""

    view: ProgramView
    routine: Routine
    ops: list[Op]
    defs: Mapping[Place, Op]
    _writes: dict[Place, list[Op]] | None = None
    _numbers: dict[int, int] | None = None

    @property
    def name(self) -> str:
        return self.routine.name

    @property
    def text(self) -> bytes:
        return self.view.source(self.routine)

    # ---- places

    def define(self, place: Place) -> Op | None:
        """The operation a place comes from, through copies, if it is the only one."""
        for _ in range(MAX_DEPTH):
            op = self.defs.get(place)
            if op is None or op[0] != COPY:
                return op
            place = ops.copied(op)
        return None

    def writes(self, place: Place) -> list[Op]:
        """Every operation that writes a place."""
        if self._writes is None:
            self._writes = {}
            for op in self.ops:
                if len(op) > 1 and isinstance(op[1], int):
                    self._writes.setdefault(op[1], []).append(op)
        return self._writes.get(place, [])

    def local(self, place: Place) -> str:
        return self.routine.function.locals[place] if place >= 0 else ""

    def parameter(self, place: Place) -> bool:
        return 0 <= place < len(self.routine.function.params)

    def constant(self, place: Place | None) -> object:
        """The constant a place holds, or None."""
        op = self.define(place) if place is not None else None
        return ops.literal(op) if op is not None and op[0] == CONST else None

    def settled(self, place: Place | None) -> object:
        """The same for the name of a global that is written once, in this module or another."""
        here = self.constant(place)
        owner, _, name = (self.full(place) if place is not None and here is None else "").rpartition(".")
        body = self.view.program.of_function.get((owner or self.routine.module.name, 0))
        if body is None or name not in body.function.locals:
            return here
        outer = self.view.code(body)
        ways = outer.writes(body.function.locals.index(name))
        return outer.constant(ways[0][1]) if len(ways) == 1 and ways[0][0] in (CONST, COPY) else None

    def is_constant(self, place: Place) -> bool:
        op = self.define(place)
        return op is not None and op[0] == CONST

    def words(self, place: Place, depth: int = 6) -> str:
        """An expression as dotted words, `self.form.data`; calls end with `()`, keys read like attributes."""
        if place >= 0:
            return self.local(place)
        op = self.defs.get(place)
        if op is None or depth == 0:
            return ""
        code = op[0]
        if code == COPY:
            return self.words(ops.copied(op), depth - 1)
        if code == NAME:
            return ops.read_name(op)
        if code == LOAD:
            return f"{self.words(ops.base(op), depth - 1)}.{ops.attribute(op)}"
        if code == METHOD:
            return f"{self.words(ops.callee(op), depth - 1)}.{ops.member(op)}()"
        if code == CALL:
            return f"{self.words(ops.callee(op), depth - 1)}()"
        if code == ITEM:
            key = self.constant(ops.key(op))
            return f"{self.words(ops.base(op), depth - 1)}.{key if isinstance(key, str) else '[]'}"
        return ""

    def full(self, place: Place, depth: int = 6) -> str:
        """The dotted name a place stands for, imports followed; empty when it is no plain name."""
        op = self.define(place)
        if op is None or depth == 0:
            return ""
        if op[0] == NAME:
            return self._outer(op) or self.view.program.in_module(self.routine.module, ops.read_name(op))
        if op[0] == IMPORT:
            _, _, module, member = op
            home = self.view.program.located(module)
            return f"{home}.{member}" if member else home
        if op[0] == LOAD:
            base = self.full(ops.base(op), depth - 1)
            return f"{base}.{ops.attribute(op)}" if base else ""
        return ""

    def _outer(self, op: Op) -> str:
        """A name of an enclosing function that is an import there."""
        _, _, name, owner = op
        if owner <= 0:
            return ""
        outer = self.view.program.of_function.get((self.routine.module.name, owner))
        if outer is None or name not in outer.function.locals:
            return ""
        return self.view.code(outer).full(outer.function.locals.index(name))

    def called(self, op: Op) -> str:
        """Full dotted name of what an operation calls; `.name` when the receiver is an object."""
        if op[0] == CALL:
            found = self.full(ops.callee(op))
            return self.view.engine.name(self.language, found) if found else ""
        return self.view.engine.name(self.language, f"{self.full(ops.callee(op))}.{ops.member(op)}")

    @property
    def language(self) -> str:
        return self.routine.module.language

    # ---- walking

    def calls(self, *names: str) -> Iterator[tuple[int, Op]]:
        """Calls whose last name is one of these, whatever they belong to."""
        for number, op in enumerate(self.ops):
            if (op[0] == METHOD and ops.member(op) in names) or (op[0] == CALL and self.callee(op) in names):
                yield number, op

    def callee(self, op: Op) -> str:
        """Last word of what is called."""
        if op[0] == METHOD:
            return ops.member(op)
        called = ops.callee(op)
        if called >= 0:
            return self.local(called)
        inner = self.defs.get(called)
        return last_name(inner) if inner is not None and inner[0] in (NAME, LOAD, IMPORT) else ""

    def inside(self, place: Place, through: bool = True) -> Iterator[Op]:
        """Operations an expression is made of, through named locals too unless told otherwise."""
        seen: set[Place] = set()
        todo = [place]
        while todo and len(seen) < MAX_SPREAD:
            current = todo.pop()
            if current in seen:
                continue
            seen.add(current)
            for op in self._origins(current, through):
                yield op
                todo += operands(op)

    def _origins(self, place: Place, through: bool) -> list[Op]:
        if place < 0:
            op = self.defs.get(place)
            return [op] if op is not None else []
        return self.writes(place) if through else []

    def roots(self, place: Place) -> set[Place]:
        """Parameters an expression is made from, through locals."""
        params = len(self.routine.function.params)
        found = {place} if 0 <= place < params else set()
        for op in self.inside(place):
            found.update(p for p in operands(op) if 0 <= p < params)
        return found

    def number(self, op: Op) -> int:
        """Number of an operation of this routine."""
        if self._numbers is None:
            self._numbers = {id(o): n for n, o in enumerate(self.ops)}
        return self._numbers.get(id(op), -1)


@dataclass(slots=True, eq=False)
class ProgramView:
    """The analysed program with its texts and the flows found in it."""

    engine: Engine
    program: Program
    texts: Mapping[str, bytes]
    hits: list[Hit]
    rules: Mapping[str, Rule]
    _codes: dict[str, Code] = field(default_factory=dict)
    _by_module: dict[str, list[Routine]] = field(default_factory=dict)
    _values: dict[str, dict[Place, Value]] = field(default_factory=dict)
    _labels: dict[str, list[Label]] = field(default_factory=dict)
    within: str = ""
    """Only look for code in this module."""
    opened: set[str] = field(default_factory=set)
    """Routines that were looked into."""
    watched: list[ReplayLog] = field(default_factory=list)
    """What was asked when they were analysed once more."""
    _logs: dict[str, ReplayLog] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    """What patterns share, made by the first that asks."""

    def codes(self, *words: str, language: str = "", only: Callable[[Routine], bool] | None = None) -> Iterator[Code]:
        """Routines whose text holds any of the words, in program order; no test code.

        `only` says which of them are worth opening.
        """
        wanted = needles(words)
        chosen = self.by_module().items() if not self.within else [(self.within, self.by_module().get(self.within, []))]
        for module, routines in chosen:
            home = self.program.modules[module]
            if in_tests(home.path) or (language and home.language != language):
                continue
            data = self.texts.get(home.path, b"")
            found = present(wanted, data)
            if not found:
                continue
            for routine in routines:
                first, last = self.span(routine)
                if (only is None or only(routine)) and any(data.find(w, first, last) >= 0 for w in found):
                    yield self.code(routine)

    def by_module(self) -> dict[str, list[Routine]]:
        if not self._by_module:
            for routine in self.program.routines.values():
                self._by_module.setdefault(routine.module.name, []).append(routine)
        return self._by_module

    def span(self, routine: Routine) -> tuple[int, int]:
        function = routine.function
        if function.kind in ("module", "class") or not function.span:
            return 0, len(self.texts.get(routine.module.path, b""))
        return function.span >> 32, function.span & 0xFFFFFFFF

    def source(self, routine: Routine) -> bytes:
        self.opened.add(routine.name)
        first, last = self.span(routine)
        return self.texts.get(routine.module.path, b"")[first:last]

    def code(self, routine: Routine) -> Code:
        self.opened.add(routine.name)
        known = self._codes.get(routine.name)
        if known is None:
            every = [op for block in routine.function.blocks for op in block.ops]
            known = self._codes[routine.name] = Code(self, routine, every, self.engine.prepared(routine).defs)
        return known

    def values(self, routine: Routine) -> Mapping[Place, Value]:
        """What the analysis knows of every place of a routine; costs a second analysis, so ask late."""
        known = self._values.get(routine.name)
        if known is None:
            known = self._values[routine.name] = {}
            noted = known

            def note(operation: int, place: Place, value: Value, frame: Frame) -> None:
                if isinstance(place, int):
                    noted[place] = value

            summary, self._logs[routine.name] = self.engine.observe(routine, None, note)
            self._labels[routine.name] = summary.labels
        self.watched.append(self._logs[routine.name])
        return known

    def bases(self, entry: Class) -> list[str]:
        """Names of all base classes, project and external ones."""
        return [b.name if isinstance(b, Class) else b for b in self.program.line(entry.name)[1:]]

    def from_outside(self, routine: Routine, place: Place) -> bool:
        """Whether a source inside this routine (a request, a file, …) is known to reach this place."""
        value = self.values(routine).get(place)
        taint = value.taint if value is not None else 0
        width, every = self.engine.width, self.engine.all
        return any(
            label[0] == "source" and taint >> (width * number) & every
            for number, label in enumerate(self._labels[routine.name])
        )
