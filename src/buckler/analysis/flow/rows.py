"""Applying what knowledge says about a name: conditions, sources, sinks, sanitisers, guards.

A row is looked up by the caller; here it meets the values of one call.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from buckler.analysis.flow import evaluate, origins
from buckler.analysis.flow.shapes import holes
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.summary import Latent
from buckler.analysis.flow.value import (
    NEVER,
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
from buckler.analysis.ir.ops import Place
from buckler.analysis.knowledge.model import Argument, Assign, Conditions, Element, Misuse, Sink, Wanted
from buckler.analysis.knowledge.model import Callable as Row
from buckler.analysis.knowledge.model import Value as ValueRow

Given = tuple[Value, Place]

TEMPLATE = "template:"
"""Before the place of a template in the name of a sink."""

LOADED = "template="
"""Fact on a template: the name it was loaded by."""

NAMED = "name="
"""Fact on a value that was read from a described name, so that writes to it can be looked up by that name."""

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh",
                    "/bin/sh", "/bin/bash", "/usr/bin/env"})  # fmt: skip
TAKES_VALUE = frozenset(
    {
        "--author",
        "--branch",
        "--config",
        "--date",
        "--depth",
        "--directory",
        "--file",
        "--format",
        "--host",
        "--label",
        "--local-user",
        "--message",
        "--name",
        "--output",
        "--password",
        "--port",
        "--tag",
        "--target",
        "--title",
        "--user",
        "--username",
        "-C",
        "-m",
        "-o",
    }
)
"""Options that swallow what follows, a dash at its front included."""

PROGRAM_TEXT = 2
"""Where the text stands that a program (a shell, an interpreter) is given after `-c`."""

SHELL_OPTIONS = frozenset({"-c", "/c", "/C", "/k", "-Command", "-lc", "-ic"})


SOME = 2
"""More possible values than this come from a table: which one it is was somebody's choice, and is theirs to mend."""


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
    return [(inside(f, value, keys), place) for value, place in found]


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
            return UNKNOWN if value.shape is not None or value.types == TEXT else Value(f.deep(value))
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


# ---- conditions


def holds(f: Frame, conditions: Conditions, args: Arguments) -> bool:
    return all(any(satisfied(f, c.argument, w, args) for w in c.wanted) for c in conditions)


def satisfied(f: Frame, argument: Argument, wanted: Wanted, args: Arguments) -> bool:
    found = reach(f, argument, args)
    if wanted.test == "absent":
        spread = args.more is not None and bool(argument.names)
        return (not found or (bool(argument.path) and all(v is UNKNOWN for v, _ in found))) and not spread
    if wanted.test == "nofact":
        return not any(wanted.operand in v.facts for v, _ in found)
    if wanted.test == "nolead":
        return not any(leads(f, v, wanted.operand) for v, _ in found)
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
}


# ---- effects of a row


def read(f: Frame, row: ValueRow, base: Value, name: str) -> Value:
    """An attribute or global that knowledge describes."""
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
    facts = frozenset((*row.facts, NAMED + name)) if row.type else frozenset(row.facts)
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
    ensure_return(f, row, args)
    if row.never:
        return NEVER
    for what, marks in ((True, row.adds), (False, row.drops)):
        if marks and args.receiver is not None:
            mark(f, args.receiver, frozenset(marks), what)
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
                for same in origins.spellings(f, place) if "normalised" in guard.needs else ():
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
    result = Value(taint) if carried is None else carried
    folded = evaluated(row.evaluate, args) if row.evaluate and not row.text else ()
    if row.text:
        result = composed(f, row, args)
    elif folded:
        result = Value(consts=folded, types=TEXT if isinstance(folded[0], str) else ())
    if row.evaluate == "text.replace":
        result = cleared(f, result, removed(f, args))
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


def marks_of(row: Row, args: Arguments) -> list[str]:
    """Facts of a row; `name=@0` carries the constant that argument 0 holds, and is left out when there is none."""
    out: list[str] = []
    for fact in row.facts:
        head, at, position = fact.partition("=@")
        if not at:
            out.append(fact)
        elif int(position) < len(args.values) and len(args.values[int(position)][0].consts) == 1:
            out.append(f"{head}={args.values[int(position)][0].consts[0]}")
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


