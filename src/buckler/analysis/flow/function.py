"""One function's analysis: a forward pass over its blocks until nothing changes.

Input: a routine and, optionally, facts about its arguments. Output: its `Summary`. Temporaries live outside the
state because each is assigned once; only named locals and the heap are joined where control meets.
"""

from __future__ import annotations

import re
from itertools import compress
from operator import is_not
from typing import Any

from buckler.analysis.flow import cells, guards, rows, sinks, transfer
from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.evaluate import truth
from buckler.analysis.flow.shapes import holes
from buckler.analysis.flow.state import NUMERIC, Analysis, Context, Frame, Prepared, Record, State
from buckler.analysis.flow.summary import Label, Reached, Summary
from buckler.analysis.flow.value import NEVER, TEXT, UNKNOWN, Value, absorb, join, join_containers, shape_of
from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.checker import targets
from buckler.analysis.ir.ops import (
    BRANCH,
    CALC,
    CALL,
    CLASS_METHOD,
    COPY,
    ITEM,
    JUMP,
    LOAD,
    METHOD,
    NAMED_REST,
    POSITIONAL,
    RAISE,
    REST,
    RETURN,
    STATIC,
    STORE,
    WRITES,
    Block,
    Function,
    Module,
    Op,
    Place,
    target,
)  # fmt: skip
from buckler.analysis.languages.registry import WORDS
from buckler.analysis.libraries.model import Parameter, Result
from buckler.analysis.program.modules import Routine

MAX_VISITS = 5
RETURNED = "the returned statement"
"""What a sink is called that is one only by the convention of a method's name."""


def prepare(engine: Analysis, routine: Routine) -> Prepared:
    function = routine.function
    order = reverse_postorder(function)
    rank = {block: n for n, block in enumerate(order)}
    defs: dict[Place, Op] = {}
    written: set[int] = set()
    often: set[int] = set()
    count = len(function.params)
    blocks = function.blocks
    for number in order:
        for op in blocks[number].ops:
            if op[0] in WRITES:
                dst = target(op)
                if dst >= 0:
                    if dst in written:
                        often.add(dst)
                    written.add(dst)
                defs[dst] = op
    shadows = {p: len(function.locals) + n for n, p in enumerate(sorted(p for p in written if p < count))}
    several = often.union(shadows)
    for place in several:
        del defs[place]
    writes: dict[Place, list[Op]] = {}
    for number in order if several else ():
        for op in blocks[number].ops:
            if op[0] in WRITES and target(op) in several:
                writes.setdefault(target(op), []).append(op)
    if function.kind in ("module", "class"):
        captured = {i: cell_of_local(routine, n) for i, n in enumerate(function.locals)}
    else:
        captured = {i: cells.captured(routine.name, function.locals[i]) for i in function.captured}
    types = tuple(
        engine.program.in_module(routine.module, p.annotation) if p.annotation else "" for p in function.params
    )
    looping = any(rank.get(t, 0) <= rank[b] for b in order for t in targets(blocks[b].end))
    return Prepared(order, rank, looping, defs, frozenset(written), writes, shadows, captured, types,
                    results(engine, routine))  # fmt: skip


def results(engine: Analysis, routine: Routine) -> tuple[int, ...]:
    """Rules for which, by convention, this method's result is a sink."""
    if routine.owner is None:
        return ()
    short = routine.function.name.rsplit(".", 1)[-1]
    table = engine.libraries[routine.module.language].results
    return tuple(engine.bit[r.rule] for r in table if r.rule in engine.bit and applies(r, short, routine.module))


def applies(row: Result, name: str, module: Module) -> bool:
    wanted = row.when_imports
    return bool(re.search(row.name, name)) and any(m == wanted or m.startswith(wanted + ".") for m in module.imported)


def context_sensitive_params(function: Function) -> frozenset[int]:
    """Parameters about which facts from a caller would help: receivers, keys, operands, things passed on or kept."""
    count = len(function.params)
    out: set[int] = set(function.captured)
    if count:
        for block in function.peek():
            for op in block.ops:
                code = op[0]
                if code == LOAD:
                    out.add(ir.base(op))
                elif code == METHOD or code == CALL:
                    out.add(ir.callee(op))
                    out.update(ir.given(op))
                elif code == ITEM:
                    out.update((ir.base(op), ir.key(op)))
                elif code == CALC:
                    out.update(ir.terms(op))
                elif code == STORE:
                    out.add(ir.stored(op))
    return frozenset(p for p in out if 0 <= p < count)


def cell_of_local(routine: Routine, name: str) -> Cell:
    if routine.function.kind == "class" and routine.owner is not None:
        return cells.field(routine.owner.name, name)
    return cells.variable(routine.module.name, name)


