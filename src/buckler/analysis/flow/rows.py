"""Applying what knowledge says about a name: conditions, sources, sinks, sanitisers, guards.

A row is looked up by the caller; here it meets the values of one call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from buckler.analysis.flow import evaluate
from buckler.analysis.flow.shapes import holes
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.summary import Latent
from buckler.analysis.flow.value import TEXT, UNKNOWN, Part, Value, join, shape_of, text, with_taint
from buckler.analysis.ir.ops import Place
from buckler.analysis.knowledge.model import Argument, Assign, Conditions, Element, Misuse, Sink, Wanted
from buckler.analysis.knowledge.model import Callable as Row
from buckler.analysis.knowledge.model import Value as ValueRow

Given = tuple[Value, Place]


@dataclass(slots=True)
class Arguments:
    """Values of one call with the places that hold them."""

    receiver: Given | None = None
    values: list[Given] = field(default_factory=list)
    named: dict[str, Given] = field(default_factory=dict)
    rest: Given | None = None
    """Element of a spread sequence: any position after the plain ones."""
    more: Given | None = None
    """A spread map: any name."""

    def every(self) -> list[Given]:
        spreads = [g for g in (self.rest, self.more) if g is not None]
        return [*self.values, *self.named.values(), *spreads]


def pick(argument: Argument, args: Arguments) -> list[Given]:
    if argument.receiver:
        return [args.receiver] if args.receiver is not None else []
    if argument.every:
        return args.every()
    out: list[Given] = []
    for position in argument.positions:
        if position < len(args.values):
            out.append(args.values[position])
        elif args.rest is not None:
            out.append(args.rest)
    if argument.start is not None:
        out += args.values[argument.start :]
        if args.rest is not None:
            out.append(args.rest)
    for name in argument.names:
        if name in args.named:
            out.append(args.named[name])
    if argument.keywords:
        out += args.named.values()
        if args.more is not None:
            out.append(args.more)
    return out


# ---- conditions


def holds(f: Frame, conditions: Conditions, args: Arguments) -> bool:
    return all(any(satisfied(f, c.argument, w, args) for w in c.wanted) for c in conditions)


def satisfied(f: Frame, argument: Argument, wanted: Wanted, args: Arguments) -> bool:
    found = pick(argument, args)
    if wanted.test == "absent":
        spread = args.more is not None and bool(argument.names)
        return not found and not spread
    if wanted.test == "nofact":
        return not any(wanted.operand in v.facts for v, _ in found)
    return any(TESTS[wanted.test](f, value, wanted.operand) for value, _ in found)


def is_equal(f: Frame, value: Value, operand: object) -> bool:
    return any(c == operand and isinstance(c, bool) == isinstance(operand, bool) for c in value.consts)


def is_type(f: Frame, value: Value, operand: object) -> bool:
    wanted = str(operand)
    names = value.refs + value.types
    return any(wanted in f.engine.bases(f.language, n) or wanted in lineage(f, n) for n in names)


def lineage(f: Frame, name: str) -> list[str]:
    if name not in f.engine.program.classes:
        return []
    return [e if isinstance(e, str) else e.name for e in f.engine.program.line(name)]


def is_list(f: Frame, value: Value, operand: object) -> bool:
    if any(t in ("list", "tuple", "array") for t in value.types):
        return True
    boxes = [f.box(n) for n in value.objs]
    return any(b is not None and b.kind in ("list", "tuple") for b in boxes)


def matches(f: Frame, value: Value, operand: object) -> bool:
    return any(isinstance(c, str) and re.search(str(operand), c) for c in value.consts)


def is_below(f: Frame, value: Value, operand: object) -> bool:
    return any(isinstance(c, int) and not isinstance(c, bool) and c < float(str(operand)) for c in value.consts)


TESTS = {
    "equals": is_equal,
    "present": lambda f, v, o: True,
    "constant": lambda f, v, o: bool(v.consts) and not v.taint,
    "dynamic": lambda f, v, o: not v.consts and not v.refs,
    "list": is_list,
    "text": lambda f, v, o: not is_list(f, v, o),
    "type": is_type,
    "fact": lambda f, v, o: o in v.facts,
    "re": matches,
    "below": is_below,
    "tainted": lambda f, v, o: bool(f.deep(v)),
}


# ---- effects of a row


def read(f: Frame, row: ValueRow, base: Value, name: str) -> Value:
    """An attribute or global that knowledge describes."""
    engine = f.engine
    taint = f.deep(base) if row.flow and not row.source else 0
    if row.clears:
        taint &= ~(engine.mask(row.clears) * engine.repeat)
    if row.source:
        taint |= source(f, row.source, name)
    for misuse in row.misuse:
        f.fact(misuse.rule, misuse.note or name)
    refs = () if row.type or row.source else (name,)
    return Value(taint, (), refs, (row.type,) if row.type else (), (), None, frozenset(row.facts))


def source(f: Frame, kind: str, name: str) -> int:
    label = ("source", kind, name, f.routine.name, str(f.operation))
    return f.tainted(label, f.engine.source_mask(kind))


def call(f: Frame, row: Row, args: Arguments) -> Value | None:
    """Everything one row says about one call; None when its conditions do not hold."""
    if row.when and not holds(f, row.when, args):
        return None
    engine = f.engine
    for sink in row.sinks:
        if (not sink.when or holds(f, sink.when, args)) and not (sink.unless and holds(f, sink.unless, args)):
            for value, place in pick(sink.argument, args):
                meet(f, sink, value, place, row.name)
    for misuse in row.misuse:
        check(f, misuse, args, row.name)
    for what, marks in ((True, row.adds), (False, row.drops)):
        if marks and args.receiver is not None:
            mark(f, args.receiver, frozenset(marks), what)
    facts = frozenset(row.facts)
    if row.value is not None:
        found = pick(row.value, args)
        if found:
            value = found[0][0]
            taint = value.taint & ~(engine.mask(row.clears) * engine.repeat) if row.clears else value.taint
            return with_facts(with_taint(value, taint), value.facts | facts)
    taint = moved(f, row, args)
    result = Value(taint)
    if row.text:
        result = composed(f, row, args)
    elif row.evaluate:
        folded = evaluated(row.evaluate, args)
        if folded:
            result = Value(consts=folded, types=TEXT if isinstance(folded[0], str) else ())
    if row.clears and result.taint:
        result = with_taint(result, result.taint & ~(engine.mask(row.clears) * engine.repeat))
    if row.source:
        result = with_taint(result, result.taint | source(f, row.source, row.name))
    types = (row.returns,) if row.returns else result.types
    if facts or types != result.types:
        result = Value(result.taint, result.consts, (), types, (), result.shape, facts)
    return result


def with_facts(value: Value, facts: frozenset[str]) -> Value:
    if facts == value.facts:
        return value
    return Value(value.taint, value.consts, value.refs, value.types, value.objs, value.shape, facts, value.bound)


def moved(f: Frame, row: Row, args: Arguments) -> int:
    """Taint of the result, after moving what goes into receiver or arguments."""
    out = 0
    for flow in row.flow:
        taint = 0
        for value, _ in pick(flow.origin, args):
            taint |= f.deep(value)
        if not taint:
            continue
        if row.clears:
            taint &= ~(f.engine.mask(row.clears) * f.engine.repeat)
        if flow.target.result:
            out |= taint
        else:
            for value, place in pick(flow.target, args):
                soak(f, value, place, taint)
    return out


def soak(f: Frame, value: Value, place: Place, taint: int) -> None:
    """Add taint to what an argument holds."""
    fresh = with_taint(value, value.taint | taint)
    if fresh is value:
        return
    for i, known in enumerate(f.env):
        if known is value:
            f.env[i] = fresh
    if place < 0:
        f.put(place, fresh)
    own = value.objs
    for number in own:
        box = f.heap.get(number)
        if box is not None:
            rest = Value(taint) if box.rest is None else join(box.rest, Value(taint))
            f.heap[number] = type(box)(box.kind, box.items, rest, box.size, box.keys)


def mark(f: Frame, given: Given, marks: frozenset[str], on: bool) -> None:
    value, place = given
    fresh = with_facts(value, value.facts | marks if on else value.facts - marks)
    for i, known in enumerate(f.env):
        if known is value:
            f.env[i] = fresh
    if place < 0:
        f.put(place, fresh)


def composed(f: Frame, row: Row, args: Arguments) -> Value:
    """The text a row spells out part by part; arguments may be several (`1..`), joined by the part before them."""
    parts: list[Part] = []
    taint = 0
    for part in row.text:
        if isinstance(part, str):
            parts.append(part)
            continue
        for number, (value, _) in enumerate(pick(part, args)):
            if number and parts:
                parts.append("/" if part.start is not None else "")
            parts += shape_of(value) if not value.objs else (f.deep(value),)
            taint |= f.deep(value)
    return with_taint(text(parts), taint) if taint else text(parts)


def evaluated(name: str, args: Arguments) -> tuple[object, ...]:
    function = evaluate.FUNCTIONS.get(name)
    given = ([args.receiver] if args.receiver is not None else []) + args.values
    if function is None or args.named or args.rest or any(not v.consts or v.taint for v, _ in given):
        return ()
    return evaluate.apply(function, [v.consts for v, _ in given])


def check(f: Frame, misuse: Misuse, args: Arguments, name: str) -> None:
    if misuse.when and not holds(f, misuse.when, args):
        return
    if misuse.unless and holds(f, misuse.unless, args):
        return
    f.fact(misuse.rule, misuse.note or name)


# ---- sinks


def meet(f: Frame, sink: Sink, value: Value, place: Place, name: str) -> None:
    """A value arrives at a sink argument: report every label that matters there."""
    bit = f.engine.bit.get(sink.rule)
    if bit is None:
        return
    judge = f.engine.judges[bit.bit_length() - 1]
    for part in elements(f, value, sink.element, sink.rule):
        if part.taint or part.objs:
            shape = part.shape if part.shape is not None and not part.objs else (f.deep(part),)
            for lead, hole in holes(shape):
                if hole & (bit * f.engine.repeat) and judge(lead):
                    report(f, bit, hole, place, lead, len(shape) > 1, sink.note or name)


def elements(f: Frame, value: Value, element: Element | None, rule: str) -> list[Value]:
    """The parts of a container the sink speaks of; `--` ends the options of an argument list."""
    if element is None:
        return [value]
    if not value.objs:
        return [Value(value.taint)] if element.kind != "items" or element.start > 0 or element.stop is None else []
    out: list[Value] = []
    for number in value.objs:
        box = f.box(number)
        if box is None:
            out += [Value(value.taint)] if element.start > 0 or element.stop is None else []
            continue
        if element.kind == "keys":
            out.append(Value(box.keys))
        elif element.kind == "values" or box.size < 0:
            wanted = range(element.start, element.stop if element.stop is not None else 1 << 30)
            out += [v for k, v in box.items.items() if not isinstance(k, int) or k in wanted]
            if box.rest is not None and not (element.start == 0 and element.stop == 1):
                out.append(box.rest)
        else:
            for n in range(element.start, min(box.size, element.stop if element.stop is not None else box.size)):
                if box.items[n].consts == ("--",) and rule == "argument-injection":
                    break
                out.append(box.items[n])
    return out


def report(f: Frame, bit: int, taint: int, place: Place, lead: str, part: bool, note: str) -> None:
    width, every = f.engine.width, f.engine.all
    number = 0
    here = (f.routine.name, f.operation)
    while taint:
        if taint & every & bit:
            f.latent(Latent(f.labels[number], bit, f.operation, place, lead[-200:], part, here, note))
        taint >>= width
        number += 1


def assigned(f: Frame, base: Value, name: str, key_place: Place | None, src: Place) -> None:
    """A write to an attribute or key that knowledge has an opinion about."""
    table = f.engine.knowledge[f.language].assigns
    if not table:
        return
    key = f.get(key_place) if key_place is not None else None
    for owner in base.types + base.refs:
        for parent in f.engine.bases(f.language, owner):
            for assign in assign_rows(table, parent, name, key):
                write(f, assign, key_place, src)


def assign_rows(table: dict[str, tuple[Assign, ...]], owner: str, name: str, key: Value | None) -> list[Assign]:
    if key is None:
        return list(table.get(f"{owner}.{name}", ()))
    out = list(table.get(f"{owner}[*]", ()))
    if len(key.consts) == 1:
        out += table.get(f"{owner}[{key.consts[0]}]", ())
    return out


def write(f: Frame, assign: Assign, key_place: Place | None, src: Place) -> None:
    args = Arguments(values=[(f.get(src), src)], named={"value": (f.get(src), src)})
    for sink in assign.sinks:
        if (not sink.when or holds(f, sink.when, args)) and not (sink.unless and holds(f, sink.unless, args)):
            meet(f, sink, f.get(src), src, assign.name)
            if key_place is not None:
                meet(f, sink, f.get(key_place), key_place, assign.name)
    for misuse in assign.misuse:
        check(f, misuse, args, assign.name)


__all__ = ["UNKNOWN", "Arguments", "ValueRow", "assigned", "call", "read"]
