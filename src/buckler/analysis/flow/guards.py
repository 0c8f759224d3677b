"""What a condition that came out true or false says about the values it looked at.

`refine` is called on both ways out of a branch. A guard is judged: equality with something trusted, membership in
a fixed collection, a deny-list of the characters a rule needs, a full match of a confining pattern, rows of
libraries, and functions of the project that do any of these (their `Summary.ensures`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from buckler.analysis.flow import calls, cells, members, origins, rows
from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.evaluate import BOTH, EITHER, NEGATIONS, spelled, truth
from buckler.analysis.flow.given import Arguments, holds, pick
from buckler.analysis.flow.marks import FOLDER, NORMALISED, Tag, told
from buckler.analysis.flow.origins import definition, host_of, roots
from buckler.analysis.flow.state import NUMERIC, Frame, State
from buckler.analysis.flow.value import Container, Value
from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import BUILD, CALC, CALL, CONST, COPY, EACH, ITEM, LOAD, METHOD, SLICE, TEXT, Op, Place
from buckler.analysis.languages.registry import WORDS
from buckler.analysis.program.modules import Routine

EQUAL, UNEQUAL = spelled("==", "is"), spelled("!=", "is not")
BELOW, ABOVE = frozenset({"<", "<="}), frozenset({">", ">="})
PATTERN = "pattern."
SHORT_NAME = 3
"""Names of methods no longer than this say nothing about whose they are."""


def refine(f: Frame, condition: Place, polarity: bool, state: State) -> None:
    """Apply to `state` what `condition` being `polarity` means."""
    for place, kinds in implied(f, condition, polarity, 6):
        if kinds:
            clean(f, place, kinds, state)
    ends_in_separator(f, condition, polarity, state)


def ends_in_separator(f: Frame, condition: Place, polarity: bool, state: State) -> None:
    """`root.endswith(os.sep)`: a prefix that tells a folder from its neighbours."""
    op = definition(f, condition)
    if op is not None and op[0] == CALC and ir.operator(op) in NEGATIONS:
        op, polarity = definition(f, ir.terms(op)[0]), not polarity
    if op is None or op[0] != METHOD or ir.member(op) not in WORDS.endings or not polarity:
        return
    folder, end = ir.callee(op), ir.first(op)
    held = state.env[folder] if folder >= 0 else None
    if held is not None and end is not None and origins.separates(f.get(end)):
        state.env[folder] = rows.with_facts(held, held.facts | {FOLDER})


def clean(f: Frame, place: Place, kinds: int, state: State) -> None:
    value = f.temps[place] if place < 0 else state.env[place]
    if value is None or not value.taint:
        return
    fresh = origins.clean_same(f, state.env, value, kinds, place)
    if place < 0:
        op = f.prepared.defs.get(place)
        if op is not None and op[0] == LOAD and members.own_parameter(f, ir.base(op)) is not None:
            number, name = members.checked(ir.base(op)), ir.attribute(op)
            known_box = state.heap.get(number)
            items = {**(known_box.items if known_box is not None else {}), name: fresh}
            state.heap[number] = Container("object", items)
            return
        for number, box in state.heap.items():
            for key, item in box.items.items():
                if item is value:
                    items = dict(box.items)
                    items[key] = fresh
                    state.heap[number] = type(box)(box.kind, items, box.rest, box.size, box.keys)
                    break


def implied(f: Frame, place: Place, polarity: bool, depth: int) -> Iterator[tuple[Place, int]]:
    """Pairs (place, rules it is clean for)."""
    op = definition(f, place)
    if not polarity:
        yield place, f.engine.all if op is None or op[0] in (LOAD, ITEM, CALL, METHOD, EACH) else 0
        if op is not None and op[0] == LOAD and ir.attribute(op) in WORDS.origin_parts:
            for root in roots(f, ir.base(op)):
                yield root, f.engine.rules.url
    if op is None and depth and place >= len(f.function.params):
        yield from every_way(f, f.prepared.writes.get(place, ()), polarity, depth)
    if op is None or not depth:
        return
    code = op[0]
    if code == LOAD:
        yield from property_read(f, op, polarity)
    elif code == CALC:
        yield from comparison(f, op, polarity, depth)
    elif code == CALL:
        yield from call(f, op, polarity)
    elif code == METHOD:
        yield from method(f, op, polarity)


def property_read(f: Frame, op: Op, polarity: bool) -> Iterator[tuple[Place, int]]:
    """A property that the library models call a guard: it speaks of the thing, and of what that was made from."""
    for kind in f.get(ir.base(op)).types:
        row = members.value_row(f, kind, ir.attribute(op))
        for guard in row[0].guards if row is not None else ():
            if (guard.accepts == "true") is polarity:
                yield from ((root, f.engine.mask(guard.clears)) for root in roots(f, ir.base(op), items=True))


def of_all(f: Frame, place: Place, polarity: bool) -> Iterator[tuple[Place, int]]:
    """`all(good(x) for x in …)`, or none of `any(bad(x) for x in …)`: what one such condition says holds for each."""
    op = definition(f, place)
    for made in f.prepared.writes.get(place, ())[: origins.MAX_WAYS] if op is None else (op,):
        listed = definition(f, ir.copied(made)) if made[0] == COPY else made
        for item in ir.items(listed) if listed is not None and listed[0] == BUILD else ():
            if isinstance(item, int):
                yield from implied(f, item, polarity, 3)


def looked_through(f: Frame, condition: Place, state: State, rounds: list[list[Value | None]]) -> None:
    """After the last item: what every round has checked of the thing the items come from holds for it.

    Where there was no item at all the thing is empty, and does no harm.
    """
    op = definition(f, condition)
    for place in roots(f, ir.terms(op)[0], items=True) if op is not None and op[0] == CALC else ():
        now = state.env[place] if place >= 0 else None
        if now is None or not now.taint:
            continue
        after = [env[place] for env in rounds]
        left = rules_in(f, [v.taint for v in after if v is not None]) if None not in after else f.engine.all
        origins.clean_same(f, state.env, now, rules_in(f, [now.taint]) & ~left, place)


def rules_in(f: Frame, taints: list[int]) -> int:
    """The rules of all labels together."""
    kinds = 0
    for taint in taints:
        while taint:
            kinds |= taint & f.engine.all
            taint >>= f.engine.width
    return kinds


def every_way(f: Frame, ways: Sequence[Op], polarity: bool, depth: int) -> Iterator[tuple[Place, int]]:
    """A variable that is set in several places: what holds wherever it can have become `polarity`."""
    if len(ways) > origins.MAX_WAYS:
        return
    makers = [definition(f, ir.copied(w)) for w in ways if w[0] == COPY]
    mixed = [m for m in makers if m is not None and m[0] == CALC and ir.operator(m) in BOTH | EITHER]
    within = {term for m in mixed for term in ir.terms(m)}
    sources = [
        ir.copied(w) for w in ways if w[0] == COPY and ir.copied(w) not in within
    ]  # `a or b` is `a` on one way, all on the other
    possible = [s for s in sources if truth(f.get(s).consts) in (None, polarity)]
    yield from shared(f, possible, polarity, depth) if len(makers) == len(ways) else ()


def shared(f: Frame, places: Sequence[Place], polarity: bool, depth: int) -> Iterator[tuple[Place, int]]:
    """What all of these conditions say."""
    common: dict[Place, int] | None = None
    for place in places:
        found: dict[Place, int] = {}
        for here, kinds in implied(f, place, polarity, depth - 1):
            found[here] = found.get(here, 0) | kinds
        common = found if common is None else {p: k & found[p] for p, k in common.items() if p in found}
    yield from (common or {}).items()


def comparison(f: Frame, op: Op, polarity: bool, depth: int) -> Iterator[tuple[Place, int]]:
    _, _, operator, operands = op
    if operator in NEGATIONS:
        yield from implied(f, operands[0], not polarity, depth - 1)
    elif operator in BOTH | EITHER:
        if polarity is (operator in BOTH):
            for operand in operands:
                yield from implied(f, operand, polarity, depth - 1)
        else:
            yield from shared(f, operands, polarity, depth)
    elif (operator in EQUAL and polarity) or (operator in UNEQUAL and not polarity):
        yield from equality(f, operands)
    elif (operator in EQUAL and not polarity) or (operator in UNEQUAL and polarity):
        yield from presence(f, operands, depth)
    elif operator in ("in", "not in"):
        yield from membership(f, operands, polarity is (operator == "in"))
    elif operator in BELOW or operator in ABOVE:
        left_is_small = polarity is (operator in BELOW)
        small, large = operands if left_is_small else operands[::-1]
        if not f.get(large).taint:
            for root in [small, *measured(f, small)]:
                yield root, f.engine.rules.bounded
    elif operator == "instance" and polarity and numeric(f.get(operands[1])):
        yield operands[0], f.engine.text


def equality(f: Frame, operands: tuple[Place, ...]) -> Iterator[tuple[Place, int]]:
    left, right = operands
    for mine, other in ((left, right), (right, left)):
        for inside in sharing(f, mine):
            yield inside, f.engine.rules.path
        if host_of(f, other) is not None:  # a visitor cannot choose the host they asked
            yield from ((root, f.engine.rules.url) for root in origins.addresses(f, mine))
        known = f.get(other)
        if parent_of(f, mine) == other:  # only the root of everything is its own parent: all paths are below it
            yield from ((i, f.engine.rules.path) for i, v in enumerate(f.env) if v and NORMALISED in v.facts)
        if same_path(f, f.get(mine), known):
            for spelled in origins.spellings(f, mine):
                yield spelled, f.engine.rules.path
        if not trusted(f, known):
            continue
        yield mine, f.engine.all
        yield from same_text(f, mine, f.engine.all)
        yield from origin_of(f, mine)
        op = definition(f, mine)
        if op is not None and op[0] == CALL and (known.refs or names_number(known)):
            yield from type_check(f, op, known)
        if op is not None and op[0] == METHOD and known.consts == (-1,) and ir.member(op) in WORDS.finders:
            needle = ir.first(op)
            yield ir.callee(op), denied(f, f.get(needle)) if needle is not None else 0


def origin_of(f: Frame, place: Place) -> Iterator[tuple[Place, int]]:
    """Addresses whose host is this, or a part of this text such as `scheme://host`."""
    op = definition(f, place)
    while op is not None and op[0] == METHOD and ir.member(op) in WORDS.same_text:
        op = definition(f, ir.callee(op))
    held = [p for p in ir.parts(op) if isinstance(p, int)] if op is not None and op[0] == TEXT else [place]
    for part in held:
        yield from ((root, f.engine.rules.url) for root in origins.addresses(f, part))


def parent_of(f: Frame, place: Place) -> Place | None:
    """The path whose folder this is."""
    op = definition(f, place)
    if op is not None and op[0] == LOAD and ir.attribute(op) in WORDS.folder_parts:
        return ir.base(op)
    if op is not None and op[0] in (CALL, METHOD) and origins.called(f, op) in WORDS.folders:
        return ir.first(op)
    return None


def same_path(f: Frame, mine: Value, other: Value) -> bool:
    """Two normalised paths, of which one has no part in the other."""
    return NORMALISED in mine.facts and NORMALISED in other.facts and not f.deep(mine) & f.deep(other)


def presence(f: Frame, operands: tuple[Place, ...], depth: int) -> Iterator[tuple[Place, int]]:
    """`re.match(...) is not None` says what `re.match(...)` being true says."""
    left, right = operands
    if f.get(right).consts == (None,):
        yield from implied(f, left, True, depth - 1)


def type_check(f: Frame, op: Op, known: Value) -> Iterator[tuple[Place, int]]:
    asked, what = f.get(ir.callee(op)).refs, ir.first(op)
    if what is None:
        return
    if (only(asked, WORDS.type_of) and numeric(known)) or (only(asked, WORDS.type_name_of) and names_number(known)):
        yield what, f.engine.text


def trusted(f: Frame, value: Value) -> bool:
    """Nothing that came in with this call; globals and fields hold what the program put there."""
    taint, number = f.deep(value), 0
    while taint:
        if taint & f.engine.all:
            label = f.labels[number]
            if label[0] != "cell" or not cells.own(Cell(label[1])):
                return False
        taint >>= f.engine.width
        number += 1
    return True


def membership(f: Frame, operands: tuple[Place, ...], inside: bool) -> Iterator[tuple[Place, int]]:
    item, collection = operands
    holder, mine = f.get(collection), f.get(item)
    if inside:
        op = definition(f, collection)
        if op is not None and op[0] == LOAD and ir.attribute(op) in WORDS.folders_parts:
            inner = ir.base(op)
            for path in origins.spellings(f, inner) if NORMALISED in f.get(inner).facts else ():
                yield path, f.engine.rules.path
        if trusted(f, holder):
            yield item, f.engine.all
            yield from same_text(f, item, f.engine.all)
            yield from origin_of(f, item)
            yield from ((place, f.engine.all) for place in read_again(f, item))
    elif not f.deep(mine):
        kinds = denied(f, mine)
        yield collection, kinds
        yield from same_text(f, collection, kinds)
        op = definition(f, collection)
        if op is not None and op[0] == SLICE:
            yield ir.base(op), kinds
        if op is not None and op[0] == METHOD and ir.member(op) in WORDS.splits:
            yield ir.callee(op), kinds
            yield from before_replacing(f, ir.callee(op), kinds)


def before_replacing(f: Frame, place: Place, kinds: int) -> Iterator[tuple[Place, int]]:
    """`name.replace("\\\\", "/").split("/")`: one separator for another says the same of what stood there before."""
    op = definition(f, place)
    if op is not None and op[0] == METHOD and ir.member(op) in WORDS.replaces:
        taken = ir.first(op)
        if taken is not None and origins.separates(f.get(taken)):
            yield ir.callee(op), kinds


def read_again(f: Frame, item: Place) -> Iterator[Place]:
    """Variables that hold what was read from the same attribute before, or constants: `name = x.method.lower()`."""
    op = definition(f, item)
    if op is None or op[0] != LOAD or len(f.prepared.writes.get(ir.base(op), ())) > 1:
        return
    for place, ways in f.prepared.writes.items():
        held = place >= len(f.function.params) and ways and f.env[place] is not None
        if held and len(ways) <= origins.MAX_WAYS and all(w[0] == COPY and reads(f, ir.copied(w), op) for w in ways):
            yield place


def reads(f: Frame, place: Place, load: Op, depth: int = 4) -> bool:
    """A constant, or the text of this attribute in another case."""
    op = definition(f, place)
    if op is None:
        ways = f.prepared.writes.get(place, ()) if depth and place >= len(f.function.params) else ()
        few = 0 < len(ways) <= origins.MAX_WAYS
        return few and all(w[0] == COPY and reads(f, ir.copied(w), load, depth - 1) for w in ways)
    while op is not None and op[0] == METHOD and ir.member(op) in WORDS.same_text:
        op = definition(f, ir.callee(op))
    return op is not None and (op[0] == CONST or op[:1] + op[2:] == load[:1] + load[2:])


def sharing(f: Frame, place: Place) -> Iterator[Place]:
    """Normalised paths in `commonpath([base, path])`; `commonprefix` compares letters, not folders."""
    op = definition(f, place)
    if op is None or op[0] not in (CALL, METHOD):
        return
    paths = ir.first(op) if origins.called(f, op) in WORDS.shared_folders else None
    held = definition(f, paths) if paths is not None else None
    for item in ir.items(held) if held is not None and held[0] == BUILD else ():
        if isinstance(item, int) and NORMALISED in f.get(item).facts:
            yield from origins.spellings(f, item)


def denied(f: Frame, needle: Value) -> int:
    """Rules whose exploit needs the text that is known to be missing."""
    one = needle.consts[0] if len(set(needle.consts)) == 1 else None
    return f.engine.rules.denied.get(one, 0) if isinstance(one, str) else 0


def same_text(f: Frame, place: Place, kinds: int) -> Iterator[tuple[Place, int]]:
    """The value a place was made from by changing case or trimming only."""
    op = definition(f, place)
    for _ in range(3):
        if op is None or op[0] != METHOD or ir.member(op) not in WORDS.same_text:
            return
        yield ir.callee(op), kinds
        op = definition(f, ir.callee(op))


def measured(f: Frame, place: Place) -> list[Place]:
    """`len(x)` bounds `x`."""
    op = definition(f, place)
    if op is not None and op[0] == CALL and only(f.get(ir.callee(op)).refs, WORDS.lengths):
        what = ir.first(op)
        return [what] if what is not None else []
    if op is not None and op[0] == LOAD and ir.attribute(op) in WORDS.length_parts:
        return [ir.base(op)]
    return []


def only(refs: tuple[str, ...], names: frozenset[str]) -> bool:
    """The one thing this can be has one of these names."""
    return len(refs) == 1 and refs[0] in names


def names_number(value: Value) -> bool:
    """The name of a type of numbers, as text."""
    return len(value.consts) == 1 and value.consts[0] in WORDS.number_names


def numeric(value: Value) -> bool:
    return bool(value.refs) and all(r in NUMERIC for r in value.refs)


# ---- guards that are calls


def call(f: Frame, op: Op, polarity: bool) -> Iterator[tuple[Place, int]]:
    _, _, callee, args, named = op
    target = f.get(callee)
    if only(target.refs, WORDS.every if polarity else WORDS.some) and len(args) == 1:
        yield from of_all(f, args[0], polarity)
        return
    if only(target.refs, WORDS.instance_of) and polarity and len(args) == 2 and isinstance(args[0], int):
        kinds = f.get(args[1])
        if numeric(kinds) or numeric_tuple(f, kinds):
            yield args[0], f.engine.text
        return
    if not polarity and len(args) == 1 and isinstance(args[0], int):
        yield args[0], without_any(f, target)
    given = calls.arguments(f, args, named)
    for ref in target.refs:
        yield from by_name(f, ref, target, given, polarity)


def without_any(f: Frame, asked: Value) -> int:
    """`seen = {"..", "."}.intersection`: nothing of what `seen(parts)` was given is one of these."""
    kinds = 0
    for text in told(asked.facts, Tag.ANY_OF):
        kinds |= denied(f, Value(consts=(text,)))
    return kinds


def method(f: Frame, op: Op, polarity: bool) -> Iterator[tuple[Place, int]]:
    _, _, receiver, name, args, named = op
    base = f.get(receiver)
    given = calls.arguments(f, args, named)
    given.receiver = (base, receiver)
    for ref in base.refs:
        entity = f.engine.program.entity(f"{ref}.{name}")
        if isinstance(entity, Routine):
            yield from ensured(f, entity, given, None, polarity)
        else:
            yield from by_name(f, f"{ref}.{name}", Value(), given, polarity)
    kinds = base.types or (("str",) if base.taint or base.shape else ())
    if not base.types and not base.refs and not base.shape:
        for row in f.engine.libraries[f.language].loose.get(name, ())[:1]:
            yield from by_name(f, row.name, Value(), given, polarity)
        yield from guessed(f, name, given, base, polarity)
    if name in WORDS.holds and len(args) == 1 and isinstance(args[0], int):
        yield from membership(f, (args[0], receiver), polarity)
    if polarity and len(args) == 1 and isinstance(args[0], int):
        if name in WORDS.pattern_given:
            yield from literal_match(f, args[0], receiver)
        elif name in WORDS.pattern_asked:
            yield from literal_match(f, receiver, args[0])
    for kind in kinds:
        routine = f.engine.program.method(kind, name)
        if routine is not None:
            yield from ensured(f, routine, given, base, polarity)
        else:
            yield from by_name(f, f"{kind}.{name}", Value(), given, polarity)


def guessed(f: Frame, name: str, given: Arguments, base: Value, polarity: bool) -> Iterator[tuple[Place, int]]:
    """What every method of this name checks, when nobody knows whose it is."""
    candidates = f.engine.program.named(name)
    common: dict[Place, int] | None = None
    for routine in candidates if len(candidates) <= calls.MAX_BY_NAME and len(name) > SHORT_NAME else ():
        found = dict(ensured(f, routine, given, base, polarity))
        common = found if common is None else {p: k & found[p] for p, k in common.items() if p in found}
    yield from (common or {}).items()


def by_name(f: Frame, ref: str, target: Value, given: Arguments, polarity: bool) -> Iterator[tuple[Place, int]]:
    routine = f.engine.program.routine(ref)
    if routine is not None:
        yield from ensured(f, routine, given, target.bound, polarity)
        return
    for row in f.engine.rows(f.language, ref):
        if row.when and not holds(f, row.when, given):
            continue
        for guard in row.guards:
            if guard.accepts == "return" or (guard.accepts == "true") is not polarity:
                continue
            for value, place in pick(guard.argument, given):
                if all(n in value.facts for n in guard.needs):
                    for same in origins.spellings(f, place) if NORMALISED in guard.needs else (place,):
                        yield same, f.engine.mask(guard.clears)
        if polarity and row.evaluate.startswith(PATTERN):
            yield from pattern(f, row.evaluate.removeprefix(PATTERN), given)
        if row.evaluate == "text.startswith" and given.receiver is not None and given.values:
            yield from prefix(f, given, polarity)


def prefix(f: Frame, given: Arguments, polarity: bool) -> Iterator[tuple[Place, int]]:
    """A text that starts with a whole host is on that host; one that does not start with `-` is no option."""
    assert given.receiver is not None
    start = given.values[0][0]
    if len(start.consts) != 1 or not isinstance(start.consts[0], str):
        return
    lead = start.consts[0]
    if not polarity:
        missing = f.engine.rules.starts.get(lead, 0)
        yield given.receiver[1], missing
        yield from same_text(f, given.receiver[1], missing)
        return
    kinds = 0
    for number, judge in enumerate(f.engine.judges):
        if not judge(lead):
            kinds |= 1 << number
    yield given.receiver[1], kinds


def pattern(f: Frame, mode: str, given: Arguments) -> Iterator[tuple[Place, int]]:
    """A match of a constant pattern, given as text or compiled before: what the pattern lets through."""
    subject = given.values[1:2]
    text = given.values[0][0] if given.values else Value()
    compiled = compiled_pattern(given.receiver[0]) if given.receiver is not None else ()
    if compiled:
        subject = given.values[:1]
    source = compiled or text.consts
    if not source and subject and mode == "fullmatch":  # a pattern from elsewhere that must match all of it
        yield subject[0][1], f.engine.text
    if len(source) != 1 or not isinstance(source[0], str) or not subject:
        return
    yield subject[0][1], f.engine.mask(tuple(sorted(f.engine.validator(source[0], mode))))


def literal_match(f: Frame, expression: Place, subject: Place) -> Iterator[tuple[Place, int]]:
    """`/pattern/.test(x)`, `x.match(/pattern/)`"""
    value = f.get(expression)
    read = WORDS.pattern_literals.get(value.types[0]) if len(value.types) == 1 else None
    source = read(str(value.consts[0])) if read is not None and len(value.consts) == 1 else None
    if source is not None:
        yield subject, f.engine.mask(tuple(sorted(f.engine.validator(source, "search"))))


def compiled_pattern(value: Value) -> tuple[str, ...]:
    return tuple(told(value.facts, Tag.PATTERN))


def ensured(
    f: Frame, routine: Routine, given: Arguments, receiver: Value | None, polarity: bool
) -> Iterator[tuple[Place, int]]:
    """What a function of the project that answered `polarity` has checked."""
    bound = calls.bind(f, routine, given, receiver)
    context = calls.facts_for(f, routine, bound)
    if context is not None and not f.engine.may_specialise(routine, context):
        context = None
    cleared = f.engine.summary(routine, context).ensures.get("true" if polarity else "false")
    if not cleared:
        return
    for index, kinds in cleared.items():
        here = bound[index] if index < len(bound) else None
        if here is not None:
            yield here[1], kinds
            yield from ((root, kinds & f.engine.rules.url) for root in origins.addresses(f, here[1]))


def numeric_tuple(f: Frame, kinds: Value) -> bool:
    for number in kinds.objs:
        box = f.box(number)
        if box is None or box.rest is not None or not box.items:
            return False
        if not all(numeric(v) for v in box.items.values()):
            return False
    return bool(kinds.objs)
