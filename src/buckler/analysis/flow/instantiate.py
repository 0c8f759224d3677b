"""Applying a summary to a call: labels translated, objects copied, latent findings judged again.

The callee speaks of its own labels; a `Visit` knows what stands behind each of them at one call.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from buckler.analysis.flow import containers, members, origins, rows, sinks
from buckler.analysis.flow.given import Arguments, Given
from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.summary import Label, Latent, Summary
from buckler.analysis.flow.value import UNKNOWN, Container, Value, map_taint
from buckler.analysis.ir.ops import Place
from buckler.analysis.libraries.model import Element
from buckler.analysis.program.modules import Routine

MAX_CHAIN = 24
"""Calls on the way to a sink that are kept; of a longer way those at its beginning and its end are shown."""
NOTHING_YET = Container("object")


@dataclass(slots=True)
class Visit:
    """One call of a project function, seen from the caller."""

    f: Frame
    routine: Routine
    summary: Summary
    bound: list[Given | None]
    taints: list[int]
    known: dict[int, int] = field(default_factory=lambda: {0: 0})
    """Translations done so far."""
    numbers: dict[int, int] = field(default_factory=dict)
    """Objects of the callee that have been copied, with their number here."""

    def given(self, index: int) -> Given | None:
        return self.bound[index] if index < len(self.bound) else None

    def translate(self, taint: int) -> int:
        """Labels of the callee as labels of the caller."""
        done = self.known.get(taint)
        if done is not None:
            return done
        engine = self.f.engine
        width, every, repeat = engine.width, engine.all, engine.repeat
        out = number = 0
        rest = taint
        while rest:
            kinds = rest & every
            if kinds:
                label = self.summary.labels[number]
                if label[0] == "param":
                    out |= self.taints[number] & (kinds * repeat)
                else:
                    out |= self.f.tainted(label, kinds)
            rest >>= width
            number += 1
        self.known[taint] = out
        return out


def instantiate(f: Frame, routine: Routine, summary: Summary, bound: list[Given | None]) -> Visit:
    """Everything the call does to the caller's state and findings; `result` then gives what comes back."""
    visit = Visit(f, routine, summary, bound, [0 if g is None else f.deep(g[0]) for g in bound])
    if any(visit.taints):
        for latent in summary.latents:
            if latent.label[0] == "param":
                raise_latent(f, routine, latent, bound)
        write_cells(visit)
    for index, effects in summary.effects.items():
        given = visit.given(index)
        if given is not None:
            for key, item in effects.items():
                written(f, given, key, bring(visit, item))
    for index, kinds in summary.ensures.get("return", {}).items():
        given = visit.given(index)
        if given is not None:
            rows.clear(f, given[0], kinds, given[1])
            if hosts := kinds & f.engine.rules.url:
                for place in origins.addresses(f, given[1]):
                    rows.clear(f, f.get(place), hosts, place)
    return visit


def write_cells(visit: Visit) -> None:
    f = visit.f
    parts: dict[tuple[int, int], list[tuple[Label, int]]] = {}
    for write in visit.summary.writes:
        if write.label[0] != "param":
            continue
        index = int(write.label[1])
        known = parts.get((index, write.kinds))
        if known is None:
            taint = visit.taints[index] if index < len(visit.taints) else 0
            known = parts[index, write.kinds] = f.apart(taint & (write.kinds * f.engine.repeat))
        for label, kinds in known:
            f.cell_edge(write.cell, label, kinds)


def callbacks(visit: Visit) -> list[tuple[Given, Arguments]]:
    """Functions the caller gave and the callee calls, with the arguments it calls them with."""
    out: list[tuple[Given, Arguments]] = []
    for index, values, _ in visit.summary.calls:
        given = visit.given(index)
        if given is not None and given[0].refs:
            out.append((given, Arguments(values=[(map_taint(v, visit.translate), given[1]) for v in values])))
    return out


def result(visit: Visit) -> Value:
    value = visit.summary.result
    return UNKNOWN if value is None else bring(visit, value)


