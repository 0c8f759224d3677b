"""Calls: who is called, what it does to the arguments, what comes back.

Resolution goes from certain to guessed: the named function or class, the method of a known type, what a library model
says, a telling method name (tagged *by-name*), and at last "unknown", where taint of all arguments passes on.
"""

from __future__ import annotations

from buckler.analysis.flow import cells, containers, members, origins, rows
from buckler.analysis.flow.evaluate import small
from buckler.analysis.flow.formatting import braces
from buckler.analysis.flow.given import Arguments, Given, holds, reach
from buckler.analysis.flow.instantiate import callbacks, instantiate, result
from buckler.analysis.flow.marks import FOLDER, NORMALISED
from buckler.analysis.flow.state import Context, Frame
from buckler.analysis.flow.summary import Summary
from buckler.analysis.flow.value import (
    BUILT_IN,
    NEVER,
    TEXT,
    UNKNOWN,
    Container,
    Value,
    join,
    shape_of,
)  # fmt: skip
from buckler.analysis.ir.ops import CALL, CLASS_METHOD, FUNC, NAMED_REST, POSITIONAL, REST, STATIC, Op, Place
from buckler.analysis.languages.registry import WORDS
from buckler.analysis.libraries.model import Callable as Row
from buckler.analysis.program.modules import Class, Routine

MAX_BY_NAME = 3
PAIR = 2
CARRIED = frozenset({NORMALISED, FOLDER})
"""Marks a function would like to know of its arguments: a check of a path may rely on them."""
ROUTE = "<route>:"
PLAIN = BUILT_IN | WORDS.open_types


# ---- entry from the operations


def call(f: Frame, op: Op) -> None:
    _, dst, callee, args, named = op
    result_ = apply(f, f.get(callee), callee, arguments(f, args, named))
    if len(args) == 1 and isinstance(args[0], int) and not named and not result_.types:
        result_ = decorated(f, args[0], result_)
    f.put(dst, result_)


def decorated(f: Frame, place: Place, wrapped: Value) -> Value:
    """What a decorator returns still stands for the function it was put on, as far as registering it goes."""
    op = f.prepared.defs.get(place)
    inner = f.get(place)
    if op is None or op[0] not in (FUNC, CALL) or not inner.refs:
        return wrapped
    routine = f.engine.program.routine
    mine = tuple(r for r in inner.refs if (made := routine(r)) is not None and made.function.kind != "lambda")
    own = tuple(r for r in mine if r not in wrapped.refs)
    if not own or not all(routine(r) is not None for r in wrapped.refs):
        return wrapped
    if not wrapped.refs:  # a decorator nobody knows, or one that hands back what `functools.wraps` made
        return Value(wrapped.taint, (), inner.refs, bound=inner.bound)
    return Value(wrapped.taint, wrapped.consts, wrapped.refs + own, wrapped.types, wrapped.objs, bound=wrapped.bound)


def method(f: Frame, op: Op) -> None:
    _, dst, receiver, name, args, named = op
    given = arguments(f, args, named)
    found = send(f, f.get(receiver), receiver, name, given)
    f.put(dst, containers.one_line(f, given.values[0][0], found) if name in WORDS.lookups and given.values else found)


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
    args.chosen = len(callee.refs) > rows.SOME
    for ref in callee.refs:
        value = named(f, ref, callee, args)
        found = value if found is None else join(found, value)
    for kind in callee.types if not callee.refs else ():
        for name in WORDS.called:
            special = typed(f, callee, place, kind, name, args)
            if special is not None:
                found = special if found is None else join(found, special)
    if found is not None:
        return found
    note_parameter_call(f, callee, args)
    made = origins.definition(f, place)
    return unknown(f, args, UNKNOWN if made is not None and made[0] == CALL else callee)  # what was looked up by a name


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
    routine = program.routine(ref)
    if routine is not None:
        return invoke(f, routine, args, callee.bound)
    entry = program.class_(ref)
    if entry is not None:
        return construct(f, entry, args)
    if ref in WORDS.base and f.routine.owner is not None and f.function.params:
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
    if name in WORDS.fillers and all(t in PLAIN for t in receiver.types):
        members.fill(f, place, [v for v, _ in args.every()])
    if receiver.objs and name in containers.METHODS:
        handled = on_container(f, receiver, name, args)
        if handled is not None:
            return handled
    if name in WORDS.formats and textlike(receiver):
        shaped = formatted(f, receiver, name, args)
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


def formatted(f: Frame, receiver: Value, name: str, args: Arguments) -> Value | None:
    ref = f"str.{name}"
    table = f.engine.rows(f.language, ref)
    if not table:
        return None
    by_rows(f, table, args, ref)
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
            if name in f.engine.stores(entry) and name not in WORDS.called:
                attribute = members.member_of(f, receiver, kind, name, computed)
                if attribute is not None and (attribute.refs or attribute.types):
                    return apply(f, attribute, place, args)
        else:
            table = f.engine.rows(f.language, f"{entry}.{name}")
            if table:
                return by_rows(f, table, args, f"{entry}.{name}")
    if program.class_(kind) is not None and ((f.initial and receiver is f.initial[0]) or found is None):
        for routine in program.overrides(kind, name):
            value = invoke(f, routine, args, receiver)
            found = value if found is None else join(found, value)
    if found is None and program.class_(kind) is None and kind not in PLAIN and name not in WORDS.called:
        if name in WORDS.entered:
            return receiver
        row = members.value_row(f, kind, name)
        if row is not None:
            return apply(f, rows.read(f, row[0], receiver, row[1]), place, args)
        loose = by_loose(f, receiver, name, args)
        return loose if loose is not None else unknown(f, args, receiver)
    return found


