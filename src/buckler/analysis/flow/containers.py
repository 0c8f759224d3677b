"""Lists, maps and records on the heap: reading, writing, and their well-known methods.

Positions of a list are exact while its length is known; after that everything is in `rest`. Boxes are replaced,
never changed, because states share them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from buckler.analysis.flow.options import begins_fixed, value_of_option
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.value import (
    BUILT_IN,
    LIST,
    MAX_ITEMS,
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
from buckler.analysis.languages.registry import WORDS
from buckler.analysis.languages.shells import END_OF_OPTIONS


def item(f: Frame, base: Value, key: Value) -> Value:
    """`base[key]`"""
    if not base.objs:
        if len(base.consts) == 1 and len(key.consts) == 1:
            try:
                picked = base.consts[0][key.consts[0]]  # type: ignore[index]
                return Value(consts=(picked,)) if isinstance(picked, str | int | float) else UNKNOWN
            except (TypeError, IndexError, KeyError):
                return UNKNOWN
        return inner(f, base)
    found: Value | None = None
    for number in base.objs:
        box = f.box(number)
        value = Value(base.taint) if box is None else from_box(box, key)
        if box is not None and base.taint:
            value = join(value, Value(base.taint))
        found = value if found is None else join(found, value)
    return inner(f, base) if found is None or found is UNKNOWN else found


def one_line(f: Frame, key: Value, value: Value) -> Value:
    """`environ["HTTP_REFERER"]`: by the name CGI gives it this is a field of a header, and a field is one line."""
    if not value.taint or not key.consts or not all(map(names_header, key.consts)):
        return value
    return with_taint(value, value.taint & ~(f.engine.rules.one_line * f.engine.repeat))


def names_header(key: object) -> bool:
    return isinstance(key, str) and key.startswith(WORDS.header_keys)


def inner(f: Frame, base: Value) -> Value:
    """An item of something that is no container made here; its type may say what items are."""
    kinds = (f.engine.inner_type(f.language, kind, "items") for kind in base.types if kind not in BUILT_IN)
    types = tuple(kind for kind in kinds if kind)
    return Value(base.taint, types=types) if base.taint or types else UNKNOWN


def from_box(box: Container, key: Value) -> Value:
    if len(key.consts) == 1:
        wanted = key.consts[0]
        if isinstance(wanted, int) and not isinstance(wanted, bool) and wanted < 0 and box.size >= 0:
            wanted += box.size
        try:
            found = box.items.get(wanted)
        except TypeError:
            found = None
        if found is not None:
            return found
        return box.rest if box.rest is not None else (Value(box.keys) if box.keys else UNKNOWN)
    return everything(box)


def everything(box: Container) -> Value:
    found = box.rest
    for value in box.items.values():
        found = value if found is None else join(found, value)
    return found or UNKNOWN


def each(f: Frame, base: Value) -> Value:
    """One element while iterating."""
    if not base.objs:
        if base.consts and not base.taint:
            return UNKNOWN
        return inner(f, base)
    found: Value | None = None
    for number in base.objs:
        box = f.box(number)
        if box is None:
            value = Value(base.taint)
        elif box.kind == "map":
            keys = tuple(box.items) if not box.keys and box.rest is None and len(box.items) <= 8 else ()
            value = Value(box.keys | base.taint, keys)
        else:
            value = everything(box)
            if base.taint:
                value = join(value, Value(base.taint))
        found = value if found is None else join(found, value)
    return found or UNKNOWN


def cut(f: Frame, base: Value, low: Value, high: Value, from_start: bool, to_end: bool) -> Value:
    """`base[low:high]`"""
    start = 0 if from_start else low.consts[0] if len(low.consts) == 1 else None
    stop = None if to_end else high.consts[0] if len(high.consts) == 1 else "?"
    exact = isinstance(start, int) and (stop is None or isinstance(stop, int))
    if len(base.objs) == 1:
        box = f.box(base.objs[0])
        if box is not None and box.size >= 0 and exact:
            kept = [box.items[n] for n in range(box.size)][start:stop]  # type: ignore[index]
            return Value(
                types=base.types, objs=(f.allocate(Container(box.kind, dict(enumerate(kept)), None, len(kept))),)
            )
        return Value(base.taint, types=base.types, objs=base.objs)
    if exact and base.consts and all(isinstance(c, str) for c in base.consts):
        return Value(consts=tuple(dict.fromkeys(c[start:stop] for c in base.consts)), types=TEXT)  # type: ignore[index]
    if exact and base.shape is not None and base.taint:
        return cut_shape(base, start, stop)  # type: ignore[arg-type]
    return Value(base.taint, types=base.types)


def cut_shape(base: Value, start: int, stop: int | None) -> Value:
    """Slice a text by positions that lie in its literal head and tail."""
    parts: list[Part] = list(shape_of(base))
    if start > 0:
        head = parts[0]
        if not isinstance(head, str) or len(head) < start:
            return Value(base.taint, types=TEXT)
        parts[0] = head[start:]
    if stop is not None:
        if stop >= 0:
            head = parts[0]
            if isinstance(head, str) and stop <= start + len(head):
                return text([head[: stop - max(start, 0)]])
            return Value(base.taint, types=TEXT)
        tail = parts[-1]
        if not isinstance(tail, str) or len(tail) < -stop:
            return Value(base.taint, types=TEXT)
        parts[-1] = tail[:stop]
    return text(parts)


def contains(box: Container, operator: str, key: Value) -> Value:
    """`key in box` when everything in the box is known."""
    if len(key.consts) != 1 or key.taint:
        return UNKNOWN
    if box.kind == "map":
        known: list[object] = list(box.items)
    else:
        known = []
        for value in box.items.values():
            if len(value.consts) != 1 or value.taint:
                return UNKNOWN
            known.append(value.consts[0])
        if box.size < 0:
            return UNKNOWN
    return constant((key.consts[0] in known) is (operator == "in"))


def loosen(box: Container, value: Value) -> None:
    """Forget positions of a box being built and let `value` be anywhere in it."""
    for known in box.items.values():
        box.rest = known if box.rest is None else join(box.rest, known)
        box.built = True
    box.items = {}
    box.size = -1
    box.rest = value if box.rest is None else join(box.rest, value)


def absorb(f: Frame, box: Container, other: Value) -> None:
    """Put every entry of another map into a box being built."""
    inner = f.box(other.objs[0]) if len(other.objs) == 1 else None
    if inner is None or inner.kind != "map":
        taint = f.deep(other)
        if taint:
            box.keys |= taint
            box.rest = Value(taint) if box.rest is None else join(box.rest, Value(taint))
        return
    box.items.update(inner.items)
    box.keys |= inner.keys
    if inner.rest is not None:
        box.rest = inner.rest if box.rest is None else join(box.rest, inner.rest)


def concatenate(f: Frame, left: Value, right: Value) -> Value | None:
    """Two sequences one after the other; None if neither is known to be one."""
    right = behind_options(f, right)
    boxes = [f.box(v.objs[0]) if len(v.objs) == 1 else None for v in (left, right)]
    if any(b is not None and b.kind not in ("list", "tuple") for b in boxes):
        return None
    a, b = boxes
    if a is not None and b is not None and a.size >= 0 and b.size >= 0:
        items = dict(a.items)
        items.update({a.size + n: b.items[n] for n in range(b.size)})
        return Value(types=left.types, objs=(f.allocate(Container(a.kind, items, None, a.size + b.size)),))
    if a is None and b is None and not (sequence(f, left) or sequence(f, right)):
        return None
    if a is not None and a.size >= 0:
        return Value(types=LIST, objs=(f.allocate(Container("list", dict(a.items), each(f, right), -1)),))
    box = Container("list", built=any(b is not None and (b.built or b.items) for b in boxes))
    loosen(box, join(each(f, left), each(f, right)))
    return Value(types=LIST, objs=(f.allocate(box),))


def constants_of(f: Frame, base: Value) -> list[str]:
    """The texts in a set or list that holds nothing but constants."""
    box = f.box(base.objs[0]) if len(base.objs) == 1 else None
    if box is None or (box.rest is not None and not box.rest.consts):
        return []
    items = [*box.items.values(), *([box.rest] if box.rest is not None else [])]
    return [c for item in items for c in item.consts if isinstance(c, str)] if all(i.consts for i in items) else []


def sequence(f: Frame, value: Value) -> bool:
    """Whichever of several it is, it is a list or tuple."""
    boxes = [f.box(number) for number in value.objs]
    return bool(boxes) and all(b is not None and b.kind in ("list", "tuple") for b in boxes)


def write_key(f: Frame, base: Value, key: Value, value: Value) -> None:
    """`base[key] = value` on every box the base may be; certain only when it is one box."""
    for number in base.objs:
        box = f.box(number)
        kind = box.kind if box is not None else "map"
        known = box or Container(kind)
        certain = len(base.objs) == 1
        wanted = key.consts[0] if len(key.consts) == 1 else None
        full = len(known.items) >= MAX_ITEMS and wanted not in known.items
        if wanted is not None and isinstance(wanted, str | int | float | bool) and not full:
            if isinstance(wanted, int) and wanted < 0 <= known.size:
                wanted += known.size
            items = dict(known.items)
            before = items.get(wanted)
            items[wanted] = value if certain or before is None else join(before, value)
            fresh = Container(kind, items, known.rest, known.size, known.keys)
        else:
            rest = value if known.rest is None else join(known.rest, value)
            fresh = Container(kind, known.items, rest, known.size, known.keys | f.deep(key))
        if number >= 0:
            f.heap[number] = fresh


def remove_key(f: Frame, base: Value, key: Value) -> None:
    if len(base.objs) != 1 or len(key.consts) != 1:
        return
    box = f.box(base.objs[0])
    if box is None or base.objs[0] < 0:
        return
    if box.size >= 0 and isinstance(key.consts[0], int):
        items = [box.items[n] for n in range(box.size)]
        try:
            del items[key.consts[0]]
        except IndexError:
            return
        f.heap[base.objs[0]] = Container(box.kind, dict(enumerate(items)), box.rest, len(items), box.keys)
    elif box.kind == "map" and isinstance(key.consts[0], str | int):
        kept = {k: v for k, v in box.items.items() if k != key.consts[0]}
        f.heap[base.objs[0]] = Container(box.kind, kept, box.rest, box.size, box.keys)


# ---- methods, by the names languages give them

Method = Callable[[Frame, Value, Container, list[Value]], "Value | None"]


def replace(f: Frame, base: Value, box: Container, items: list[Value]) -> None:
    """A sequence with these items, or their join when the base may be several boxes."""
    for number in base.objs:
        if number < 0:
            continue
        if len(base.objs) == 1:
            f.heap[number] = Container(box.kind, dict(enumerate(items)), None, len(items))
        else:
            fresh = Container(box.kind, {}, box.rest, -1, box.keys)
            for value in [*box.items.values(), *items]:
                loosen(fresh, value)
            f.heap[number] = fresh


def pour(f: Frame, base: Value, value: Value) -> None:
    """Let `value` be anywhere in every box of the base."""
    for number in base.objs:
        box = f.box(number)
        known = box or Container("list")
        if known.kind in ("map", "object"):
            rest = value if known.rest is None else join(known.rest, value)
            fresh = Container(known.kind, known.items, rest, known.size, known.keys)
        else:
            fresh = Container(known.kind, dict(known.items), known.rest, known.size, known.keys, known.built)
            loosen(fresh, value)
        if number >= 0:
            f.heap[number] = fresh


def append(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    if box.size >= 0 and len(args) == 1 and box.size < 64 and len(base.objs) == 1:
        replace(f, base, box, [*(box.items[n] for n in range(box.size)), args[0]])
    else:
        for arg in args:
            pour(f, base, arg)
    return UNKNOWN


def insert(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    at = args[0].consts[0] if args and len(args[0].consts) == 1 else None
    if box.size >= 0 and isinstance(at, int) and len(args) == 2:
        items = [box.items[n] for n in range(box.size)]
        items.insert(at, args[1])
        replace(f, base, box, items)
    elif len(args) == 2:
        pour(f, base, args[1])
    return UNKNOWN


def settle_options(f: Frame, box: Container) -> None:
    """A list written out says of itself which values belong to an option; later nobody may know their places."""
    mask = ~(f.engine.rules.argument * f.engine.repeat)
    for n in range(1, box.size):
        if box.items[n].taint and value_of_option(box, n):
            box.items[n] = with_taint(box.items[n], box.items[n].taint & mask)


def behind_options(f: Frame, value: Value) -> Value:
    """A list of arguments in which what cannot be an option, as behind a `--`, is marked so."""
    box = f.box(value.objs[0]) if len(value.objs) == 1 else None
    if box is None or box.size < 1:
        return value
    end = next((n for n in range(box.size) if box.items[n].consts == (END_OF_OPTIONS,)), box.size)
    mask = ~(f.engine.rules.argument * f.engine.repeat)
    items: dict[object, Value] = {}
    for n in range(box.size):
        item = box.items[n]
        free = n > end or value_of_option(box, n) or begins_fixed(item)
        items[n] = with_taint(item, item.taint & mask) if free else item
    return Value(value.taint, types=value.types, objs=(f.allocate(Container(box.kind, items, None, box.size)),))


def unshift(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    return insert(f, base, box, [constant(0), args[0]]) if len(args) == 1 else append(f, base, box, args)


def extend(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    if args:
        args = [behind_options(f, args[0])]
        joined = concatenate(f, base, args[0])
        inner = f.heap.get(joined.objs[0]) if joined is not None and len(base.objs) == 1 else None
        if inner is not None and base.objs[0] >= 0:
            f.heap[base.objs[0]] = inner
        else:
            pour(f, base, each(f, args[0]))
    return UNKNOWN


def pop(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    if box.kind == "map":
        found = get(f, base, box, args)
        if args:
            remove_key(f, base, args[0])
        return found
    at = -1 if not args else args[0].consts[0] if len(args[0].consts) == 1 else None
    if box.size >= 0 and isinstance(at, int):
        items = [box.items[n] for n in range(box.size)]
        try:
            found = items.pop(at)
        except IndexError:
            return UNKNOWN
        replace(f, base, box, items)
        return found
    return everything(box)


def shift(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    return pop(f, base, box, [constant(0)])


def remove(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    """By value: exact only when the value and everything before it are constants."""
    if box.size >= 0 and args and len(args[0].consts) == 1:
        for n in range(box.size):
            known = box.items[n]
            if known.consts == args[0].consts and not known.taint:
                items = [box.items[m] for m in range(box.size) if m != n]
                replace(f, base, box, items)
                return UNKNOWN
            if known.taint or len(known.consts) != 1:
                break
        pour(f, base, everything(box))
    return UNKNOWN


def get(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    if box.kind not in ("map", "object") or not args:
        return None
    found = from_box(box, args[0])
    key = args[0].consts[0] if len(args[0].consts) == 1 else None
    missing = found is UNKNOWN and box.rest is None and key is not None and key not in box.items
    if len(args) > 1:
        found = args[1] if missing else found if isinstance(key, str) and key in box.items else join(found, args[1])
    return found


def setdefault(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    found = get(f, base, box, args)
    if len(args) == 2 and box.kind == "map":
        key = args[0].consts[0] if len(args[0].consts) == 1 else None
        if key is None or key not in box.items:
            write_key(f, base, args[0], args[1])
    return found


def update(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    if len(args) == 1 and len(base.objs) == 1 and base.objs[0] >= 0 and box.kind == "map":
        fresh = Container("map", dict(box.items), box.rest, box.size, box.keys)
        absorb(f, fresh, args[0])
        f.heap[base.objs[0]] = fresh
    else:
        for arg in args:
            pour(f, base, each(f, arg))
    return UNKNOWN


def values(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    if box.kind != "map":
        return None
    return Value(types=LIST, objs=(f.allocate(Container("list", {}, everything(box))),))


def keys(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    if box.kind != "map":
        return None
    return Value(types=LIST, objs=(f.allocate(Container("list", {}, each(f, base))),))


def items(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    if box.kind != "map":
        return None
    pair = Container("tuple", {0: each(f, base), 1: everything(box)}, None, 2)
    one = Value(types=("tuple",), objs=(f.allocate(pair),))
    return Value(types=LIST, objs=(f.allocate(Container("list", {}, one)),))


def duplicate(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    return Value(base.taint, types=base.types, objs=(f.allocate(box),))


def clear(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    for number in base.objs:
        if number >= 0 and len(base.objs) == 1:
            f.heap[number] = Container(box.kind, size=-1 if box.kind == "map" else 0)
    return UNKNOWN


def same(f: Frame, base: Value, box: Container, args: list[Value]) -> Value | None:
    return UNKNOWN


ACTIONS: Mapping[str, Method] = {
    action.__name__: action
    for action in (append, unshift, insert, extend, pop, shift, remove, get, setdefault, update, values, keys, items,
                   duplicate, clear, same)
}  # fmt: skip
METHODS = {name: ACTIONS[action] for name, action in WORDS.collection_methods.items()}