def bring(visit: Visit, value: Value) -> Value:
    """A value of the callee as the caller sees it: labels translated, objects copied into the caller's heap."""
    out = map_taint(value, visit.translate)
    if not value.objs:
        return out
    objs: list[int] = []
    for number in value.objs:
        if number < 0:
            objs.append(number)
        elif number >= 1 << 40:
            given = visit.given(number - (1 << 40))
            objs += given[0].objs if given is not None else ()
        else:
            objs.append(bring_box(visit, number))
    return Value(
        out.taint, out.consts, out.refs, out.types, tuple(dict.fromkeys(objs))[:8], out.shape, out.facts, out.bound
    )


def bring_box(visit: Visit, number: int) -> int:
    known = visit.numbers.get(number)
    if known is not None:
        return known
    fresh = visit.numbers[number] = visit.f.allocate(NOTHING_YET)
    box = visit.summary.heap.get(number)
    if box is None:
        return fresh
    items = {k: bring(visit, v) for k, v in box.items.items()}
    rest = bring(visit, box.rest) if box.rest is not None else None
    visit.f.heap[fresh] = Container(box.kind, items, rest, box.size, visit.translate(box.keys), box.built)
    return fresh


def written(f: Frame, given: Given | None, key: object, value: Value) -> None:
    """An effect of the callee on one of its parameters."""
    if given is None:
        return
    target, place = given
    for number in target.objs:
        if key is None:
            containers.pour(f, Value(objs=(number,)), value)
        else:
            members.put_item(f, number, key, value, len(target.objs) == 1)
    own = members.own_parameter(f, place)
    if own is not None and not target.objs and place >= 0 and f.env[place] is target:
        members.put_item(f, own, key, value, False)


def raise_latent(f: Frame, routine: Routine, latent: Latent, bound: list[Given | None]) -> None:
    """A parameter of the callee that reaches a sink: judge again with what the caller put there."""
    index = int(latent.label[1])
    given = bound[index] if index < len(bound) else None
    if given is None:
        return
    value, place = given
    bits = latent.kinds * f.engine.repeat
    if not f.deep(value) & bits:
        return
    judge = f.engine.judges[latent.kinds.bit_length() - 1]
    whole = None if value.objs else latent.element
    for element in items_for(f, value, latent):
        shape = element.shape if element.shape is not None and not element.objs else (f.deep(element),)
        mixed = latent.part or len(shape) > 1 or sinks.composed_here(f, value, element)
        lead = latent.lead
        for part in shape:
            if isinstance(part, str):
                lead += part
                continue
            if part & bits and judge(lead):
                lift(f, routine, latent, part, place, lead, mixed, whole)
            lead += "\0"


def items_for(f: Frame, value: Value, latent: Latent) -> list[Value]:
    """The items of a list built here that the sink looks at, or the value itself."""
    if not listed(f, value):
        return [value]
    start, stop = latent.element or (0, None)
    return sinks.elements(f, value, Element("items", start, stop), latent.kinds)


def listed(f: Frame, value: Value) -> bool:
    boxes = [f.box(n) for n in value.objs]
    return bool(boxes) and all(b is not None and b.kind in ("list", "tuple") for b in boxes)


def length(latent: Latent) -> int:
    """Calls between here and the sink."""
    calls, inner = 0, latent.inner
    while inner is not None:
        calls, inner = calls + 1, inner.inner
    return calls


def lift(f: Frame, routine: Routine, latent: Latent, taint: int, place: Place, lead: str, part: bool,
         whole: tuple[int, int | None] | None) -> None:  # fmt: skip
    width, every = f.engine.width, f.engine.all
    callee, inner = routine.name, latent
    if latent.inner is not None and length(latent) >= MAX_CHAIN:
        callee, inner = latent.callee, latent.inner
    number = 0
    while taint:
        if taint & every & latent.kinds:
            f.latent(Latent(f.labels[number], latent.kinds, f.operation, place, lead[-200:], part, latent.sink,
                            latent.reached, callee, inner, whole))  # fmt: skip
        taint >>= width
        number += 1
