"""The analysis of a whole program: summaries on demand, cells, entry points.

`Engine.summary(routine)` analyses a function the first time somebody asks, callees before callers because the
caller asks. A function met again while it is being analysed answers with what is known so far and is repeated
until that no longer changes anything.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from buckler.analysis.flow.function import analyse, choosy, prepare, same
from buckler.analysis.flow.shapes import JUDGES
from buckler.analysis.flow.state import Context, Prepared
from buckler.analysis.flow.summary import EMPTY, Summary
from buckler.analysis.flow.value import UNKNOWN, Container, Heap, Value, join, join_containers
from buckler.analysis.ir.ops import STORE
from buckler.analysis.knowledge.model import Callable as Row
from buckler.analysis.knowledge.model import Knowledge, Route, Type
from buckler.analysis.program.modules import Class, Program, Routine

MAX_ROUNDS = 2
MAX_DEPTH = 60
MAX_CONTEXTS = 4
MAX_CONTEXT_OPS = 400
MAX_LABELS = 48

Validator = Callable[[str, str], frozenset[str]]
"""(pattern, mode) → rules for which a text accepted by the pattern is harmless."""


@dataclass(slots=True, frozen=True)
class RuleBits:
    """Taint rules as bits: their order is their bit number."""

    names: tuple[str, ...]
    shapes: tuple[str, ...]
    text: int
    """Bits of rules that need free text."""
    secret: int
    """Bits of rules about secrets going out rather than attackers coming in."""

    @property
    def width(self) -> int:
        return len(self.names)


class Engine:
    def __init__(self, program: Program, knowledge: Mapping[str, Knowledge], rules: RuleBits, validator: Validator):
        self.program = program
        self.knowledge = knowledge
        self.rules = rules
        self.width = rules.width
        self.all = (1 << rules.width) - 1
        self.repeat = sum(1 << (rules.width * i) for i in range(MAX_LABELS + 2))
        self.bit = {name: 1 << i for i, name in enumerate(rules.names)}
        self.judges = [JUDGES[s] for s in rules.shapes]
        self.text = rules.text
        self.inbound = self.all & ~rules.secret
        self.validator = validator
        self.summaries: dict[tuple[str, Context | None], Summary] = {}
        self.running: dict[tuple[str, Context | None], bool] = {}
        self.contexts: dict[str, int] = {}
        self.cells: dict[str, Value] = {}
        self.boxes: Heap = {}
        self.cell_boxes: dict[tuple[str, int], int] = {}
        self.entries: dict[str, Route] = {}
        self.addresses: dict[str, list[str]] = {}
        self.depth = 0
        self.failures: dict[str, str] = {}
        """Functions whose analysis broke, with the error; each becomes a notice."""
        self.demanded: set[str] = set()
        """Cells that lead to a sink."""
        self._masks: dict[tuple[str, ...], int] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._rows: dict[tuple[str, str], tuple[Row, ...]] = {}
        self._stores: dict[str, frozenset[str]] = {}
        self._bases: dict[tuple[str, str], list[str]] = {}
        self.own_sources = own_sources(program, knowledge)
        """Attributes of the program's own classes that knowledge describes: a framework reviewed itself."""
        self._prepared: dict[str, Prepared] = {}
        self._written: dict[str, frozenset[str]] = {
            m.name: frozenset(m.globals_written) for m in program.modules.values()
        }

    # ---- summaries

    def summary(self, routine: Routine, context: Context | None = None) -> Summary:
        key = (routine.name, context)
        done = self.summaries.get(key)
        if done is not None:
            if key in self.running:
                self.running[key] = True
            return done
        if self.depth > MAX_DEPTH:
            return EMPTY
        self.depth += 1
        self.summaries[key] = EMPTY
        self.running[key] = False
        result = EMPTY
        for _ in range(MAX_ROUNDS):
            self.running[key] = False
            before = result
            try:
                result = analyse(self, routine, context)
            except Exception as error:  # noqa: BLE001 - one function must not cost the review of all others
                self.failures.setdefault(routine.name, f"{type(error).__name__}: {error}")
                result = EMPTY
            self.summaries[key] = result
            if not self.running[key] or same(before, result):
                break
        del self.running[key]
        self.depth -= 1
        return result

    def may_specialise(self, routine: Routine, context: Context) -> bool:
        if (routine.name, context) in self.summaries:
            return True
        used = self.contexts.get(routine.name, 0)
        if used >= MAX_CONTEXTS or self.depth > 12 or len(routine.function.spans) > MAX_CONTEXT_OPS:
            return False
        self.contexts[routine.name] = used + 1
        return True

    def prepared(self, routine: Routine) -> Prepared:
        known = self._prepared.get(routine.name)
        if known is None:
            known = self._prepared[routine.name] = prepare(self, routine)
        return known

    def choosy(self, routine: Routine) -> frozenset[int]:
        return choosy(routine, self.prepared(routine))

    # ---- rules

    def mask(self, names: tuple[str, ...]) -> int:
        """Bits of rules by id or group (`text`, `*`)."""
        known = self._masks.get(names)
        if known is None:
            known = 0
            for name in names:
                known |= self.all if name == "*" else self.text if name == "text" else self.bit.get(name, 0)
            self._masks[names] = known
        return known

    def source_mask(self, kind: str) -> int:
        return self.rules.secret if kind == "secret" else self.inbound

    # ---- knowledge

    def name(self, language: str, dotted: str) -> str:
        """The name knowledge uses: aliases followed, whole or by prefix."""
        key = (language, dotted)
        known = self._names.get(key)
        if known is None:
            known = self._names[key] = self._alias(self.knowledge[language].aliases, dotted)
        return known

    @staticmethod
    def _alias(aliases: Mapping[str, str], dotted: str) -> str:
        for _ in range(4):
            head, tail = dotted, ""
            while head and head not in aliases:
                head, _, last = head.rpartition(".")
                tail = f".{last}{tail}"
            if not head:
                return dotted
            dotted = aliases[head] + tail
        return dotted

    def rows(self, language: str, dotted: str) -> tuple[Row, ...]:
        """Rows of a callable, its own or inherited by an external type."""
        key = (language, dotted)
        known = self._rows.get(key)
        if known is None:
            known = self._rows[key] = self._find_rows(language, self.name(language, dotted))
        return known

    def _find_rows(self, language: str, dotted: str) -> tuple[Row, ...]:
        table = self.knowledge[language].callables
        found = table.get(dotted)
        if found is not None:
            return found
        owner, _, last = dotted.rpartition(".")
        if owner:
            for base in self.bases(language, owner)[1:]:
                found = table.get(f"{base}.{last}")
                if found is not None:
                    return found
        return ()

    def bases(self, language: str, name: str) -> list[str]:
        """An external type and the types knowledge says it inherits from."""
        known = self._bases.get((language, name))
        if known is None:
            known = self._bases[language, name] = self._find_bases(language, name)
        return known

    def _find_bases(self, language: str, name: str) -> list[str]:
        types: Mapping[str, Type] = self.knowledge[language].types
        out = [self.name(language, name)]
        for current in out:
            row = types.get(current)
            for base in row.bases if row else ():
                base = self.name(language, base)
                if base not in out:
                    out.append(base)
        return out

    # ---- cells

    def cell(self, key: str) -> Value:
        """Facts about a global, field or captured variable, joined over everything written so far."""
        return self.cells.get(key, UNKNOWN)

    def write_cell(self, key: str, value: Value, heap: Heap) -> None:
        facts = self._without_taint(value, heap, key, 3)
        known = self.cells.get(key)
        self.cells[key] = facts if known is None else join(known, facts)

    def _without_taint(self, value: Value, heap: Heap, key: str, depth: int) -> Value:
        objs = tuple(n if n < 0 else self._box(n, heap, key, depth) for n in value.objs) if depth else ()
        bound = self._without_taint(value.bound, heap, key, 1) if value.bound and depth else None
        shape = tuple(p if isinstance(p, str) else 0 for p in value.shape) if value.shape else None
        return Value(0, value.consts, value.refs, value.types, objs, shape, value.facts, bound)

    def _box(self, number: int, heap: Heap, key: str, depth: int) -> int:
        identity = self.cell_boxes.setdefault((key, number), -1 - len(self.cell_boxes))
        box = heap.get(number)
        if box is not None:
            items = {k: self._without_taint(v, heap, key, depth - 1) for k, v in box.items.items()}
            rest = self._without_taint(box.rest, heap, key, depth - 1) if box.rest else None
            fresh = Container(box.kind, items, rest, box.size)
            known = self.boxes.get(identity)
            self.boxes[identity] = fresh if known is None else join_containers(known, fresh)
        return identity

    def field_owner(self, class_name: str, attribute: str) -> str:
        """The class whose cell stands for an attribute: the topmost project class that writes it."""
        owner = class_name
        for entry in self.program.line(class_name):
            if isinstance(entry, Class) and attribute in self.stores(entry):
                owner = entry.name
        return owner

    def stores(self, entry: Class) -> frozenset[str]:
        """Attributes that a class's own code writes on itself."""
        known = self._stores.get(entry.name)
        if known is None:
            names = set(entry.info.fields)
            body = self.program.of_function[entry.module.name, entry.info.body].function
            names |= set(body.locals)
            for method in entry.methods.values():
                for block in method.function.blocks:
                    names |= {op[2] for op in block.ops if op[0] == STORE and op[1] == 0}
            known = self._stores[entry.name] = frozenset(names)
        return known

    def reassigned(self, module: str, name: str) -> bool:
        return name in self._written.get(module, ())

    def add_entry(self, routine: str, route: Route, pattern: str = "*") -> None:
        """Register an entry point; `pattern` is the address it is reached at, `*` if unknown."""
        self.entries.setdefault(routine, route)
        self.addresses.setdefault(routine, []).append(pattern)

    def fixed_address(self, routine: str) -> bool:
        """Every address of this entry point is a constant without variable parts."""
        patterns = self.addresses.get(routine)
        return bool(patterns) and not any(re.search(r"[<{(*:]", p) for p in patterns or ())


def own_sources(program: Program, knowledge: Mapping[str, Knowledge]) -> dict[tuple[str, str], str]:
    out: dict[tuple[str, str], str] = {}
    for tables in knowledge.values():
        names = {name: name for name in tables.values}
        for alias, name in tables.aliases.items():
            names.update({f"{alias}.{n.rpartition('.')[2]}": n for n in tables.values if n.rpartition(".")[0] == name})
        for name, row in names.items():
            owner, _, attribute = name.rpartition(".")
            entry = program.entity(owner) if owner and tables.values[row].source else None
            if isinstance(entry, Class):
                out[entry.name, attribute] = row
    return out


def with_deep_recursion(run: Callable[[], None]) -> None:
    """Summaries are computed by recursion, which needs more room than the default."""
    limit = sys.getrecursionlimit()
    size = threading.stack_size(512 * 1024 * 1024)
    failure: list[BaseException] = []

    def guarded() -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001 - handed on to the caller's thread
            failure.append(error)

    sys.setrecursionlimit(60_000)
    try:
        worker = threading.Thread(target=guarded, daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(0.2)
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if failure:
        raise failure[0]