def reverse_postorder(function: Function) -> list[int]:
    blocks = function.blocks
    seen = {0}
    out: list[int] = []
    stack: list[tuple[int, list[int]]] = [(0, successors(blocks, 0))]
    while stack:
        block, rest = stack[-1]
        if rest:
            following = rest.pop()
            if following not in seen:
                seen.add(following)
                stack.append((following, successors(blocks, following)))
        else:
            out.append(block)
            stack.pop()
    out.reverse()
    return out


def successors(blocks: list[Any], number: int) -> list[int]:
    block = blocks[number]
    out = list(targets(block.end))
    if block.handler >= 0:
        out.append(block.handler)
    return out


def analyse(engine: Analysis, routine: Routine, context: Context | None,
            record: Record | None = None) -> Summary:  # fmt: skip
    """Run one function to its fixpoint and summarise it."""
    f = enter(engine, routine, context)
    f.record = record
    run(f)
    return finish(f)


def enter(engine: Analysis, routine: Routine, context: Context | None) -> Frame:
    function = routine.function
    prepared = engine.prepared(routine)
    env: list[Value | None] = [None] * (len(function.locals) + len(prepared.shadows))
    labels: list[Label] = [("param", str(i)) for i in range(len(function.params))]
    numbers = {label: n for n, label in enumerate(labels)}
    f = Frame(engine, routine, function, prepared, routine.module.language, labels, numbers, env, {},
              [UNKNOWN] * (function.temps + 1), Summary())  # fmt: skip
    for i in range(len(function.params)):
        env[i] = parameter(f, i, context[i] if context else None)
    f.initial = [v for v in env[: len(function.params)] if v is not None]
    for place, shadow in prepared.shadows.items():
        env[shadow] = env[place]
    return f


def parameter(f: Frame, i: int, known: tuple[Any, ...] | None) -> Value:
    engine, function, param = f.engine, f.function, f.function.params[i]
    taint = engine.all << (engine.width * i) if i < 48 else 0
    consts: tuple[object, ...] = ()
    refs: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    annotated = f.prepared.types[i]
    given = route_type(f, i)
    if given:
        types = (given,)
    elif i == 0 and f.routine.owner is not None and not function.flags & STATIC and function.kind == "method":
        if function.flags & CLASS_METHOD or param.name in WORDS.class_parameters:
            refs = (f.routine.owner.name,)
        else:
            types = (f.routine.owner.name,)
    elif annotated:
        types = (annotated,)
        if annotated in NUMERIC:
            taint &= ~(engine.text << (engine.width * i))
    elif param.kind == POSITIONAL:
        types = convention(f, param.name, i)
    elif param.kind == REST:
        types = ("list",)
    elif param.kind == NAMED_REST:
        types = ("dict",)
    if known is None:
        return Value(taint, consts, refs, types)
    return Value(taint, known[0], known[1] or refs, known[2] or types, facts=frozenset(known[3]))


def route_type(f: Frame, i: int) -> str:
    """The type an entry point's framework gives to a parameter, by position (receiver not counted) or name."""
    route = f.engine.entry(f.routine.name)
    if route is None or not route.types:
        return ""
    mine = i - (f.routine.owner is not None and not f.function.flags & STATIC)
    for key, kind in route.types:
        if key == f.function.params[i].name or (key.isdigit() and int(key) == mine >= 0):
            return kind
    return ""


def convention(f: Frame, name: str, position: int) -> tuple[str, ...]:
    row = conventional(f.engine, f.routine, name, position)
    return (row.type,) if row is not None and row.type else ()


def conventional(engine: Analysis, routine: Routine, name: str, position: int) -> Parameter | None:
    """The convention that speaks of a parameter of this name at this place."""
    for row in engine.libraries[routine.module.language].parameters.get(name, ()):
        if row.position is not None and row.position != position - (routine.function.kind == "method"):
            continue
        wanted = row.when_imports
        if wanted and not any(m == wanted or m.startswith(wanted + ".") for m in routine.module.imported):
            continue
        if not row.beside or any(p.name == row.beside for p in routine.function.params):
            return row
    return None


