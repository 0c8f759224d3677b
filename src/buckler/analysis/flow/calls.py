"""Calls: who is called, what it does to the arguments, what comes back.

Resolution goes from certain to guessed: the named function or class, the method of a known type, what knowledge
says, a telling method name (tagged *by-name*), and at last "unknown", where taint of all arguments passes on.
"""

from __future__ import annotations

from buckler.analysis.flow import containers, members, rows
from buckler.analysis.flow.evaluate import small
from buckler.analysis.flow.formatting import braces
from buckler.analysis.flow.rows import Arguments, Given
from buckler.analysis.flow.state import Context, Frame
from buckler.analysis.flow.summary import Latent, Summary
from buckler.analysis.flow.value import (
    TEXT, UNKNOWN, Container, Value, deep, join, map_taint, shape_of,
)  # fmt: skip
from buckler.analysis.ir.ops import CLASS_METHOD, NAMED_REST, POSITIONAL, REST, STATIC, Op, Place
from buckler.analysis.knowledge.model import Callable as Row
from buckler.analysis.knowledge.model import Element
from buckler.analysis.program.modules import Class, Routine

MAX_BY_NAME = 3
ROUTE = "<route>:"
PLAIN = frozenset({"str", "list", "dict", "tuple", "set", "bytes", "object", "type", "Any", "typing.Any", "callable"})


# ---- entry from the operations


def call(f: Frame, op: Op) -> None:
    _, dst, callee, args, named = op
    f.put(dst, apply(f, f.get(callee), callee, arguments(f, args, named)))


def method(f: Frame, op: Op) -> None:
    _, dst, receiver, name, args, named = op
    given = arguments(f, args, named)
    f.put(dst, send(f, f.get(receiver), receiver, name, given))


def arguments(f: Frame, args: tuple[object, ...], named: tuple[tuple[str, Place], ...]) -> Arguments:
    out = Arguments()
    for place in args:
        if isinstance(place, tuple):
            spread_sequence(f, out, place[0])
        else:
            assert isinstance(place, int)
            given = (f.get(place), place)
            if out.rest is None:
                out.values.append(given)
            else:
                out.rest = (join(out.rest[0], given[0]), place)
    for name, place in named:
        value = f.get(place)
        if name:
            out.named[name] = (value, place)
        else:
            spread_map(f, out, value, place)
    return out


def spread_sequence(f: Frame, out: Arguments, place: Place) -> None:
    value = f.get(place)
    box = f.box(value.objs[0]) if len(value.objs) == 1 else None
    if box is not None and box.size >= 0 and out.rest is None and box.kind in ("list", "tuple"):
        out.values += [(box.items[n], place) for n in range(box.size)]
    else:
        each = containers.each(f, value)
        out.rest = (each if out.rest is None else join(out.rest[0], each), place)


def spread_map(f: Frame, out: Arguments, value: Value, place: Place) -> None:
    box = f.box(value.objs[0]) if len(value.objs) == 1 else None
    if box is not None and box.kind == "map":
        for key, item in box.items.items():
            if isinstance(key, str):
                out.named.setdefault(key, (item, place))
        if box.rest is None and not box.keys:
            return
    out.more = (Value(f.deep(value)), place)


# ---- who is called


def apply(f: Frame, callee: Value, place: Place, args: Arguments) -> Value:
    """Call a value."""
    found: Value | None = None
    for ref in callee.refs:
        value = named(f, ref, callee, args)
        found = value if found is None else join(found, value)
    for kind in callee.types if not callee.refs else ():
        special = typed(f, callee, place, kind, "__call__", args)
        if special is not None:
            found = special if found is None else join(found, special)
    if found is not None:
        return found
    note_parameter_call(f, callee, args)
    return unknown(f, args, callee)


def note_parameter_call(f: Frame, callee: Value, args: Arguments) -> None:
    """Remember that a parameter is called, so that a caller can pass on to the function it gave."""
    for i, value in enumerate(f.initial):
        if value is callee and len(f.summary.calls) < 16:
            f.summary.calls.append((i, tuple(v for v, _ in args.values), f.operation))


