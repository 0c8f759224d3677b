"""Applying what the library models say about a name: sources, sanitisers, guards, and what a call gives back.

A row is looked up by the caller; here it meets the values of one call.
"""

from __future__ import annotations

import re
from dataclasses import replace

from buckler.analysis.flow import evaluate, origins
from buckler.analysis.flow.given import Arguments, Given, holds, path_keys, pick, place_inside, reach
from buckler.analysis.flow.marks import HERE, NORMALISED, Tag, mark, told
from buckler.analysis.flow.sinks import meet, shown_raw, spread
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.value import (
    NEVER,
    TEXT,
    UNKNOWN,
    Container,
    Part,
    Value,
    constant,
    join,
    shape_of,
    text,
    with_taint,
)  # fmt: skip
from buckler.analysis.ir.ops import ITEM, Place, key
from buckler.analysis.languages.registry import ATTRIBUTES_ARE_KEYS
from buckler.analysis.libraries.model import Argument, Assign, Misuse
from buckler.analysis.libraries.model import Callable as Row
from buckler.analysis.libraries.model import Value as ValueRow

SOME = 2
"""More possible values than this come from a table: which one it is was somebody's choice, and is theirs to mend."""


def read(f: Frame, row: ValueRow, base: Value, name: str) -> Value:
    """An attribute or global that the library models describe."""
    engine = f.engine
    taint = f.deep(base) if row.flow and not row.source else 0
    if row.source:
        taint |= source(f, row.source, name)
    if row.clears:
        taint &= ~(engine.mask(row.clears) * engine.repeat)
    for misuse in row.misuse:
        f.fact(misuse.rule, misuse.note or name)
    refs = () if row.type or row.source else (name,)
    if row.items:
        box = Container("list", rest=Value(taint, types=(row.items,)))
        return Value(taint, types=(row.type,) if row.type else ("list",), objs=(f.allocate(box),))
    facts = frozenset((*row.facts, mark(Tag.NAME, name))) if row.type else frozenset(row.facts)
    return Value(taint, (), refs, (row.type,) if row.type else (), (), None, facts)


def source(f: Frame, kind: str, name: str) -> int:
    label = ("source", kind, name, f.routine.name, str(f.operation))
    return f.tainted(label, f.engine.source_mask(kind))


def call(f: Frame, row: Row, args: Arguments) -> Value | None:
    """Everything one row says about one call; None when its conditions do not hold."""
    if row.when and not holds(f, row.when, args):
        return None
    for sink in row.sinks:
        if (not sink.when or holds(f, sink.when, args)) and not (sink.unless and holds(f, sink.unless, args)):
            if sink.template is not None:
                shown_raw(f, sink, args)
                continue
            for value, place in reach(f, sink.argument, spread(sink, args)):
                meet(f, sink, value, place, row.name)
    for misuse in row.misuse if not args.chosen else ():
        check(f, misuse, args, row.name)
    for argument in row.writes if args.receiver is not None else ():
        written(f, argument, args)
    ensure_return(f, row, args)
    if row.never:
        return NEVER
    for what, marks in ((True, row.adds), (False, row.drops)):
        if marks and args.receiver is not None:
            set_marks(f, args.receiver, frozenset(marks), what)
    facts = frozenset(marks_of(row, args))
    given = pick(row.value, args) if row.value is not None else []
    return same_value(f, row, given[0][0], facts) if given else new_value(f, row, args, facts)


def ensure_return(f: Frame, row: Row, args: Arguments) -> None:
    """Guards that raise: whoever comes back has been checked."""
    for guard in row.guards:
        if guard.accepts != "return":
            continue
        kinds = f.engine.mask(guard.clears)
        for value, place in pick(guard.argument, args):
            if value.taint and all(n in value.facts for n in guard.needs):
                clear(f, value, kinds, place)
                for same in origins.spellings(f, place) if NORMALISED in guard.needs else ():
                    clear(f, f.get(same), kinds)


def cleared(f: Frame, value: Value, kinds: int) -> Value:
    return with_taint(value, value.taint & ~(kinds * f.engine.repeat)) if kinds and value.taint else value


def same_value(f: Frame, row: Row, value: Value, facts: frozenset[str]) -> Value:
    """The result is an argument itself, perhaps under another type."""
    kept = with_facts(cleared(f, value, f.engine.mask(row.clears)), value.facts | facts)
    if not row.returns:
        return kept
    return Value(kept.taint, kept.consts, (), (row.returns,), kept.objs, kept.shape, kept.facts)


