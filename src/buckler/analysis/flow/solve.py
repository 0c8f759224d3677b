"""From summaries to flows: which source reaches which sink, through which cells and calls.

`solve` runs the engine over the whole program and joins three kinds of ends: sources found in a function, entry
points whose parameters somebody outside controls, and cells that carry a source from one function to another.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from buckler.analysis.flow import cells, relevance
from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.engine import Engine
from buckler.analysis.flow.function import conventional
from buckler.analysis.flow.marks import INJECTED
from buckler.analysis.flow.rules import apart
from buckler.analysis.flow.shapes import holes
from buckler.analysis.flow.summary import CellWrite, Label, Latent, Reached, Summary
from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import STATIC
from buckler.analysis.languages.registry import WORDS
from buckler.analysis.libraries.model import Route
from buckler.analysis.program.modules import Class, Routine
from buckler.finding.model import Growth

RANK = {"remote": 0, "network": 1, "message": 1, "model": 1, "archive": 1, "database": 2, "file": 2, "secret": 2,
        "cli": 3, "environment": 3, "api": 4}  # fmt: skip


OWN_USER = frozenset({"cli", "environment"})
"""Origins in the hands of the person who started the program."""

MAX_CELLS = 2
"""Fields and globals a flow may pass through after the first; beyond that it is hearsay."""


@dataclass(slots=True, frozen=True)
class Origin:
    """Where untrusted data starts: a source operation, or a parameter of an entry point or public function."""

    kind: str
    name: str
    routine: str
    operation: int
    """-1 for a parameter."""
    parameter: int = -1


@dataclass(slots=True, frozen=True)
class Through:
    """A cell on the way: who wrote it and from which label."""

    cell: Cell
    routine: str
    write: CellWrite
    before: Through | None = None


@dataclass(slots=True, frozen=True)
class Hit:
    """A flow worth telling: origin, the function where it meets the way to the sink, and that way."""

    rule: str
    origin: Origin
    routine: str
    context: object
    latent: Latent
    through: Through | None = None

    @property
    def sink(self) -> tuple[str, int]:
        return self.latent.sink

    @property
    def place(self) -> tuple[str, int]:
        """Where to tell it: the innermost call where the untrusted part is mixed with other text.

        A wrapper that hands its parameter on as it is (`def run(command): Popen(command)`) is not where anybody
        can mend a flaw; if nobody on the way composes, the library call is the place.
        """
        routine = self.routine
        chain: list[tuple[str, Latent]] = []
        latent: Latent | None = self.latent
        while latent is not None:
            chain.append((routine, latent))
            routine, latent = latent.callee, latent.inner
        for name, step in reversed(chain):
            if step.part or step.lead:
                return name, step.operation
        return self.sink

    def routines(self) -> set[str]:
        """Every function on the way."""
        out = {self.routine, self.origin.routine, self.sink[0]}
        latent: Latent | None = self.latent
        while latent is not None:
            out.add(latent.callee or self.routine)
            latent = latent.inner
        through = self.through
        while through is not None:
            out.add(through.routine)
            through = through.before
        return out


@dataclass(slots=True, frozen=True)
class Misuse:
    rule: str
    routine: str
    operation: int
    note: str
    mild: int = 0
    """Steps below the severity of the rule."""
    growth: Growth | None = None


def run(engine: Engine, tick: Callable[[int], None]) -> None:
    """Analyse what can matter: bodies of modules and classes first, because they register entry points."""
    program = engine.program
    for entry in list(program.classes.values()):
        register_handlers(engine, entry)
    work = relevance.Worklist(program, engine.libraries)
    seen = 0
    while True:
        while work.queue:
            routine = work.queue.popleft()
            settle_parents(engine, routine)
            work.learn(routine, engine.summary(routine))
            tick(1)
        for name in list(engine.entries)[seen:]:
            work.add(program.routines[name])
        seen = len(engine.entries)
        work.rename(functions_held(engine))
        if not work.queue:
            break
    engine.demanded = work.demanded
    tick(len(program.routines) - len(work.chosen))


def functions_held(engine: Engine) -> Iterator[tuple[Cell, str]]:
    """(cell, function) for every variable and field that holds functions, itself or in a collection."""
    for cell, value in list(engine.cells.items()):
        yield from ((cell, ref) for ref in value.refs)
        for number in value.objs:
            box = engine.boxes.get(number)
            for item in box.items.values() if box is not None else ():
                yield from ((cell, ref) for ref in item.refs)


def settle_parents(engine: Engine, routine: Routine) -> None:
    """Functions around this one go first: what is known of the variables it captures is known from them."""
    around: list[Routine] = []
    up = routine.function.parent
    while up > 0:
        parent = engine.program.of_function[routine.module.name, up]
        if parent.function.captured:
            around.append(parent)
        up = parent.function.parent
    for parent in reversed(around):
        engine.summary(parent)


def register_handlers(engine: Engine, entry: Class) -> None:
    """Methods that a framework's base class calls are entry points."""
    language = entry.module.language
    types = engine.libraries[language].types
    for base in engine.program.line(entry.name):
        if isinstance(base, Class):
            continue
        for name in engine.bases(language, base):
            row = types.get(name)
            if row is None or row.route is None:
                continue
            for pattern in row.handlers:
                for method, routine in entry.methods.items():
                    if re.fullmatch(pattern, method):
                        engine.add_entry(routine.name, row.route)