def named(f: Frame, ref: str, callee: Value, args: Arguments) -> Value:
    """Call what a dotted name stands for."""
    program = f.engine.program
    if ref.startswith(ROUTE):
        return register(f, ref.removeprefix(ROUTE), args)
    routine = program.routines.get(ref)
    if routine is not None:
        return invoke(f, routine, args, callee.bound)
    entry = program.classes.get(ref)
    if entry is not None:
        return construct(f, entry, args)
    if ref == "super" and f.routine.owner is not None and f.function.params:
        me = f.get(0)
        return Value(me.taint, types=tuple(f.routine.owner.bases), objs=me.objs)
    if callee.bound is not None:
        args.receiver = (callee.bound, 0)
    table = f.engine.rows(f.language, ref)
    if table:
        return by_rows(f, table, args, ref)
    head, _, last = ref.rpartition(".")
    if head and "." not in head and head not in f.routine.module.imported and args.receiver is not None:
        guessed = by_loose(f, UNKNOWN, last, args)
        if guessed is not None:
            return guessed
    value = unknown(f, args, UNKNOWN)
    if last[:1].isupper():
        return Value(value.taint, types=(ref,))
    return value


def send(f: Frame, receiver: Value, place: Place, name: str, args: Arguments) -> Value:
    """Call a method."""
    args.receiver = (receiver, place)
    if receiver.objs and name in containers.METHODS:
        handled = on_container(f, receiver, name, args)
        if handled is not None:
            return handled
    if name == "format" and textlike(receiver):
        shaped = formatted(f, receiver, args)
        if shaped is not None:
            return shaped
    found: Value | None = None
    for ref in receiver.refs:
        value = apply(f, members.dotted(f, f"{ref}.{name}"), place, args)
        found = value if found is None else join(found, value)
    if found is not None:
        return found
    for number in receiver.objs:
        box = f.box(number)
        if box is not None and name in box.items and box.kind in ("object", "map"):
            value = apply(f, box.items[name], place, args)
            found = value if found is None else join(found, value)
    if found is not None:
        return found
    kinds = receiver.types
    if not kinds and receiver.consts:
        kinds = TEXT if isinstance(receiver.consts[0], str) else ()
    for kind in kinds:
        typed_value = typed(f, receiver, place, kind, name, args)
        if typed_value is not None:
            found = typed_value if found is None else join(found, typed_value)
    if found is not None:
        return found
    return untyped(f, receiver, name, args)


def textlike(value: Value) -> bool:
    return value.types == TEXT or value.shape is not None or any(isinstance(c, str) for c in value.consts)


def formatted(f: Frame, receiver: Value, args: Arguments) -> Value | None:
    table = f.engine.rows(f.language, "str.format")
    if not table:
        return None
    by_rows(f, table, args, "str.format")
    more = sum(f.deep(g[0]) for g in (args.rest, args.more) if g is not None)
    return braces(f, receiver, [v for v, _ in args.values], {k: v for k, (v, _) in args.named.items()}, more)


def on_container(f: Frame, receiver: Value, name: str, args: Arguments) -> Value | None:
    found: Value | None = None
    handler = containers.METHODS[name]
    values = [v for v, _ in args.values]
    for number in receiver.objs:
        box = f.box(number)
        if box is None or box.kind == "object":
            return None
        value = handler(f, receiver, box, values)
        if value is None:
            return None
        found = value if found is None else join(found, value)
        if len(receiver.objs) > 1:
            continue
    taint = 0
    for value in values:
        taint |= f.deep(value)
    if taint and receiver.taint:
        members.spill(f, receiver, args.receiver[1] if args.receiver else 0, Value(taint))
    return found