REPLACED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("'", ("xpath-injection", "sql-injection")),
    ("/", ("path-traversal", "path-probing")),
    ("<", ("xss",)),
    ("\n", ("log-injection", "header-injection")),
    ("\r", ("header-injection",)),
)
"""A text whose removal everywhere takes the sting out of a rule. Removing `..` or `../` once does not."""


QUOTES = frozenset({"'", '"', "`", "]"})
"""Characters that end a text or a name of SQL, and stand for themselves when doubled."""


def removed(f: Frame, args: Arguments) -> int:
    """Rules that need the text a replacement takes out."""
    if len(args.values) < 2:
        return 0
    old, new = args.values[0][0], args.values[1][0]
    kinds = 0
    if len(old.consts) == 1 and old.consts[0] in QUOTES and new.consts == (str(old.consts[0]) * 2,):
        kinds = f.engine.mask(("sql-injection",))
    for needle, names in REPLACED:
        if old.consts == (needle,) and new.consts and not any(needle in str(c) for c in new.consts):
            kinds |= f.engine.mask(names)
    return kinds


def evaluated(name: str, args: Arguments) -> tuple[object, ...]:
    function = evaluate.FUNCTIONS.get(name)
    given = ([args.receiver] if args.receiver is not None else []) + args.values
    if function is None or args.named or args.rest or any(not v.consts or v.taint for v, _ in given):
        return ()
    return evaluate.apply(function, [v.consts for v, _ in given])


def chosen(value: Value) -> bool:
    """One entry of a table."""
    return len(value.consts) > SOME or len(value.refs) > SOME


def check(f: Frame, misuse: Misuse, args: Arguments, name: str) -> None:
    if misuse.when and (not holds(f, misuse.when, args) or any(chosen(v) for v, _ in args.every())):
        return
    if misuse.unless and holds(f, misuse.unless, args):
        return
    f.fact(misuse.rule, misuse.note or name)


# ---- sinks


def spread(sink: Sink, args: Arguments) -> Arguments:
    """Where the names of keywords matter, only a map that is spread can hold names somebody else chose."""
    if sink.element is None or sink.element.kind != "keys" or not sink.argument.keywords:
        return args
    return replace(args, named={})


def meet(f: Frame, sink: Sink, value: Value, place: Place, name: str) -> None:
    """A value arrives at a sink argument: report every label that matters there."""
    bit = f.engine.bit.get(sink.rule)
    if bit is None:
        return
    rule = sink.rule
    if rule == "argument-injection" and through_shell(f, value):
        rule = "command-injection"
        bit = f.engine.bit.get(rule, bit)
    judge = f.engine.judges[bit.bit_length() - 1]
    for part in elements(f, value, sink.element, rule):
        if part.taint or part.objs:
            shape = part.shape if part.shape is not None and not part.objs else (f.deep(part),)
            mixed = len(shape) > 1 or composed_here(f, value, part)
            whole = span(sink) if not part.objs and not value.objs else None
            for lead, hole in holes(shape):
                if hole & (bit * f.engine.repeat) and judge(lead):
                    report(f, bit, hole, place, lead, mixed, sink.note or name, whole)


def shown_raw(f: Frame, sink: Sink, args: Arguments) -> None:
    """Values given to a template under names that it puts out as they are."""
    assert sink.template is not None
    for name in template_names(pick(sink.template, args)):
        for key, (path, use) in f.engine.templates.raw(name).items():
            note = f"{TEMPLATE}{path}:{use.line}:{use.column}:{use.end_column}"
            for value, place in named_in(f, key, sink, args):
                meet(f, sink, value, place, note)


def template_names(given: list[Given]) -> list[str]:
    """Names of templates: constant texts, or what a fact says a template was loaded from."""
    constant = [c for v, _ in given for c in v.consts if isinstance(c, str)]
    facts = [fact for v, _ in given for fact in sorted(v.facts) if fact.startswith(LOADED)]
    return [*constant, *(fact.removeprefix(LOADED) for fact in facts)]


def named_in(f: Frame, key: str, sink: Sink, args: Arguments) -> list[Given]:
    """What a context holds under a name: a keyword argument, or the item of a dictionary."""
    out: list[Given] = []
    if sink.argument.keywords and key in args.named:
        out.append(args.named[key])
    spread_out = [args.more] if sink.argument.keywords and args.more is not None else []
    for value, place in [*pick(replace(sink.argument, keywords=False), args), *spread_out]:
        out += [(box.items[key], place) for n in value.objs if (box := f.box(n)) is not None and key in box.items]
    return out


