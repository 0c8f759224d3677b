"""Where a value came from: back over the operations that made it, as far as they only changed its form.

A check of one form of a path, an address or a parameter says something about the other forms too.

    >>> sorted(WORDS.forms & {"normpath", "unquote", "basename"})  # a base name says nothing of folders
    ['normpath', 'unquote']
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.flow.evaluate import EITHER
from buckler.analysis.flow.marks import SEPARATOR
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.value import UNKNOWN, Value, with_taint
from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import CALC, CALL, CONST, COPY, EACH, ITEM, LOAD, METHOD, SLICE, Op, Place
from buckler.analysis.languages.registry import WORDS

WHOLE = EITHER | {"+", "??"}
"""Operators whose result holds the whole of an operand."""
MAX_WAYS = 8
"""Places where a variable is set that are looked at one by one; of one set more often nothing is known."""


def definition(f: Frame, place: Place) -> Op | None:
    """The operation that made a place, through copies."""
    op = f.prepared.defs.get(place)
    for _ in range(4):
        if op is None or op[0] != COPY:
            return op
        op = f.prepared.defs.get(ir.copied(op))
    return op


def spellings(f: Frame, place: Place) -> Iterator[Place]:
    """A path and what it was normalised and joined from: all name the same file."""
    yield from spelled(f, place, 5, {})


def spelled(f: Frame, place: Place, depth: int, known: dict[tuple[Place, int], list[Place]]) -> list[Place]:
    """The same so many steps back; `known` are places that have been looked at."""
    done = known.get((place, depth))
    if done is None:
        done = known[place, depth] = list(dict.fromkeys(spelled_here(f, place, depth, known)))
    return done


def spelled_here(f: Frame, place: Place, depth: int, known: dict[tuple[Place, int], list[Place]]) -> Iterator[Place]:
    yield place
    op = definition(f, place)
    if op is None and depth and place in f.prepared.writes and place >= len(f.function.params):
        written = f.prepared.writes[place]
        copies = [ir.copied(w) for w in written if w[0] == COPY] if len(written) <= MAX_WAYS else []
        ways = [spelled(f, source, depth - 1, known) for source in copies]
        yield from sorted(set(ways[0]).intersection(*ways[1:])) if ways else ()
    if op is not None and depth and op[0] == CALC:
        operator, terms = ir.operator(op), ir.terms(op)
        added = operator == "+" and separates(f.get(terms[1]))
        for part in terms[:1] if added else terms if operator == "/" else ():
            yield from spelled(f, part, depth - 1, known)
    if op is None or not depth or op[0] not in (CALL, METHOD):
        return
    if called(f, op) in WORDS.normalizers:
        for source in [*ir.given(op), *([ir.callee(op)] if op[0] == METHOD else [])]:
            yield from spelled(f, source, depth - 1, known)


def called(f: Frame, op: Op) -> str:
    """The last name of what a CALL or METHOD calls."""
    return ir.member(op) if op[0] == METHOD else "".join(f.get(ir.callee(op)).refs).rpartition(".")[2]


def separates(value: Value) -> bool:
    """What stands between two folders of a path."""
    return value.consts in (("/",), ("\\",)) or SEPARATOR in value.facts


def one_name(f: Frame, op: Op) -> bool:
    """`path.split("/")[-1]` is one name, as `basename(path)` is."""
    made = definition(f, ir.base(op))
    by = ir.first(made) if made is not None and made[0] == METHOD else None
    if made is None or by is None or not separates(f.get(by)):
        return False
    name, at = ir.member(made), f.get(ir.key(op)).consts
    if name not in WORDS.pieces or len(at) != 1 or not isinstance(at[0], int):
        return False
    args, named = ir.arguments(made)
    return at[0] in WORDS.pieces[name] or (name in WORDS.every_piece and len(args) == 1 and not named)


def rewritten(f: Frame, place: Place) -> bool:
    """A parameter that so far was only brought into another form: what is shown of the form holds for the original."""
    ways = f.prepared.writes[place]
    return len(ways) <= MAX_WAYS and all(leads_back(f, ir.copied(w), place, 6) for w in ways if w[0] == COPY)


def leads_back(f: Frame, here: Place, origin: Place, depth: int) -> bool:
    """What `here` was made from is `origin`, nothing left out."""
    if here == origin or (here < 0 and f.temps[here] is UNKNOWN):  # the latter has not happened yet
        return True
    op = definition(f, here)
    if op is None or not depth:
        return False
    if op[0] == CONST:
        return True
    return any(f.get(a).taint and leads_back(f, a, origin, depth - 1) for a in whole_of(f, op))


def whole_of(f: Frame, op: Op) -> tuple[Place, ...]:
    """The places of which an operation keeps the whole text."""
    code = op[0]
    if code == METHOD and ir.member(op) in WORDS.forms:
        return (ir.callee(op), *ir.given(op))
    if code == CALL and any(r.rpartition(".")[2] in WORDS.forms for r in f.get(ir.callee(op)).refs):
        return tuple(ir.given(op))
    if code == CALC and ir.operator(op) in WHOLE:
        return ir.terms(op)
    return ()


def clean_same(f: Frame, env: list[Value | None], value: Value, kinds: int, place: Place) -> Value:
    """The value without `kinds`, put wherever this very value was; `place` is where it was looked at."""
    fresh = with_taint(value, value.taint & ~(kinds * f.engine.repeat))
    for i, known in enumerate(env):
        if known is value:
            env[i] = fresh
    shadow = f.prepared.shadows.get(place, 0)
    given = env[shadow] if shadow else None
    if given is not None and given.taint and rewritten(f, place):
        env[shadow] = with_taint(given, given.taint & ~(kinds * f.engine.repeat))
    return fresh


def host_of(f: Frame, place: Place) -> Place | None:
    """The address whose host this is."""
    op = definition(f, place)
    if op is not None and op[0] == LOAD and ir.attribute(op) in WORDS.host_parts:
        return ir.base(op)
    return ir.callee(op) if op is not None and op[0] == METHOD and ir.member(op) in WORDS.host_calls else None


def roots(f: Frame, place: Place, *, items: bool = False) -> Iterator[Place]:
    """What a parsed or derived value was made from, back to named values; with `items` also what it is one of."""
    for _ in range(12 if items else 5):
        yield place
        op = definition(f, place)
        if op is None:
            return
        if op[0] in (LOAD, ITEM, SLICE):
            place = ir.base(op)
        elif op[0] == EACH and items:
            place = ir.copied(op)
        elif op[0] == METHOD and f.get(ir.callee(op)).taint:
            place = ir.callee(op)
        elif op[0] in (CALL, METHOD):
            args = ir.given(op)
            joined = len(args) == 2 and not WORDS.address_joins.isdisjoint(f.get(ir.callee(op)).refs[:1])
            told = [args[1]] if joined else [a for a in args if f.get(a).taint] or args
            if not told:
                return
            place = told[0]
        else:
            return


def addresses(f: Frame, place: Place) -> Iterator[Place]:
    """The addresses whose host this is: whoever checks the host has checked where they lead."""
    address = host_of(f, place)
    if address is not None:
        yield from roots(f, address)