def typed(f: Frame, receiver: Value, place: Place, kind: str, name: str, args: Arguments) -> Value | None:
    """A method of a type: of the project with its overrides, or of a library."""
    program = f.engine.program
    found: Value | None = None
    for entry in program.line(kind):
        if isinstance(entry, Class):
            routine = entry.methods.get(name)
            if routine is not None:
                found = invoke(f, routine, args, receiver)
                break
            if name in f.engine.stores(entry) and name != "__call__":
                attribute = members.member_of(f, receiver, kind, name)
                if attribute is not None and (attribute.refs or attribute.types):
                    return apply(f, attribute, place, args)
        else:
            table = f.engine.rows(f.language, f"{entry}.{name}")
            if table:
                return by_rows(f, table, args, f"{entry}.{name}")
    if kind in program.classes and (f.initial and receiver is f.initial[0] or found is None):
        for routine in program.overrides(kind, name):
            value = invoke(f, routine, args, receiver)
            found = value if found is None else join(found, value)
    if found is None and kind not in program.classes and kind not in PLAIN and name != "__call__":
        if name == "__enter__":
            return receiver
        row = members.value_row(f, kind, name)
        if row is not None:
            return apply(f, rows.read(f, row[0], receiver, row[1]), place, args)
        loose = by_loose(f, receiver, name, args)
        return loose if loose is not None else unknown(f, args, receiver)
    return found


def untyped(f: Frame, receiver: Value, name: str, args: Arguments) -> Value:
    """A method of who knows what."""
    if name == "__enter__":
        return receiver
    loose = by_loose(f, receiver, name, args)
    if loose is not None:
        return loose
    builtin = None
    if receiver.taint or receiver.shape is not None:
        table = f.engine.rows(f.language, f"str.{name}")
        if table:
            builtin = by_rows(f, table, args, f"str.{name}")
            return builtin
    candidates = f.engine.program.by_method.get(name, ())
    if 0 < len(candidates) <= MAX_BY_NAME and len(name) > 3:
        found: Value | None = None
        for routine in candidates:
            if fits(routine, args):
                value = invoke(f, routine, args, receiver)
                found = value if found is None else join(found, value)
        if found is not None:
            f.tags.append((f.operation, "by-name"))
            return found
    return unknown(f, args, receiver)


def by_loose(f: Frame, receiver: Value, name: str, args: Arguments) -> Value | None:
    table = f.engine.knowledge[f.language].loose.get(name)
    if not table:
        return None
    owner = table[0].name
    chosen = tuple(r for r in table if r.name == owner and (not r.when or rows.holds(f, r.when, args)))
    if not chosen:
        return None
    f.tags.append((f.operation, "by-name"))
    return by_rows(f, chosen, args, owner)


def fits(routine: Routine, args: Arguments) -> bool:
    params = [p for p in routine.function.params if p.kind == POSITIONAL]
    room = len(params) - (0 if routine.function.flags & STATIC else 1)
    takes_rest = any(p.kind == REST for p in routine.function.params)
    return takes_rest or len(args.values) <= room


def unknown(f: Frame, args: Arguments, receiver: Value) -> Value:
    """Nobody knows what this does: taint of everything passes to the result."""
    taint = f.deep(receiver)
    for value, _ in args.every():
        taint |= f.deep(value)
    if not taint:
        return UNKNOWN
    f.tags.append((f.operation, "unknown-call"))
    return Value(taint)


# ---- knowledge


def by_rows(f: Frame, table: tuple[Row, ...], args: Arguments, name: str) -> Value:
    result: Value | None = None
    for row in table:
        value = rows.call(f, row, args)
        if value is not None:
            result = value if result is None else join(result, value)
            if row.calls:
                result = call_back(f, row, args, result)
            if row.route is not None:
                result = routed(f, row, args)
    return UNKNOWN if result is None else result


def call_back(f: Frame, row: Row, args: Arguments, result: Value) -> Value:
    """Higher-order functions call what they are given."""
    for order in row.calls:
        for value, place in rows.reach(f, order.argument, args):
            if not value.refs and not value.types:
                continue
            given = Arguments()
            for argument in order.given:
                found = rows.reach(f, argument, args)
                if found:
                    inner = containers.each(f, found[0][0]) if found[0][0].objs else found[0][0]
                    given.values.append((inner, found[0][1]))
            value = apply(f, value, place, given)
            if order.result:
                result = join(result, Value(f.deep(value)))
    return result


def routed(f: Frame, row: Row, args: Arguments) -> Value:
    """A registration of an entry point, now or when the result is used as a decorator."""
    assert row.route is not None
    if row.route.handler == "decorated":
        number = f.engine.rows(f.language, row.name).index(row)
        return Value(refs=(f"{ROUTE}{row.name}\0{number}\0{address(args)}",))
    chosen = args.values[:1] if row.route.handler == "self-decorated" else []
    if row.route.argument is not None:
        chosen = rows.reach(f, row.route.argument, args)
    for value, _ in chosen:
        enter(f, value, row, address(args))
    return chosen[0][0] if row.route.handler == "self-decorated" and chosen else UNKNOWN