def span(sink: Sink) -> tuple[int, int | None] | None:
    """Items that matter should the value turn out to be a list; of one that had to be a text only the first."""
    element = sink.element
    if element is not None:
        return (element.start, element.stop) if element.kind == "items" else None
    return (0, 1) if any(w.test == "text" for c in sink.when for w in c.wanted) else None


def composed_here(f: Frame, value: Value, part: Value) -> bool:
    """The part is one item of a list or tuple that was put together here with other things in it too."""
    for number in value.objs:
        box = f.box(number)
        if box is None or box.kind not in ("list", "tuple"):
            continue
        if len(box.items) + (box.rest is not None) > 1 and any(part is item for item in box.items.values()):
            return True
        if box.built and part is box.rest:
            return True
    return False


def through_shell(f: Frame, value: Value) -> bool:
    """An argument list that starts a shell and hands it a command line."""
    for number in value.objs:
        box = f.box(number)
        if box is None or box.size < 3:
            continue
        words = [box.items[n].consts for n in range(2)]
        if all(w in SHELLS for w in words[0]) and all(w in SHELL_OPTIONS for w in words[1]) and all(words):
            return True
    return False


def elements(f: Frame, value: Value, element: Element | None, rule: str) -> list[Value]:
    """The parts of a container the sink speaks of; `--` ends the options of an argument list."""
    if element is None:
        return [value]
    if not value.objs:
        return [Value(value.taint)]
    out: list[Value] = []
    for number in value.objs:
        box = f.box(number)
        if box is None:
            out.append(Value(value.taint))
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
                before = box.items[n - 1].consts if n else ()
                if box.items[n].consts == ("--",) and rule == "argument-injection":
                    break
                swallowed = before and all(b in TAKES_VALUE or (b == "-c" and n == PROGRAM_TEXT) for b in before)
                if rule != "argument-injection" or not swallowed:
                    out.append(box.items[n])
    return out


def report(f: Frame, bit: int, taint: int, place: Place, lead: str, part: bool, note: str,
           whole: tuple[int, int | None] | None = None) -> None:  # fmt: skip
    width, every = f.engine.width, f.engine.all
    number = 0
    here = (f.routine.name, f.operation)
    while taint:
        if taint & every & bit:
            f.latent(Latent(f.labels[number], bit, f.operation, place, lead[-200:], part, here, note, element=whole))
        taint >>= width
        number += 1


ATTRIBUTES_ARE_KEYS = frozenset({"javascript"})


def assigned(f: Frame, base: Value, name: str, key_place: Place | None, src: Place) -> None:
    """A write to an attribute or key that knowledge has an opinion about."""
    table = f.engine.knowledge[f.language].assigns
    if not table:
        return
    key = f.get(key_place) if key_place is not None else None
    described = tuple(x.removeprefix(NAMED) for x in base.facts if x.startswith(NAMED))
    for owner in base.types + base.refs + described:
        if f.engine.program.class_(owner) is not None and f.engine.name(f.language, owner) != owner:
            continue  # the framework itself is reviewed: what it keeps in its own objects is no answer yet
        for parent in f.engine.bases(f.language, owner):
            for assign in assign_rows(table, parent, name, key, f.language in ATTRIBUTES_ARE_KEYS):
                write(f, assign, key_place, src)


def named_global(f: Frame, name: str, src: Place) -> None:
    """A module-level name that means something to a framework when its module is, say, the settings."""
    for assign in f.engine.knowledge[f.language].assigns.get(name, ()):
        if assign.module and re.search(assign.module, f.routine.module.name):
            write(f, assign, None, src)


def assign_rows(table: dict[str, tuple[Assign, ...]], owner: str, name: str, key: Value | None,
                keyed: bool) -> list[Assign]:  # fmt: skip
    if key is None:
        keys = (f"{owner}.{name}", f"{owner}[{name}]", f"{owner}[*]") if keyed else (f"{owner}.{name}",)
        return [assign for k in keys for assign in table.get(k, ())]
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