def run(f: Frame) -> None:
    blocks, prepared, engine = f.function.blocks, f.prepared, f.engine
    order = prepared.order
    inputs: dict[int, State] = {order[0]: State(f.env, f.heap)}
    pending = {0}
    visits: dict[int, int] = {}
    handlers = transfer.HANDLERS
    record = f.record
    captured = prepared.captured
    for place in range(len(f.function.params)):
        if place in captured:
            f.write_cell(captured[place], f.get(place))
    top = f.function.kind == "module" and bool(f.engine.libraries[f.language].assigns)
    while pending:
        rank = min(pending)
        pending.discard(rank)
        number = order[rank]
        visits[number] = visit = visits.get(number, 0) + 1
        if visit > MAX_VISITS:
            continue
        block = blocks[number]
        state = inputs[number]
        engine.ticks -= len(block.ops) + (len(state.env) + len(state.heap) >> 4) + 1
        if engine.ticks < 0:
            engine.charge(f.routine)
        if prepared.looping:  # otherwise nobody comes back for this state
            f.env, f.heap = state.env[:], dict(state.heap)
        else:
            f.env, f.heap = state.env, state.heap
        if block.handler >= 0:
            flow_to(f, inputs, pending, block.handler, State(f.env[:], dict(f.heap)), visit)
        operation = block.first
        for op in block.ops:
            f.operation = operation
            f.fresh = 0
            code = op[0]
            handlers[code](f, op)
            if (code == CALL or code == METHOD) and f.temps[target(op)] is NEVER:
                break
            if code == COPY and (dst := target(op)) in captured:
                f.write_cell(captured[dst], f.get(dst))
                if top:
                    rows.named_global(f, f.function.locals[dst], ir.copied(op))
            if record is not None and (made := ir.changed(op)) is not None:
                record(operation, made, f.get(made), f)
            operation += 1
        else:
            operation = -1
        if block.handler >= 0:
            flow_to(f, inputs, pending, block.handler, State(f.env[:], dict(f.heap)), visit)
        if operation < 0:
            leave(f, number, block, inputs, pending, visit)


def leave(f: Frame, number: int, block: Block, inputs: dict[int, State], pending: set[int], visit: int) -> None:
    end = block.end
    code = end[0]
    if code == JUMP:
        _, then = end
        if f.prepared.rank[then] <= f.prepared.rank[number]:
            ended_round(f, number, then, inputs, pending)
        flow_to(f, inputs, pending, then, State(f.env, f.heap), visit)
    elif code == BRANCH:
        _, condition, then, otherwise = end
        decided = truth(f.get(condition).consts)
        if decided is not False:
            state = State(f.env[:], dict(f.heap)) if decided is None else State(f.env, f.heap)
            guards.refine(f, condition, True, state)
            flow_to(f, inputs, pending, then, state, visit)
        if decided is not True:
            state = State(f.env[:] if decided is None else f.env, f.heap)
            guards.refine(f, condition, False, state)
            if number in f.rounds:
                guards.looked_through(f, condition, state, list(f.rounds[number].values()))
                if inputs.get(otherwise) is f.left.get(number):  # nothing else led there: what was unknown is known now
                    inputs.pop(otherwise, None)
            flow_to(f, inputs, pending, otherwise, state, visit)
            if otherwise in inputs and inputs[otherwise] is state:
                f.left[number] = state
    elif code == RETURN:
        f.operation = len(f.function.spans) - len(f.function.blocks) + number
        returned(f, ir.handed(end))
    elif code == RAISE and (thrown := ir.handed(end)) is not None:
        raised = f.get(thrown)
        types = f.engine.libraries[f.language].types
        if any(n in types and types[n].abstract for n in raised.refs + raised.types):
            f.summary.abstract = True


def ended_round(f: Frame, number: int, head: int, inputs: dict[int, State], pending: set[int]) -> None:
    """Back to the head of a loop over items, which is looked at again when the round has checked something."""
    end = f.function.blocks[head].end
    op = f.prepared.defs.get(ir.asked(end)) if end[0] == BRANCH else None
    if op is None or op[0] != CALC or ir.operator(op) != "more":
        return
    f.rounds.setdefault(head, {})[number] = f.env
    pairs = zip(inputs[head].env, f.env, strict=True)
    if any(a is not b and a is not None and b is not None and a.taint & ~b.taint for a, b in pairs):
        pending.add(f.prepared.rank[head])


def flow_to(f: Frame, inputs: dict[int, State], pending: set[int], target: int, state: State, visit: int) -> None:
    known = inputs.get(target)
    rank = f.prepared.rank[target]
    if known is None:
        inputs[target] = state
        pending.add(rank)
        return
    env, heap = known.env, known.heap
    if env is state.env:
        return
    # values and boxes are shared: what differs is found by identity, in C, and most joins differ in little
    for i in compress(range(len(env)), map(is_not, env, state.env)):
        a, b = known.env[i], state.env[i]
        if b is None:
            continue
        new = b if a is None else absorb(a, b)
        if new is a:
            continue
        if visit > 2 and a is not None and new.consts != a.consts:
            new = Value(new.taint, (), new.refs, new.types, new.objs, None, new.facts, new.bound)
            if new == a:
                continue
        if env is known.env:
            env = list(env)
        env[i] = new
    there = state.heap
    other = (
        list(compress(there.items(), map(is_not, map(heap.get, there), there.values()))) if there is not heap else []
    )
    for key, box in other if other and heap != there else ():
        have = heap.get(key)
        joined = box if have is None else join_containers(have, box)
        if have is None or joined != have:
            if heap is known.heap:
                heap = dict(heap)
            heap[key] = joined
    if env is not known.env or heap is not known.heap:
        inputs[target] = State(env, heap)
        pending.add(rank)