def register(f: Frame, name: str, args: Arguments) -> Value:
    if not args.values:
        return UNKNOWN
    name, number, pattern = name.split("\0", 2)
    enter(f, args.values[0][0], f.engine.rows(f.language, name)[int(number)], pattern)
    return args.values[0][0]


def address(args: Arguments) -> str:
    """The constant address a route is registered under; `*` when it is not known."""
    first = args.values[0][0].consts if args.values else ()
    return first[0] if len(first) == 1 and isinstance(first[0], str) else "*"


def enter(f: Frame, value: Value, row: Row, pattern: str) -> None:
    if row.route is None:
        return
    for ref in value.refs:
        if ref in f.engine.program.routines:
            f.engine.add_entry(ref, row.route, pattern)


# ---- functions of the project


def construct(f: Frame, entry: Class, args: Arguments) -> Value:
    """Make an instance: run the constructor on a fresh object, or fill the declared fields."""
    number = f.allocate(Container("object"))
    me = Value(types=(entry.name,), objs=(number,))
    program = f.engine.program
    for parent in program.line(entry.name):
        if isinstance(parent, Class):
            maker = parent.methods.get("__init__") or parent.methods.get("constructor")
            if maker is not None:
                invoke(f, maker, args, me)
                return me
        else:
            table = f.engine.rows(f.language, parent)
            if table:
                made = by_rows(f, table, args, parent)
                return Value(made.taint, types=(entry.name,), objs=(number,), facts=made.facts)
    fields = list(entry.info.fields)
    for name, (value, _) in [*zip(fields, args.values, strict=False), *args.named.items()]:
        members.put_item(f, number, name, value, True)
        f.write_cell(f"f:{f.engine.field_owner(entry.name, name)}.{name}", value)
    taint = 0
    if not fields:
        for value, _ in args.every():
            taint |= f.deep(value)
    return Value(taint, types=(entry.name,), objs=(number,))


def invoke(f: Frame, routine: Routine, args: Arguments | list[Given], receiver: Value | None) -> Value:
    """Apply the summary of a project function to a call."""
    if isinstance(args, list):
        args = Arguments(values=args)
    bound = bind(f, routine, args, receiver)
    context = facts_for(f, routine, bound)
    if context is not None and f.engine.may_specialise(routine, context):
        summary = f.engine.summary(routine, context)
    else:
        summary = f.engine.summary(routine)
    if summary.idle:
        return summary.result or UNKNOWN
    return instantiate(f, routine, summary, bound)


def bind(f: Frame, routine: Routine, args: Arguments, receiver: Value | None) -> list[Given | None]:
    """Values by parameter; None where nothing was given."""
    params = routine.function.params
    values = list(args.values)
    flags = routine.function.flags
    place = args.receiver[1] if args.receiver is not None else 0
    if routine.owner is not None and routine.function.kind == "method" and not flags & STATIC:
        if flags & CLASS_METHOD:
            values.insert(0, (Value(refs=(routine.owner.name,)), place))
        elif receiver is not None and not (routine.owner.name in receiver.refs):
            values.insert(0, (receiver, place))
    out: list[Given | None] = [None] * len(params)
    used = 0
    for i, param in enumerate(params):
        if param.kind == POSITIONAL and used < len(values):
            out[i] = values[used]
            used += 1
        elif param.kind == REST:
            out[i] = gathered(f, values[used:], args.rest, "tuple")
            used = len(values)
        elif param.name in args.named:
            out[i] = args.named[param.name]
        elif param.kind == NAMED_REST:
            known = {p.name for p in params}
            out[i] = gathered_names(f, {k: v for k, v in args.named.items() if k not in known}, args.more)
        elif args.rest is not None and param.kind == POSITIONAL:
            out[i] = args.rest
        elif args.more is not None:
            out[i] = args.more
    return out


