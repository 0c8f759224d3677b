"""What the analysis knows about a value, and how knowledge from two paths joins.

Taint is one integer: label number `i` owns the bits from `i * width`, one bit per rule that is still alive for
that label. Joining is `|`, a sanitiser is `&`, and a symbolic parameter is a label like any other. Everything
else is facts beside taint: possible constants, dotted names the value stands for, types it is an instance of,
heap objects it may be, the shape of a text, and marks such as "normalised".

>>> join(Value(consts=("a",)), Value(consts=("b",))).consts
('a', 'b')
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from buckler.analysis.flow import marks

T = TypeVar("T")

MAX_ALTERNATIVES = 8
MAX_PARTS = 24
UNSLASHED = "\1"
"""A part of no length: the text after it does not begin with a slash."""
MAX_TEXT = 4000
MAX_ITEMS = 100
"""Keys of a collection that are known one by one when each is written by itself."""

Part = str | int
"""A literal, or the taint of a hole."""


@dataclass(slots=True)
class Value:
    """Immutable by convention: shared freely, replaced instead of changed."""

    taint: int = 0
    consts: tuple[object, ...] = ()
    """Possible constants; empty means unknown."""
    refs: tuple[str, ...] = ()
    """Dotted names of the function, class or module this is."""
    types: tuple[str, ...] = ()
    """Dotted names of the classes this may be an instance of."""
    objs: tuple[int, ...] = ()
    """Heap objects this may be."""
    shape: tuple[Part, ...] | None = None
    facts: frozenset[str] = frozenset()
    bound: Value | None = None
    """Receiver, when this is a bound method."""


@dataclass(slots=True)
class Container:
    """A list, map or record on the heap; immutable by convention."""

    kind: str
    """list, tuple, set, map, object."""
    items: dict[object, Value] = field(default_factory=dict)
    rest: Value | None = None
    """Join of whatever sits at keys that are not known one by one."""
    size: int = -1
    """Number of items of a sequence whose positions are all known, else -1."""
    keys: int = 0
    """Taint of keys that were not constant."""
    built: bool = False
    """`rest` holds items that were put in one by one beside others, not just what another collection held."""


UNKNOWN = Value()
NEVER = Value(facts=frozenset({marks.NEVER}))
"""The result of a call that does not come back; what joins it with anything else is anything else."""
NOTHING = frozenset[str]()
LIST, MAP, TEXT = ("list",), ("dict",), ("str",)
BUILT_IN = frozenset({"list", "dict", "str", "tuple", "set", "bytes"})
"""Types of which no table says what their items are."""

Heap = dict[int, Container]


def constant(value: object) -> Value:
    return Value(consts=(value,))


def union(left: tuple[T, ...], right: tuple[T, ...]) -> tuple[T, ...]:
    """Both, in order, without repetition; empty when there are too many to be of use."""
    merged = left + tuple(x for x in right if x not in left)
    return merged if len(merged) <= MAX_ALTERNATIVES else ()


def same_constant(left: object, right: object) -> bool:
    return left == right and type(left) is type(right)


def join_constants(left: tuple[object, ...], right: tuple[object, ...]) -> tuple[object, ...]:
    if not left or not right:
        return ()
    merged = left + tuple(x for x in right if not any(same_constant(x, y) for y in left))
    return merged if len(merged) <= MAX_ALTERNATIVES else ()


def join(left: Value, right: Value) -> Value:
    if left is right:
        return left
    consts = left.consts
    if consts != right.consts or consts:
        consts = join_constants(consts, right.consts)
    return Value(
        left.taint | right.taint,
        consts,
        left.refs if left.refs == right.refs else union(left.refs, right.refs),
        left.types if left.types == right.types else union(left.types, right.types),
        left.objs if left.objs == right.objs else union(left.objs, right.objs),
        join_shapes(left, right),
        left.facts if left.facts == right.facts else join_facts(left, right),
        left.bound if left.bound is right.bound else left.bound or right.bound,
    )


def absorb(left: Value, right: Value) -> Value:
    """`join`, but `left` itself when `right` adds nothing to it, which is soon seen as a rule."""
    if (
        left.taint | right.taint == left.taint and left.bound is right.bound
        and (left.consts is right.consts or not (left.consts or right.consts))
        and left.types == right.types and left.refs == right.refs and left.objs == right.objs
        and left.shape == right.shape and left.facts == right.facts
    ):  # fmt: skip
        return left
    joined = join(left, right)
    return left if joined == left else joined


def join_facts(left: Value, right: Value) -> frozenset[str]:
    """Marks that make a value safe must hold on both ways; a value that is no text at all has no say.

    Marks that name a danger are written with a leading `!` and hold when either side has them.
    """
    if left.taint and not right.taint and not right.facts:
        return left.facts
    if right.taint and not left.taint and not left.facts:
        return right.facts
    either = left.facts | right.facts
    return frozenset(f for f in either if (f in left.facts and f in right.facts) or f.startswith("!"))


def shape_of(value: Value) -> tuple[Part, ...]:
    """The shape, made up as one literal or one hole when none was tracked."""
    if value.shape is not None:
        return value.shape
    if len(value.consts) == 1 and isinstance(value.consts[0], str | int | float):
        return (str(value.consts[0])[:MAX_TEXT],)
    if marks.UNSLASHED in value.facts:
        return (UNSLASHED, value.taint)
    return (value.taint,)


def join_shapes(left: Value, right: Value) -> tuple[Part, ...] | None:
    """Common prefix and suffix with one hole between; a constant on one side does not erase the other's shape."""
    if left.shape == right.shape:
        return left.shape
    if left.shape is None and right.shape is None:
        return None
    if left.shape is None and left.consts and not left.taint:
        return right.shape
    if right.shape is None and right.consts and not right.taint:
        return left.shape
    a, b = shape_of(left), shape_of(right)
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    hole = left.taint | right.taint
    return (*a[:head], hole, *(a[len(a) - tail :] if tail else ()))


