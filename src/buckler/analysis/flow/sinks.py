"""Where values arrive at a sink: which part of a value counts, and which of its labels matter there."""

from __future__ import annotations

from dataclasses import replace

from buckler.analysis.flow.given import Arguments, Given, pick
from buckler.analysis.flow.marks import Tag, told
from buckler.analysis.flow.options import value_of_option
from buckler.analysis.flow.shapes import holes
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.summary import Latent, Reached, Shown
from buckler.analysis.flow.value import Value
from buckler.analysis.ir.ops import Place
from buckler.analysis.languages.shells import COMMAND_OPTIONS, END_OF_OPTIONS, SHELLS
from buckler.analysis.libraries.model import Element, Sink


def spread(sink: Sink, args: Arguments) -> Arguments:
    """Where the names of keywords matter, only a map that is spread can hold names somebody else chose."""
    if sink.element is None or sink.element.kind != "keys" or not sink.argument.keywords:
        return args
    return replace(args, named={})


def meet(f: Frame, sink: Sink, value: Value, place: Place, name: str, shown: Shown | None = None) -> None:
    """A value arrives at a sink argument: report every label that matters there."""
    bit = f.engine.bit.get(sink.rule)
    if bit is None:
        return
    rules = f.engine.rules
    if bit in rules.becomes and through_shell(f, value):
        bit = rules.becomes[bit]
    judge = f.engine.judges[bit.bit_length() - 1]
    program = bool(bit & rules.command) and span(sink) == (0, 1)
    for part in elements(f, value, sink.element, bit):
        if part.taint or part.objs:
            shape = part.shape if part.shape is not None and not part.objs else (f.deep(part),)
            mixed = len(shape) > 1 or composed_here(f, value, part)
            whole = span(sink) if not part.objs and not value.objs else None
            for lead, hole in holes(shape):
                if hole & (bit * f.engine.repeat) and judge(lead):
                    reached = Reached(sink.note or name, program, None if sink.note else shown)
                    report(f, bit, hole, place, lead, mixed, reached, whole)


def shown_raw(f: Frame, sink: Sink, args: Arguments) -> None:
    """Values given to a template under names that it puts out as they are."""
    assert sink.template is not None
    for name in template_names(pick(sink.template, args)):
        for key, (path, use) in f.engine.templates.raw(name).items():
            shown = (use.line, use.column, use.end_column)
            for value, place in named_in(f, key, sink, args):
                meet(f, sink, value, place, path, shown)


def template_names(given: list[Given]) -> list[str]:
    """Names of templates: constant texts, or what a fact says a template was loaded from."""
    constant = [c for v, _ in given for c in v.consts if isinstance(c, str)]
    return [*constant, *(name for v, _ in given for name in told(v.facts, Tag.TEMPLATE))]


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
        if all(w in SHELLS for w in words[0]) and all(w in COMMAND_OPTIONS for w in words[1]) and all(words):
            return True
    return False


def elements(f: Frame, value: Value, element: Element | None, bit: int) -> list[Value]:
    """The parts of a container the sink speaks of; `--` ends the options of an argument list."""
    if element is None:
        return [value]
    if not value.objs:
        return [Value(value.taint)]
    argument = bit & f.engine.rules.argument
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
                if argument and box.items[n].consts == (END_OF_OPTIONS,):
                    break
                if not argument or not value_of_option(box, n):
                    out.append(box.items[n])
    return out


def report(f: Frame, bit: int, taint: int, place: Place, lead: str, part: bool, reached: Reached,
           whole: tuple[int, int | None] | None = None) -> None:  # fmt: skip
    width, every = f.engine.width, f.engine.all
    number = 0
    here = (f.routine.name, f.operation)
    while taint:
        if taint & every & bit:
            f.latent(Latent(f.labels[number], bit, f.operation, place, lead[-200:], part, here, reached, element=whole))
        taint >>= width
        number += 1