def gathered(f: Frame, values: list[Given], rest: Given | None, kind: str) -> Given | None:
    if not values and rest is None:
        return None
    box = Container(kind, {n: v for n, (v, _) in enumerate(values)}, rest[0] if rest else None,
                    -1 if rest else len(values))  # fmt: skip
    return Value(types=(kind,), objs=(f.allocate(box),)), (values[0][1] if values else rest[1] if rest else 0)


def gathered_names(f: Frame, values: dict[str, Given], more: Given | None) -> Given | None:
    if not values and more is None:
        return None
    box = Container("map", {k: v for k, (v, _) in values.items()}, more[0] if more else None, -1, more[0].taint if more else 0)
    place = next(iter(values.values()))[1] if values else more[1] if more else 0
    return Value(types=("dict",), objs=(f.allocate(box),)), place


def facts_for(f: Frame, routine: Routine, bound: list[Given | None]) -> Context | None:
    """What the callee would like to know about its arguments, if this call knows something."""
    choosy = f.engine.choosy(routine)
    if not choosy:
        return None
    types = f.engine.prepared(routine).types
    out: list[tuple[object, ...] | None] = []
    useful = False
    method_ = routine.owner is not None
    for i, given in enumerate(bound):
        if given is None or i not in choosy or (i == 0 and method_):
            out.append(None)
            continue
        value = given[0]
        consts: tuple[object, ...] = ()
        if len(value.consts) == 1 and not value.taint and short(value.consts[0]):
            consts = value.consts
        kinds = tuple(t for t in value.types if t not in PLAIN and t != types[i])
        refs = value.refs if value.bound is None else ()
        if consts or kinds or refs:
            out.append((consts, refs, kinds))
            useful = True
        else:
            out.append(None)
    return tuple(out) if useful else None


def short(value: object) -> bool:
    return small(value) and not (isinstance(value, str) and len(value) > 40)


def instantiate(f: Frame, routine: Routine, summary: Summary, bound: list[Given | None]) -> Value:
    """Translate a summary into this function's labels and apply it."""
    engine = f.engine
    width, every, repeat = engine.width, engine.all, engine.repeat
    taints = [0 if g is None else f.deep(g[0]) for g in bound]
    known: dict[int, int] = {0: 0}

    def translate(taint: int) -> int:
        done = known.get(taint)
        if done is not None:
            return done
        out = number = 0
        rest = taint
        while rest:
            kinds = rest & every
            if kinds:
                label = summary.labels[number]
                if label[0] == "param":
                    out |= taints[number] & (kinds * repeat)
                else:
                    out |= f.tainted(label, kinds)
            rest >>= width
            number += 1
        known[taint] = out
        return out

    for latent in summary.latents:
        if latent.label[0] == "param":
            raise_latent(f, routine, latent, bound)
    for write in summary.writes:
        if write.label[0] == "param":
            index = int(write.label[1])
            if index < len(taints) and taints[index]:
                spread_cell(f, write.cell, taints[index] & (write.kinds * repeat))
    numbers: dict[int, int] = {}
    for index, effects in summary.effects.items():
        if index < len(bound) and bound[index] is not None:
            for key, item in effects.items():
                written(f, bound[index], key, bring(f, summary, item, translate, numbers, bound))
    for outcome, cleared in summary.ensures.items():
        if outcome == "return":
            for index, kinds in cleared.items():
                if index < len(bound) and bound[index] is not None:
                    rows.clear(f, bound[index][0], kinds)  # type: ignore[index]
    for index, values, _ in summary.calls:
        if index < len(bound) and bound[index] is not None:
            callee = bound[index][0]  # type: ignore[index]
            if callee.refs:
                apply(f, callee, bound[index][1], Arguments(values=[(map_taint(v, translate), bound[index][1]) for v in values]))  # type: ignore[index]
    if summary.result is None:
        return UNKNOWN
    return bring(f, summary, summary.result, translate, numbers, bound)


def spread_cell(f: Frame, cell: str, taint: int) -> None:
    number = 0
    while taint:
        kinds = taint & f.engine.all
        if kinds:
            f.cell_edge(cell, f.labels[number], kinds)
        taint >>= f.engine.width
        number += 1


