"""What each operation does to the state: one function per operation, found by its code.

Calls, which are most of the work, are in `calls`; containers in `containers`.
"""

from __future__ import annotations

from collections.abc import Callable

from buckler.analysis.flow import calls, cells, containers, members, origins, rows
from buckler.analysis.flow.evaluate import BOTH, COMPARISONS, EITHER, OPERATORS, apply, truth
from buckler.analysis.flow.formatting import percent, shown_taint
from buckler.analysis.flow.marks import FOLDER, HERE, NORMALISED, Tag, mark
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.value import (
    LIST,
    MAP,
    TEXT,
    UNKNOWN,
    Container,
    Part,
    Value,
    join,
    shape_of,
    text,
    with_taint,
)  # fmt: skip
from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import Op
from buckler.analysis.languages.registry import WORDS

TUPLE, SET = ("tuple",), ("set",)
ONE_OF = BOTH | EITHER | {"??"}
"""Operators whose result is one of their two operands."""
NUMBER_ONLY = frozenset({"-", "//", "**", "<<", ">>", "u-", "u+", "u~", "number", "^"})
ADDED_KINDS = {"list": LIST, "tuple": TUPLE, "set": SET, "map": MAP}


def const(f: Frame, op: Op) -> None:
    _, dst, value = op
    f.put(dst, Value(consts=(value,), types=TEXT) if isinstance(value, str) else Value(consts=(value,)))


def copy(f: Frame, op: Op) -> None:
    _, dst, src = op
    f.put(dst, f.get(src))


def name(f: Frame, op: Op) -> None:
    _, dst, text_, owner = op
    if owner < 0:
        f.put(dst, members.global_name(f, text_))
    else:
        home = f.engine.program.of_function[f.routine.module.name, owner]
        f.put(dst, f.read_cell(cells.captured(home.name, text_)))


def put(f: Frame, op: Op) -> None:
    _, text_, owner, src = op
    if owner < 0:
        f.write_cell(cells.variable(f.routine.module.name, text_), f.get(src))
    else:
        home = f.engine.program.of_function[f.routine.module.name, owner]
        f.write_cell(cells.captured(home.name, text_), f.get(src))


def load(f: Frame, op: Op) -> None:
    _, dst, base, attribute = op
    own = members.own_parameter(f, base)
    box = f.heap.get(own) if own is not None else None
    if (box is not None and attribute in box.items) or (
        own is not None and (box := f.heap.get(members.checked(base))) is not None and attribute in box.items
    ):
        f.put(dst, box.items[attribute])
    else:
        f.put(dst, members.load(f, f.get(base), attribute, calls.computed))
    if attribute in WORDS.intersections:
        wanted = containers.constants_of(f, f.get(base))
        f.put(dst, rows.with_facts(f.get(dst), f.get(dst).facts | {mark(Tag.ANY_OF, w) for w in wanted}))


def store(f: Frame, op: Op) -> None:
    _, base, attribute, src = op
    members.store(f, base, attribute, src)


def item(f: Frame, op: Op) -> None:
    _, dst, base, key = op
    value = containers.item(f, f.get(base), f.get(key))
    if value.taint and origins.one_name(f, op):
        value = with_taint(value, value.taint & ~(f.engine.rules.path * f.engine.repeat))
    f.put(dst, containers.one_line(f, f.get(key), value))


def slice_(f: Frame, op: Op) -> None:
    _, dst, base, low, high = op
    bounds = [UNKNOWN if p is None else f.get(p) for p in (low, high)]
    f.put(dst, containers.cut(f, f.get(base), bounds[0], bounds[1], low is None, high is None))


def setkey(f: Frame, op: Op) -> None:
    _, base, key, src = op
    members.store_key(f, base, key, src)


def delkey(f: Frame, op: Op) -> None:
    _, base, key = op
    containers.remove_key(f, f.get(base), f.get(key))


def each(f: Frame, op: Op) -> None:
    _, dst, src = op
    f.put(dst, containers.each(f, f.get(src)))


def calc(f: Frame, op: Op) -> None:
    _, dst, operator, places = op
    values = [f.get(p) for p in places]
    f.put(dst, calculate(f, operator, values))