def returned(f: Frame, place: Place | None) -> None:
    value = f.get(place) if place is not None else Value(consts=(None,))
    summary = f.summary
    summary.result = value if summary.result is None else join(summary.result, value)
    taint = f.deep(value)
    if taint and place is not None:
        body = response_body(f, value)
        if body.types == TEXT or body.shape is not None or any(body is v for v in f.initial):
            summary.returns.append((f.operation, f.deep(body), body.shape or ()))
        if f.record is not None:
            f.record(f.operation, place, value, f)
        for bit in f.prepared.results:
            for lead, hole in holes(shape_of(body)) if body.taint else ():
                if hole & (bit * f.engine.repeat):
                    sinks.report(f, bit, hole, place, lead, len(shape_of(body)) > 1, Reached(RETURNED))
    seen: set[int] = set()
    export_heap(f, value, 4, seen)
    export_effects(f, seen)
    if f.function.params and place is not None:
        note_ensures(f, place, value)
    elif f.function.params:
        for outcome in ("return", "false"):
            ensure(f, outcome, f.env)


def response_body(f: Frame, value: Value) -> Value:
    """What a web framework would show of a result: the text, or the first of (text, status, headers)."""
    for number in value.objs:
        box = f.box(number)
        if box is not None and box.kind == "tuple" and 0 in box.items:
            return box.items[0]
        if box is not None and box.kind in ("map", "list"):
            return UNKNOWN
    return value


def export_heap(f: Frame, value: Value, depth: int, seen: set[int]) -> None:
    """Keep what the value holds; an object that is in several others, or in itself, goes out once."""
    for number in value.objs:
        box = f.heap.get(number)
        if box is not None and depth and number not in seen:
            seen.add(number)
            known = f.summary.heap.get(number)
            if known is box:
                continue
            f.summary.heap[number] = box if known is None else join_containers(known, box)
            for item in box.items.values():
                export_heap(f, item, depth - 1, seen)
            if box.rest is not None:
                export_heap(f, box.rest, depth - 1, seen)


def export_effects(f: Frame, seen: set[int]) -> None:
    """What was written on parameters: their boxes were made when the first write happened."""
    for i in range(len(f.function.params)):
        box = f.heap.get(parameter_box(i))
        if box is None:
            continue
        effects = f.summary.effects.setdefault(i, {})
        for key, item in box.items.items():
            effects[key] = item if key not in effects else join(effects[key], item)
            export_heap(f, item, 3, seen)
        if box.rest is not None:
            effects[None] = box.rest if None not in effects else join(effects[None], box.rest)
            export_heap(f, box.rest, 3, seen)


def parameter_box(i: int) -> int:
    """Heap number of what is written on parameter `i`."""
    return (1 << 40) + i


def note_ensures(f: Frame, place: Place, value: Value) -> None:
    ensure(f, "return", f.env)
    decided = truth(value.consts)
    for polarity, outcome in ((True, "true"), (False, "false")):
        if decided is not None and decided is not polarity:
            continue
        state = State(f.env[:], dict(f.heap))
        guards.refine(f, place, polarity, state)
        ensure(f, outcome, state.env)


def ensure(f: Frame, outcome: str, env: list[Value | None]) -> None:
    """Keep, per parameter, the rules that every exit so far was clean for."""
    engine = f.engine
    cleared: dict[int, int] = {}
    for i in range(min(len(f.function.params), 48)):
        now = env[f.prepared.shadows.get(i, i)]
        if now is None or now is f.initial[i]:
            continue
        lost = (f.initial[i].taint & ~now.taint) >> (engine.width * i) & engine.all
        if lost:
            cleared[i] = lost
    known = f.summary.ensures.get(outcome)
    if known is None:
        f.summary.ensures[outcome] = cleared
    else:
        f.summary.ensures[outcome] = {i: k & cleared[i] for i, k in known.items() if i in cleared and k & cleared[i]}


def finish(f: Frame) -> Summary:
    summary = f.summary
    summary.labels = f.labels
    summary.latents = list(f.latents.values())
    summary.facts = list(f.facts.values())
    summary.writes = list(f.writes.values())
    result = summary.result
    plain = result is None or not (result.taint or result.objs or result.bound or result.shape)
    summary.idle = plain and not (
        summary.latents or summary.writes or summary.effects or summary.calls or summary.ensures.get("return")
    )
    return summary


def same(left: Summary, right: Summary) -> bool:
    """Whether callers could tell the two apart."""
    return (
        left.labels == right.labels and left.result == right.result and left.effects == right.effects
        and left.ensures == right.ensures and left.latents == right.latents and len(left.writes) == len(right.writes)
    )  # fmt: skip
