"""What a call is given: which of its values a row speaks of, and whether a row's conditions hold for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.value import TEXT, UNKNOWN, Container, Value, join
from buckler.analysis.ir.ops import Place
from buckler.analysis.libraries.model import Argument, Conditions, Wanted

Given = tuple[Value, Place]

EACH = "*"
"""In place of a key: each item."""


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
    chosen: bool = False
    """Which function is called was looked up in a table."""

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


def reach(f: Frame, argument: Argument, args: Arguments) -> list[Given]:
    """Like `pick`, and on through the keys of the argument's path."""
    found = pick(argument, args)
    if not argument.path:
        return found
    keys = path_keys(argument, args)
    return [(held, place) for value, place in found for held in all_inside(f, value, keys)]


def path_keys(argument: Argument, args: Arguments) -> list[object]:
    """Keys to follow; None for one that is not constant here."""
    out: list[object] = []
    for key in argument.path:
        if key.startswith("@"):
            position = int(key[1:])
            value = args.values[position][0] if position < len(args.values) else UNKNOWN
            out.append(value.consts[0] if len(value.consts) == 1 else None)
        else:
            out.append(key)
    return out


def all_inside(f: Frame, value: Value, keys: list[object]) -> list[Value]:
    """What sits at the end of the keys, of which `*` leads to every item of a list."""
    if EACH not in keys:
        return [inside(f, value, keys)]
    at = keys.index(EACH)
    out: list[Value] = []
    for number in inside(f, value, keys[:at]).objs:
        box = f.box(number)
        items = [] if box is None else [*box.items.values(), *([] if box.rest is None else [box.rest])]
        out += (held for item in items for held in all_inside(f, item, keys[at + 1 :]))
    return out


def inside(f: Frame, value: Value, keys: list[object]) -> Value:
    """What sits at the end of the keys; everything below where a key is unknown."""
    for wanted in keys:
        key = wanted
        found: Value | None = None
        for number in value.objs:
            box = f.box(number)
            if box is None:
                continue
            if key not in box.items and isinstance(key, str) and key.isdigit():
                key = int(key)
            held = everything(box) if key is None else box.items.get(key, box.rest or UNKNOWN)
            found = held if found is None else join(found, held)
        if found is None:
            plain = value.refs or value.shape is not None or value.types == TEXT
            return UNKNOWN if plain else Value(f.deep(value))
        value = found if not value.taint else join(found, Value(value.taint))
    return value


def everything(box: Container) -> Value:
    found = box.rest or UNKNOWN
    for held in box.items.values():
        found = join(found, held)
    return found


def place_inside(f: Frame, value: Value, keys: list[object], what: Value) -> None:
    """Put a value at the end of the keys, making the objects between as needed."""
    for number in value.objs:
        if number < 0:
            continue
        box = f.heap.get(number) or Container("object")
        key = keys[0]
        if key is None:
            rest = what if box.rest is None else join(box.rest, what)
            f.heap[number] = Container(box.kind, box.items, rest, box.size, box.keys)
            continue
        items = dict(box.items)
        if len(keys) == 1:
            items[key] = what
        else:
            held = items.get(key)
            if held is None or not held.objs:
                held = items[key] = Value(objs=(f.allocate(Container("object")),))
            place_inside(f, held, keys[1:], what)
        f.heap[number] = Container(box.kind, items, box.rest, box.size, box.keys)


def holds(f: Frame, conditions: Conditions, args: Arguments) -> bool:
    for condition in conditions:
        for wanted in condition.wanted:
            if satisfied(f, condition.argument, wanted, args):
                break
        else:
            return False
    return True


def satisfied(f: Frame, argument: Argument, wanted: Wanted, args: Arguments) -> bool:
    found = reach(f, argument, args)
    if wanted.test == "absent":
        spread = args.more is not None and bool(argument.names)
        return (not found or (bool(argument.path) and all(v is UNKNOWN for v, _ in found))) and not spread
    if wanted.test == "nofact":
        return not any(wanted.operand in v.facts for v, _ in found)
    if wanted.test == "nolead":
        return not any(leads(f, v, wanted.operand) for v, _ in found)
    if wanted.test == "dynamic" and argument.path:  # a key that is not there is no choice of somebody else
        found = [given for given in found if given[0] is not UNKNOWN]
    return any(TESTS[wanted.test](f, value, wanted.operand) for value, _ in found)


def is_equal(f: Frame, value: Value, operand: object) -> bool:
    return any(c == operand and isinstance(c, bool) == isinstance(operand, bool) for c in value.consts)


def is_type(f: Frame, value: Value, operand: object) -> bool:
    wanted = str(operand)
    names = value.refs + value.types
    return any(wanted in f.engine.bases(f.language, n) or wanted in lineage(f, n) for n in names)


def lineage(f: Frame, name: str) -> list[str]:
    if f.engine.program.class_(name) is None:
        return []
    return [e if isinstance(e, str) else e.name for e in f.engine.program.line(name)]


def is_list(f: Frame, value: Value, operand: object) -> bool:
    if any(t in ("list", "tuple", "array") for t in value.types):
        return True
    boxes = [f.box(n) for n in value.objs]
    return any(b is not None and b.kind in ("list", "tuple") for b in boxes)


def matches(f: Frame, value: Value, operand: object) -> bool:
    return any(isinstance(c, str) and re.search(str(operand), c) for c in value.consts)


def leads(f: Frame, value: Value, operand: object) -> bool:
    """A text that begins with exactly this, then something unknown."""
    shape = value.shape or ()
    return len(shape) > 1 and shape[0] == operand


def is_below(f: Frame, value: Value, operand: object) -> bool:
    return any(isinstance(c, int) and not isinstance(c, bool) and c < float(str(operand)) for c in value.consts)


def is_number(f: Frame, value: Value, operand: object) -> bool:
    """Untrusted, and nothing of a free text is left in it."""
    taint = f.deep(value)
    return bool(taint) and not taint & (f.engine.text * f.engine.repeat)


TESTS: dict[str, Callable[[Frame, Value, object], bool]] = {
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
    "lead": leads,
    "none": lambda f, v, o: None in v.consts,
    "tainted": lambda f, v, o: bool(f.deep(v)),
    "number": is_number,
}