def untyped(f: Frame, receiver: Value, name: str, args: Arguments) -> Value:
    """A method of who knows what."""
    if name in WORDS.entered:
        return receiver
    loose = by_loose(f, receiver, name, args)
    if loose is not None:
        return loose
    if receiver.taint or receiver.shape is not None:
        table = f.engine.rows(f.language, f"str.{name}")
        if table:
            return by_rows(f, table, args, f"str.{name}")
    candidates = f.engine.program.named(name)
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
    table = f.engine.libraries[f.language].loose.get(name)
    if not table:
        return None
    owner = table[0].name
    chosen = tuple(r for r in table if r.name == owner and (not r.when or holds(f, r.when, args)))
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


# ---- library models


def by_rows(f: Frame, table: tuple[Row, ...], args: Arguments, name: str) -> Value:
    result: Value | None = None
    for row in table:
        value = rows.call(f, row, args)
        if value is NEVER:
            return NEVER
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
        for value, place in reach(f, order.argument, args):
            if not value.refs and not value.types:
                continue
            given = Arguments()
            for argument in order.given:
                found = reach(f, argument, args)
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
        chosen = reach(f, row.route.argument, args)
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
        if f.engine.program.routine(ref) is not None:
            f.engine.add_entry(ref, row.route, pattern)


# ---- functions of the project


def construct(f: Frame, entry: Class, args: Arguments) -> Value:
    """Make an instance: run the constructor on a fresh object, or fill the declared fields."""
    number = f.allocate(Container("object"))
    me = Value(types=(entry.name,), objs=(number,))
    program = f.engine.program
    for parent in program.line(entry.name):
        if isinstance(parent, Class):
            maker = members.maker_of(parent)
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
        f.write_cell(cells.field(f.engine.field_owner(entry.name, name), name), value)
    taint = 0
    if not fields:
        for value, _ in args.every():
            taint |= f.deep(value)
    return Value(taint, types=(entry.name,), objs=(number,))


def computed(f: Frame, method: Routine, base: Value) -> Value:
    """What a property of a value is."""
    return invoke(f, method, [], base)


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
    never = summary.result is None and never_returns(f, routine, summary)
    if summary.idle:
        return NEVER if never else summary.result or UNKNOWN
    visit = instantiate(f, routine, summary, bound)
    for given, order in callbacks(visit):
        apply(f, given[0], given[1], order)
    return NEVER if never else laid_end_to_end(f, routine, args, result(visit))


def laid_end_to_end(f: Frame, routine: Routine, args: Arguments, value: Value) -> Value:
    """`url_path_join(base, name)`: a function that takes any number of parts and says that it joins them."""
    params = routine.function.params
    known = isinstance(shape_of(value)[0], str)
    if not value.taint or known or len(args.values) < PAIR or not params or params[-1].kind != REST:
        return value
    if not any(word in routine.function.name.lower() for word in WORDS.joins):
        return value
    first, later = args.values[0][0], 0
    for given, _ in args.values[1:]:
        later |= f.deep(given)
    parts = (*((f.deep(first),) if first.objs else shape_of(first)), "/", later & value.taint)
    return Value(value.taint, (), (), value.types or TEXT, (), parts, value.facts)


def never_returns(f: Frame, routine: Routine, summary: Summary) -> bool:
    """Every way through it raises, and it neither waits to be iterated nor leaves the work to a subclass."""
    if summary.abstract or "<yield>" in routine.function.locals:
        return False
    name = routine.function.name.rpartition(".")[2]
    return routine.owner is None or not f.engine.program.overrides(routine.owner.name, name)


def bind(f: Frame, routine: Routine, args: Arguments, receiver: Value | None) -> list[Given | None]:
    """Values by parameter; None where nothing was given."""
    params = routine.function.params
    values = list(args.values)
    flags = routine.function.flags
    place = args.receiver[1] if args.receiver is not None else 0
    if routine.owner is not None and routine.function.kind == "method" and not flags & STATIC:
        if flags & CLASS_METHOD:
            values.insert(0, (Value(refs=(routine.owner.name,)), place))
        elif receiver is not None and routine.owner.name not in receiver.refs:
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
    box = Container(
        "map", {k: v for k, (v, _) in values.items()}, more[0] if more else None, -1, more[0].taint if more else 0
    )
    place = next(iter(values.values()))[1] if values else more[1] if more else 0
    return Value(types=("dict",), objs=(f.allocate(box),)), place


def facts_for(f: Frame, routine: Routine, bound: list[Given | None]) -> Context | None:
    """What the callee would like to know about its arguments, if this call knows something."""
    context_sensitive_params = f.engine.context_sensitive_params(routine)
    if not context_sensitive_params:
        return None
    types = f.engine.prepared(routine).types
    out: list[tuple[object, ...] | None] = []
    useful = False
    method_ = routine.owner is not None
    for i, given in enumerate(bound):
        if given is None or i not in context_sensitive_params or (i == 0 and method_):
            out.append(None)
            continue
        value = given[0]
        if not (value.consts or value.types or value.refs or value.facts):
            out.append(None)
            continue
        consts: tuple[object, ...] = ()
        if len(value.consts) == 1 and not value.taint and short(value.consts[0]):
            consts = value.consts
        kinds = tuple(t for t in value.types if t not in PLAIN and t != types[i])
        refs = value.refs if value.bound is None else ()
        marks = tuple(sorted(value.facts & CARRIED)) if value.facts else ()
        if consts or kinds or refs or marks:
            out.append((consts, refs, kinds, marks))
            useful = True
        else:
            out.append(None)
    return tuple(out) if useful else None


def short(value: object) -> bool:
    return small(value) and not (isinstance(value, str) and len(value) > 40)