def new_value(f: Frame, row: Row, args: Arguments, facts: frozenset[str]) -> Value:
    """The result as the row composes it: moved taint, text, constants, a source, a type."""
    taint, carried = moved(f, row, args)
    if row.opens is not None:
        taint = kept_in(f, row.opens, args, taint)
    result = Value(taint) if carried is None else carried
    folded = evaluated(row.evaluate, args) if row.evaluate and not row.text else ()
    if row.text:
        result = composed(f, row, args)
    elif folded:
        result = Value(consts=folded, types=TEXT if isinstance(folded[0], str) else ())
    if row.evaluate == "text.replace":
        result = cleared(f, result, removed(f, args))
    if row.evaluate == "text.join" and result.taint:
        result = strung(f, args, result)
    if row.source:
        result = with_taint(result, result.taint | source(f, row.source, row.name))
    result = cleared(f, result, f.engine.mask(row.clears))
    types = (row.returns,) if row.returns else result.types
    if row.items:
        box = Container("list", rest=Value(result.taint, types=(row.items,)))
        return Value(result.taint, types=types or ("list",), objs=(f.allocate(box),), facts=facts)
    if row.returns and not row.text and row.name.rpartition(".")[2][:1].isupper():
        return Value(result.taint, types=types, objs=(f.allocate(Container("object")),), facts=facts)
    if facts or types != result.types:
        return Value(result.taint, result.consts, (), types, (), result.shape, facts)
    return result


def kept_in(f: Frame, named: Argument, args: Arguments, taint: int) -> int:
    """What a file holds is the choice of whoever chooses the file freely, but not of who is kept in a folder."""
    number = 0
    given = sum_of(f, pick(named, args))
    while given:
        kinds, shift = given & f.engine.all, f.engine.width * number
        for name, content in f.engine.rules.content if kinds else ():
            if kinds & name:
                taint |= (kinds & content) << shift
            else:
                taint &= ~(content << shift)
        given >>= f.engine.width
        number += 1
    return taint


def sum_of(f: Frame, given: list[Given]) -> int:
    taint = 0
    for value, _ in given:
        taint |= f.deep(value)
    return taint


def marks_of(row: Row, args: Arguments) -> list[str]:
    """Facts of a row; `name=@0` carries the constant that argument 0 holds, and is left out when there is none."""
    out: list[str] = []
    for fact in row.facts:
        head, at, position = fact.partition("=@")
        if not at:
            out.append(fact)
        elif int(position) < len(args.values) and len(args.values[int(position)][0].consts) == 1:
            out.append(mark(head, args.values[int(position)][0].consts[0]))
    return out


def clear(f: Frame, value: Value, kinds: int, place: Place = -1) -> None:
    """Every local that holds this very value is clean for `kinds` from here on, and what `place` is a form of."""
    origins.clean_same(f, f.env, value, kinds, place)


def with_facts(value: Value, facts: frozenset[str]) -> Value:
    if facts == value.facts:
        return value
    return Value(value.taint, value.consts, value.refs, value.types, value.objs, value.shape, facts, value.bound)


def moved(f: Frame, row: Row, args: Arguments) -> tuple[int, Value | None]:
    """Taint of the result, after moving what goes into receiver or arguments.

    When the result is read from a key whose content is known, that value itself comes back too.
    """
    out = 0
    kept: Value | None = None
    for flow in row.flow:
        given = reach(f, flow.origin, args)
        taint = 0
        for value, _ in given:
            taint |= f.deep(value)
        if row.clears:
            taint &= ~(f.engine.mask(row.clears) * f.engine.repeat)
        if flow.target.result:
            out |= taint
            if flow.origin.path and given:
                kept = given[0][0] if kept is None else join(kept, given[0][0])
        elif flow.target.path:
            for value, _ in pick(flow.target, args):
                what = given[0][0] if given else UNKNOWN
                place_inside(f, value, path_keys(flow.target, args), with_taint(what, taint))
        elif taint:
            for value, place in pick(flow.target, args):
                soak(f, value, place, taint)
    return out, kept


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


def set_marks(f: Frame, given: Given, marks: frozenset[str], on: bool) -> None:
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
    spelled = row.text
    if spelled and not isinstance(spelled[0], str) and any(HERE in v.facts for v, _ in pick(spelled[0], args)):
        spelled = spelled[2:]  # a path seen from where the program was started is what somebody gave
    for part in spelled:
        if isinstance(part, str):
            parts.append(part)
            continue
        for number, (value, _) in enumerate(pick(part, args)):
            if number and parts:
                parts.append("/" if part.start is not None else "")
            parts += shape_of(value) if not value.objs else (f.deep(value),)
            taint |= f.deep(value)
    return with_taint(text(parts), taint) if taint else text(parts)


def strung(f: Frame, args: Arguments, result: Value) -> Value:
    """`sep.join([a, b, *rest])` with the places of its parts, as far as they are known."""
    listed = args.values[0][0] if len(args.values) == 1 and args.receiver is not None else UNKNOWN
    box = f.box(listed.objs[0]) if len(listed.objs) == 1 else None
    if args.receiver is None or box is None or box.kind not in ("list", "tuple") or not box.items:
        return result
    items = [box.items[n] for n in range(len(box.items)) if n in box.items]
    if len(items) < len(box.items) or (box.size < 0 and box.rest is None):
        return result
    parts: list[Part] = []
    for number, item in enumerate([*items, *([box.rest] if box.rest is not None else [])]):
        parts += shape_of(args.receiver[0]) if number else ()
        parts += (f.deep(item),) if item.objs else shape_of(item)
    return with_taint(text(parts), result.taint)