def calculate(f: Frame, operator: str, values: list[Value]) -> Value:
    if operator in COMPARISONS:
        return compare(f, operator, values)
    if operator in ONE_OF and len(values) == 2:
        return either(operator, values[0], values[1])
    if operator == "shown":
        return Value(shown_taint(f, f.deep(values[0])), types=TEXT)
    if len(values) == 2:
        if operator == "+":
            return plus(f, values[0], values[1])
        if operator == "%" and (values[0].types == TEXT or any(isinstance(c, str) for c in values[0].consts)):
            return percent(f, values[0], values[1])
    consts = fold(operator, values)
    taint = 0
    for value in values:
        taint |= f.deep(value)
    if operator in NUMBER_ONLY:
        taint &= ~(f.engine.text * f.engine.repeat)
    if operator == "/" and len(values) == 2 and not consts and values[0].types:
        return divide(f, values[0], values[1], taint)
    if consts:
        return Value(taint, consts)
    if operator in ("*", "|", "&") and values and (values[0].objs or values[0].types):
        return Value(taint, (), (), values[0].types, values[0].objs + values[-1].objs)
    return Value(taint) if taint else UNKNOWN


def divide(f: Frame, left: Value, right: Value, taint: int) -> Value:
    """`/` on anything but numbers joins paths."""
    if isinstance(right.consts[0] if right.consts else "", int | float):
        return Value(taint)
    result = text([*(() if HERE in left.facts else (*shape_of(left), "/")), *shape_of(right)])
    return Value(taint, result.consts, (), left.types, (), result.shape, left.facts - {NORMALISED})


def compare(f: Frame, operator: str, values: list[Value]) -> Value:
    if operator in ("more", "in", "not in") and values and values[-1].objs and len(values[-1].objs) == 1:
        box = f.box(values[-1].objs[0])
        if operator == "more":
            return UNKNOWN
        if box is not None and box.rest is None and not box.keys and box.kind in ("map", "list", "tuple", "set"):
            return containers.contains(box, operator, values[0])
        return UNKNOWN
    consts = fold(operator, values)
    return Value(consts=consts) if consts else UNKNOWN


def fold(operator: str, values: list[Value]) -> tuple[object, ...]:
    function = OPERATORS.get(operator)
    if function is None or not values or any(not v.consts or v.taint for v in values):
        return ()
    return apply(function, [v.consts for v in values])


def either(operator: str, left: Value, right: Value) -> Value:
    decided = truth(left.consts)
    conjunction = operator in BOTH
    if decided is not None and not left.taint:
        return right if decided is conjunction else left
    if not conjunction and left.consts and not left.taint:
        left = Value(0, tuple(c for c in left.consts if c), left.refs, left.types, left.objs)
    return join(left, right)


def plus(f: Frame, left: Value, right: Value) -> Value:
    if left.objs or right.objs:
        joined = containers.concatenate(f, left, right)
        if joined is not None:
            return joined
    if NORMALISED in left.facts and origins.separates(right):
        whole = text([*piece(f, left), *piece(f, right)])
        return Value(whole.taint, whole.consts, (), TEXT, (), whole.shape, frozenset({NORMALISED, FOLDER}))
    if textual(left) or textual(right):
        return text([*piece(f, left), *piece(f, right)])
    consts = fold("+", [left, right])
    if consts:
        return Value(consts=consts)
    taint = f.deep(left) | f.deep(right)
    if taint and not (left.consts and isinstance(left.consts[0], int | float)):
        result = text([*piece(f, left), *piece(f, right)])
        return Value(taint, (), (), (), (), result.shape)
    return Value(taint) if taint else UNKNOWN


def textual(value: Value) -> bool:
    return value.types == TEXT or value.shape is not None or any(isinstance(c, str) for c in value.consts)


def piece(f: Frame, value: Value) -> tuple[Part, ...]:
    """A value as part of a text; alternatives that differ are a hole."""
    if value.objs and value.shape is None:
        return (f.deep(value),)
    return shape_of(value)


def text_(f: Frame, op: Op) -> None:
    _, dst, spelled = op
    parts: list[Part] = []
    for part in spelled:
        if isinstance(part, str):
            parts.append(part)
        else:
            parts += piece(f, f.get(part))
    f.put(dst, text(parts))