def parameter_origin(engine: Engine, routine: Routine, index: int) -> Origin | None:
    """Who controls this parameter: somebody remote, a caller of a public API, or nobody we know."""
    function = routine.function
    if index >= len(function.params):
        return None
    param = function.params[index]
    if index == 0 and routine.owner is not None and not function.flags & STATIC:
        return None
    route = engine.entries.get(routine.name)
    if route is not None:
        if route.parameters and given_by_request(engine, routine, index):
            return Origin(route.parameters, param.name, routine.name, -1, index)
        return None
    made = function.name.rpartition(".")[2] in WORDS.class_makers
    if made and any(p.name in WORDS.class_parts for p in function.params):
        return None  # a class being made, whose name stands in the code
    row = conventional(engine, routine, param.name, index)
    if row is not None and row.source:
        return Origin(row.source, param.name, routine.name, -1, index)
    if public(routine) and not hidden(engine, routine) and not relevance.TEST.search(routine.module.path):
        return Origin("api", param.name, routine.name, -1, index)
    return None


def given_by_request(engine: Engine, routine: Routine, index: int) -> bool:
    """Not injected by the framework: no such default, and no annotation that names a library's class."""
    if INJECTED in engine.cell(cells.default(routine.name, index)).facts:
        return False
    kind = engine.prepared(routine).types[index]
    return not kind or kind in engine.program.classes or "." not in kind or kind.split(".")[0] in WORDS.own_modules


def public(routine: Routine) -> bool:
    """Part of the module's interface by the usual naming convention."""
    function = routine.function
    if function.kind not in ("function", "method") or "<" in function.name:
        return False
    parts = function.name.split(".")
    if function.kind == "function" and len(parts) > 1:
        return False
    return all(not p.startswith("_") or p in WORDS.public for p in parts)


def hidden(engine: Engine, routine: Routine) -> bool:
    """In a module that by its name is the package's own affair, and that no package file hands on to others."""
    if not private(routine.module.name):
        return False
    names = engine.shown
    if names is None:
        names = engine.shown = frozenset(shown(engine))
    top = routine.function.name.split(".")[0]
    if routine.module.language not in names:  # where nothing is a package, names of folders say nothing
        return False
    return f"{routine.module.name}.{top}" not in names and f"{routine.module.name}.*" not in names


def private(module: str) -> bool:
    """A folder or file within the package whose name begins with an underscore, or that is called internal."""
    return any((p.startswith("_") and not p.endswith("_")) or p == "internal" for p in module.split(".")[1:])


def shown(engine: Engine) -> Iterator[str]:
    """Names that package files which are not private themselves take in from others."""
    program = engine.program
    for module in program.modules.values():
        if module.package:
            yield module.language
        if module.package and not private(module.name):
            yield from (f"{star}.*" for star in module.star_imports)
            for source, member in module.imports.values():
                entity = program.entity(f"{source}.{member}" if member else source)
                if isinstance(entity, Routine | Class):
                    yield entity.name


def hits(engine: Engine) -> tuple[list[Hit], list[Misuse]]:
    """Everything found, in the order of the program, a few hits per sink and rule at most."""
    known = cell_origins(engine)
    found: dict[tuple[object, ...], Hit] = {}
    misuses: dict[tuple[str, str, int], Misuse] = {}
    for key, summary in engine.summaries.items():
        name, context = key
        routine = engine.program.routines[name]
        for fact in summary.facts:
            misuses.setdefault((fact.rule, name, fact.operation), Misuse(fact.rule, name, fact.operation, fact.note))
        for latent in [*summary.latents, *response_latents(engine, routine, summary)]:
            for origin, through in origins(engine, routine, latent, known):
                keep(engine, found, Hit(rule_of(engine, latent), origin, name, context, latent, through))
    return list(found.values()), list(misuses.values())


def keep(engine: Engine, found: dict[tuple[object, ...], Hit], hit: Hit) -> None:
    """One flow per sink and rule from inside and from callers, straight and through fields: the most exposed origin,
    then the shortest way."""
    key = (hit.rule, hit.place, hit.origin.kind == "api", hit.through is None)
    known = found.get(key)
    if known is None or weight(hit) < weight(known):
        found[key] = hit