QUOTES = frozenset({"'", '"', "`", "]"})
"""Characters that end a text or a name of SQL, and stand for themselves when doubled."""


def removed(f: Frame, args: Arguments) -> int:
    """Rules that need the text a replacement takes out."""
    if len(args.values) < 2:
        return 0
    old, new = args.values[0][0], args.values[1][0]
    kinds = 0
    if len(old.consts) == 1 and old.consts[0] in QUOTES and new.consts == (str(old.consts[0]) * 2,):
        kinds = f.engine.rules.statement
    needle = old.consts[0] if len(old.consts) == 1 else None
    if isinstance(needle, str) and new.consts and not any(needle in str(c) for c in new.consts):
        kinds |= f.engine.rules.removed.get(needle, 0)
    return kinds


def evaluated(name: str, args: Arguments) -> tuple[object, ...]:
    function = evaluate.FUNCTIONS.get(name)
    given = ([args.receiver] if args.receiver is not None else []) + args.values
    if function is None or args.named or args.rest or any(not v.consts or v.taint for v, _ in given):
        return ()
    return evaluate.apply(function, [v.consts for v, _ in given])


def chosen(f: Frame, value: Value, place: Place) -> bool:
    """One entry of a table, by a key that is not known here."""
    op = origins.definition(f, place)
    looked_up = op is not None and op[0] == ITEM and not f.get(key(op)).consts
    return looked_up or len(value.consts) > SOME or len(value.refs) > SOME


def check(f: Frame, misuse: Misuse, args: Arguments, name: str) -> None:
    if misuse.when and (not holds(f, misuse.when, args) or any(chosen(f, v, p) for v, p in args.every())):
        return
    if misuse.unless and holds(f, misuse.unless, args):
        return
    f.fact(misuse.rule, misuse.note or name)


def written(f: Frame, argument: Argument, args: Arguments) -> None:
    """A call that writes keys of its receiver: each keyword, each entry of a map."""
    assert args.receiver is not None
    entries = list(args.named.items()) if argument.keywords else []
    for value, place in pick(replace(argument, keywords=False), args):
        boxes = [box for number in value.objs if (box := f.box(number)) is not None and box.kind == "map"]
        entries += [(str(key), (held, place)) for box in boxes for key, held in box.items.items()]
    for name, given in entries:
        assigned(f, args.receiver[0], "", (constant(name), given[1]), given)


def assigned(f: Frame, base: Value, name: str, at: Given | None, given: Given) -> None:
    """A write to an attribute, or to the key `at`, that the library models have an opinion about."""
    table = f.engine.libraries[f.language].assigns
    if not table:
        return
    key = at[0] if at is not None else None
    described = tuple(told(base.facts, Tag.NAME))
    for owner in base.types + base.refs + described:
        if f.engine.program.class_(owner) is not None and f.engine.name(f.language, owner) != owner:
            continue  # the framework itself is reviewed: what it keeps in its own objects is no answer yet
        for parent in f.engine.bases(f.language, owner):
            for assign in assign_rows(table, parent, name, key, f.language in ATTRIBUTES_ARE_KEYS):
                write(f, assign, at, given)


def named_global(f: Frame, name: str, src: Place) -> None:
    """A module-level name that means something to a framework when its module is, say, the settings."""
    for assign in f.engine.libraries[f.language].assigns.get(name, ()):
        if assign.module and re.search(assign.module, f.routine.module.name):
            write(f, assign, None, (f.get(src), src))


def assign_rows(table: dict[str, tuple[Assign, ...]], owner: str, name: str, key: Value | None,
                keyed: bool) -> list[Assign]:  # fmt: skip
    if key is None:
        keys = (f"{owner}.{name}", f"{owner}[{name}]", f"{owner}[*]") if keyed else (f"{owner}.{name}",)
        return [assign for k in keys for assign in table.get(k, ())]
    out = list(table.get(f"{owner}[*]", ()))
    if len(key.consts) == 1:
        out += table.get(f"{owner}[{key.consts[0]}]", ())
    return out


def write(f: Frame, assign: Assign, at: Given | None, given: Given) -> None:
    args = Arguments(values=[given], named={"value": given})
    for sink in assign.sinks:
        if (not sink.when or holds(f, sink.when, args)) and not (sink.unless and holds(f, sink.unless, args)):
            meet(f, sink, *given, assign.name)
            if at is not None:
                meet(f, sink, *at, assign.name)
    for misuse in assign.misuse:
        check(f, misuse, args, assign.name)