def build(f: Frame, op: Op) -> None:
    _, dst, kind, items = op
    loose = kind.endswith("*")
    kind = kind.rstrip("*")
    box = Container(kind, size=0)
    if kind == "map":
        build_map(f, box, items, loose)
    else:
        build_sequence(f, box, items, loose)
        containers.settle_options(f, box)
    number = f.allocate(box)
    f.put(dst, Value(types=ADDED_KINDS.get(kind, ()), objs=(number,)))


def build_map(f: Frame, box: Container, items: tuple[tuple[int, ...], ...], loose: bool) -> None:
    box.size = -1
    for pair in items:
        if len(pair) == 1:
            containers.absorb(f, box, f.get(pair[0]))
            continue
        key, value = f.get(pair[0]), f.get(pair[1])
        if len(key.consts) == 1 and not loose and hashable(key.consts[0]):
            box.items[key.consts[0]] = value
        else:
            box.keys |= f.deep(key)
            box.rest = value if box.rest is None else join(box.rest, value)


def hashable(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def build_sequence(f: Frame, box: Container, items: tuple[object, ...], loose: bool) -> None:
    for number, place in enumerate(items):
        if isinstance(place, tuple):
            spread = f.get(place[0])
            inner = f.box(spread.objs[0]) if len(spread.objs) == 1 else None
            if inner is not None and inner.size >= 0 and box.size >= 0 and not loose:
                for n in range(inner.size):
                    box.items[box.size + n] = inner.items[n]
                box.size += inner.size
            else:
                later(box, containers.each(f, spread), loose)
        else:
            assert isinstance(place, int)
            if loose or box.size < 0 or number > 64:
                later(box, f.get(place), loose)
            else:
                box.items[box.size] = f.get(place)
                box.size += 1
    if loose:
        box.size = -1


def later(box: Container, value: Value, loose: bool) -> None:
    """Put a value somewhere behind the items whose places are known; in a loose collection no place is."""
    if loose:
        containers.loosen(box, value)
    box.size, box.built = -1, True
    box.rest = value if box.rest is None else join(box.rest, value)


def function(f: Frame, op: Op) -> None:
    _, dst, index, defaults = op
    routine = f.engine.program.of_function[f.routine.module.name, index]
    for position, place in defaults:
        value = f.get(place)
        if value.consts or value.types or value.facts or value.refs or value.objs:
            f.engine.write_cell(cells.default(routine.name, position), value, f.heap)
    f.put(dst, Value(refs=(routine.name,)))


def class_(f: Frame, op: Op) -> None:
    _, dst, index, _ = op
    entry = f.engine.program.of_class[f.routine.module.name, index]
    f.put(dst, Value(refs=(entry.name,)))


def import_(f: Frame, op: Op) -> None:
    _, dst, module, member = op
    f.put(dst, members.dotted(f, f"{module}.{member}" if member else module))


def opaque(f: Frame, op: Op) -> None:
    _, dst, _, children = op
    taint = 0
    for place in children:
        taint |= f.deep(f.get(place))
    f.put(dst, Value(taint) if taint else UNKNOWN)


HANDLERS: list[Callable[[Frame, Op], None]] = [opaque] * 20
HANDLERS[ir.CONST] = const
HANDLERS[ir.COPY] = copy
HANDLERS[ir.NAME] = name
HANDLERS[ir.PUT] = put
HANDLERS[ir.LOAD] = load
HANDLERS[ir.STORE] = store
HANDLERS[ir.ITEM] = item
HANDLERS[ir.SLICE] = slice_
HANDLERS[ir.SETKEY] = setkey
HANDLERS[ir.DELKEY] = delkey
HANDLERS[ir.EACH] = each
HANDLERS[ir.CALC] = calc
HANDLERS[ir.TEXT] = text_
HANDLERS[ir.BUILD] = build
HANDLERS[ir.CALL] = calls.call
HANDLERS[ir.METHOD] = calls.method
HANDLERS[ir.FUNC] = function
HANDLERS[ir.CLASS] = class_
HANDLERS[ir.IMPORT] = import_
HANDLERS[ir.OPAQUE] = opaque