def text(parts: list[Part]) -> Value:
    """A text from parts, neighbouring literals merged; a constant if nothing is left open."""
    merged: list[Part] = []
    taint = 0
    for part in parts:
        if isinstance(part, int):
            taint |= part
        elif merged and isinstance(merged[-1], str):
            merged[-1] += part
            continue
        elif not part:
            continue
        merged.append(part)
    if not merged:
        return Value(consts=("",), types=TEXT)
    if len(merged) == 1 and isinstance(merged[0], str):
        return Value(consts=(merged[0][:MAX_TEXT],), types=TEXT)
    if len(merged) > MAX_PARTS:  # what is further back counts as one part that may be anything
        merged[MAX_PARTS - 1 :] = [joined_holes(merged[MAX_PARTS - 1 :])]
    return Value(taint=taint, types=TEXT, shape=tuple(merged))


def joined_holes(parts: list[Part]) -> int:
    taint = 0
    for part in parts:
        taint |= part if isinstance(part, int) else 0
    return taint


def with_taint(value: Value, taint: int) -> Value:
    """The same value with other taint; the holes of its shape follow."""
    if value.taint == taint:
        return value
    shape = value.shape
    if shape is not None:
        shape = tuple(p if isinstance(p, str) else p & taint for p in shape)
    return Value(taint, value.consts, value.refs, value.types, value.objs, shape, value.facts, value.bound)


def deep(value: Value, heap: Heap, depth: int = 5) -> int:
    """Taint of the value and of everything it holds, layer by layer: each object once, also one that holds itself."""
    taint = value.taint
    layer: Sequence[int] = value.objs
    seen: set[int] = set()
    while layer and depth:
        below: list[int] = []
        for number in layer:
            box = None if number in seen else heap.get(number)
            seen.add(number)
            if box is not None:
                taint |= box.keys
                for item in box.items.values():
                    taint |= item.taint
                    below += item.objs
                if box.rest is not None:
                    taint |= box.rest.taint
                    below += box.rest.objs
        layer = below
        depth -= 1
    return taint


def join_containers(left: Container, right: Container) -> Container:
    if left is right:
        return left
    items: dict[object, Value] = {}
    for key, item in left.items.items():
        other = right.items.get(key)
        items[key] = item if other is None else join(item, other)
    for key, item in right.items.items():
        items.setdefault(key, item)
    rest = left.rest if right.rest is None else right.rest if left.rest is None else join(left.rest, right.rest)
    size = left.size if left.size == right.size else -1
    built = left.built or right.built
    if size < 0 and left.kind in ("list", "tuple", "set"):
        built = built or len(items) > 1
        for item in items.values():
            rest = item if rest is None else join(rest, item)
        items = {}
    return Container(left.kind, items, rest, size, left.keys | right.keys, built)


def map_taint(value: Value, change: Callable[[int], int]) -> Value:
    """The same value with every label set, holes included, passed through `change`."""
    if not value.taint and value.shape is None and value.bound is None:
        return value
    shape = value.shape
    if shape is not None:
        shape = tuple(p if isinstance(p, str) else change(p) for p in shape)
    bound = map_taint(value.bound, change) if value.bound is not None else None
    return Value(change(value.taint), value.consts, value.refs, value.types, value.objs, shape, value.facts, bound)