def weight(hit: Hit) -> tuple[object, ...]:
    length, inner = 0, hit.latent.inner
    while inner is not None:
        length, inner = length + 1, inner.inner
    vague = hit.origin.kind == "api" and not (hit.latent.part and hit.latent.lead)
    return (RANK.get(hit.origin.kind, 5), vague, hit.through is not None, length, hit.routine, hit.origin.name,
            hit.latent.operation)  # fmt: skip


def rule_of(engine: Engine, latent: Latent) -> str:
    return engine.rules.names[latent.kinds.bit_length() - 1]


def origins(
    engine: Engine, routine: Routine, latent: Latent, known: dict[Cell, dict[Origin, tuple[int, Through]]]
) -> Iterator[tuple[Origin, Through | None]]:
    label = latent.label
    if label[0] == "source":
        if not fixed_by_route(engine, routine, label) and latent.kinds & counted(engine, label[1]):
            yield source_origin(label), None
    elif label[0] == "param":
        origin = parameter_origin(engine, routine, int(label[1]))
        if origin is not None and latent.kinds & counted(engine, origin.kind):
            yield origin, None
    else:
        for origin, (kinds, through) in known.get(Cell(label[1]), {}).items():
            if kinds & latent.kinds:
                yield origin, through


def counted(engine: Engine, kind: str) -> int:
    """Rules for which this kind of origin counts at all."""
    if kind == "secret":
        return engine.rules.secret
    return engine.rules.own_user if kind in OWN_USER else engine.inbound


def fixed_by_route(engine: Engine, routine: Routine, label: Label) -> bool:
    """The path of a request that can only arrive at one fixed address."""
    row = engine.libraries[routine.module.language].values.get(label[2])
    return row is not None and row.routed and engine.fixed_address(label[3])


def source_origin(label: Label) -> Origin:
    return Origin(label[1], label[2], label[3], int(label[4]))


def response_latents(engine: Engine, routine: Routine, summary: Summary) -> Iterator[Latent]:
    """What an entry point returns goes to the browser when its framework makes a page of it."""
    route: Route | None = engine.entries.get(routine.name)
    if route is None or route.response != "html" or not engine.rules.answer:
        return
    for operation, taint, shape in summary.returns:
        function = routine.function
        place = ir.handed(function.blocks[operation - len(function.spans) + len(function.blocks)].end)
        assert place is not None  # something came back
        parts = [h for _, h in holes(shape)] if shape else [taint]
        number = 0
        total = 0
        for part in parts:
            total |= part
        while total:
            for bit in apart(total & engine.rules.answer):
                yield Latent(summary.labels[number], bit, operation, place, "", len(shape) > 1,
                             (routine.name, operation), Reached("the response"))  # fmt: skip
            total >>= engine.width
            number += 1


def cell_origins(engine: Engine) -> dict[Cell, dict[Origin, tuple[int, Through]]]:
    """For every cell the origins that reach it, directly or through other cells.

    The most exposed origins go first and the nearest of those; a cell takes in another origin only for rules
    that none before it covers, so each cell is passed a handful of times at most.
    """
    out: dict[Cell, dict[Origin, tuple[int, Through]]] = {}
    covered: dict[Cell, int] = {}
    edges: dict[Cell, list[tuple[Cell, str, CellWrite]]] = {}
    queue: list[tuple[int, int, int, Cell, Origin, int, Through]] = []
    count = 0
    for key, summary in engine.summaries.items():
        name = key[0]
        for write in summary.writes:
            if write.cell not in engine.demanded:
                continue
            if write.label[0] == "cell":
                edges.setdefault(Cell(write.label[1]), []).append((write.cell, name, write))
                continue
            origin = write_origin(engine, name, write)
            if origin is not None:
                kinds = write.kinds & counted(engine, origin.kind)
                rank = RANK.get(origin.kind, 5)
                queue.append((rank, 0, count, write.cell, origin, kinds, Through(write.cell, name, write)))
                count += 1
    heapq.heapify(queue)
    while queue:
        rank, length, _, cell, origin, kinds, through = heapq.heappop(queue)
        kinds &= ~covered.get(cell, 0)
        if not kinds:
            continue
        covered[cell] = covered.get(cell, 0) | kinds
        out.setdefault(cell, {})[origin] = (kinds, through)
        if length >= MAX_CELLS:
            continue
        for target, name, write in edges.get(cell, ()):
            if kinds & write.kinds & ~covered.get(target, 0):
                count += 1
                entry = Through(target, name, write, through)
                heapq.heappush(queue, (rank, length + 1, count, target, origin, kinds & write.kinds, entry))
    return out


def write_origin(engine: Engine, name: str, write: CellWrite) -> Origin | None:
    if write.label[0] == "source":
        return source_origin(write.label)
    return parameter_origin(engine, engine.program.routines[name], int(write.label[1]))