def bring(f: Frame, summary: Summary, value: Value, translate: object, numbers: dict[int, int],
          bound: list[Given | None]) -> Value:  # fmt: skip
    """A value of the callee as the caller sees it: labels translated, objects copied into the caller's heap."""
    out = map_taint(value, translate)  # type: ignore[arg-type]
    if not value.objs:
        return out
    objs: list[int] = []
    for number in value.objs:
        if number < 0:
            objs.append(number)
        elif number >= 1 << 40:
            given = bound[number - (1 << 40)] if number - (1 << 40) < len(bound) else None
            objs += given[0].objs if given is not None else ()
        else:
            objs.append(bring_box(f, summary, number, translate, numbers, bound))
    return Value(out.taint, out.consts, out.refs, out.types, tuple(dict.fromkeys(objs))[:8], out.shape, out.facts, out.bound)


def bring_box(f: Frame, summary: Summary, number: int, translate: object, numbers: dict[int, int],
              bound: list[Given | None]) -> int:  # fmt: skip
    assert callable(translate)
    known = numbers.get(number)
    if known is not None:
        return known
    fresh = numbers[number] = f.allocate(Container("object"))
    box = summary.heap.get(number)
    if box is None:
        return fresh
    items = {k: bring(f, summary, v, translate, numbers, bound) for k, v in box.items.items()}
    rest = bring(f, summary, box.rest, translate, numbers, bound) if box.rest is not None else None
    f.heap[fresh] = Container(box.kind, items, rest, box.size, translate(box.keys))
    return fresh


def written(f: Frame, given: Given | None, key: object, value: Value) -> None:
    """An effect of the callee on one of its parameters."""
    if given is None:
        return
    target, place = given
    for number in target.objs:
        if key is None:
            containers.pour(f, Value(objs=(number,)), value)
        else:
            members.put_item(f, number, key, value, len(target.objs) == 1)
    own = members.own_parameter(f, place)
    if own is not None and not target.objs and place >= 0 and f.env[place] is target:
        members.put_item(f, own, key, value, False)


def raise_latent(f: Frame, routine: Routine, latent: Latent, bound: list[Given | None]) -> None:
    """A parameter of the callee that reaches a sink: judge again with what the caller put there."""
    index = int(latent.label[1])
    given = bound[index] if index < len(bound) else None
    if given is None:
        return
    value, place = given
    bits = latent.kinds * f.engine.repeat
    if not f.deep(value) & bits:
        return
    judge = f.engine.judges[latent.kinds.bit_length() - 1]
    whole = None if value.objs else latent.element
    for element in items_for(f, value, latent):
        shape = element.shape if element.shape is not None and not element.objs else (f.deep(element),)
        mixed = latent.part or len(shape) > 1 or rows.composed_here(f, value, element)
        lead = latent.lead
        for part in shape:
            if isinstance(part, str):
                lead += part
                continue
            if part & bits and judge(lead):
                lift(f, routine, latent, part, place, lead, mixed, whole)
            lead += "\0"


def items_for(f: Frame, value: Value, latent: Latent) -> list[Value]:
    """The items of a list built here that the sink looks at, or the value itself."""
    if not listed(f, value):
        return [value]
    start, stop = latent.element or (0, None)
    return rows.elements(f, value, Element("items", start, stop), rule_name(f, latent))


def listed(f: Frame, value: Value) -> bool:
    boxes = [f.box(n) for n in value.objs]
    return bool(boxes) and all(b is not None and b.kind in ("list", "tuple") for b in boxes)


def rule_name(f: Frame, latent: Latent) -> str:
    return next(name for name, bit in f.engine.bit.items() if bit == latent.kinds)


def lift(f: Frame, routine: Routine, latent: Latent, taint: int, place: Place, lead: str, part: bool,
         whole: tuple[int, int | None] | None) -> None:  # fmt: skip
    width, every = f.engine.width, f.engine.all
    number = 0
    while taint:
        if taint & every & latent.kinds:
            f.latent(Latent(f.labels[number], latent.kinds, f.operation, place, lead[-200:], part, latent.sink,
                            latent.note, routine.name, latent, whole))  # fmt: skip
        taint >>= width
        number += 1


__all__ = ["apply", "call", "deep", "invoke", "method", "send", "shape_of"]
