"""Values, containers and summaries as tuples of builtins and back, exact to the type of every constant.

`1`, `True` and `1.0` are equal and yet different constants, so whatever is not a text or a plain number is written
with its type. Two values are alike if and only if their rows are equal.
"""

from __future__ import annotations

from typing import Any

from buckler.analysis.flow.summary import CellWrite, Fact, Latent, Reached, Summary
from buckler.analysis.flow.value import NEVER, Container, Value

Row = tuple[Any, ...]

PLAIN = frozenset({str, int, type(None)})


def exact(constant: object) -> object:
    return constant if type(constant) in PLAIN else (type(constant).__name__, repr(constant), constant)


def constant(row: object) -> object:
    return row[2] if type(row) is tuple else row


def value_row(v: Value) -> Row:
    consts = v.consts
    if consts:
        consts = tuple(map(exact, consts))
    return (v.taint, consts, v.refs, v.types, v.objs, v.shape, tuple(sorted(v.facts)) if v.facts else (),
            value_row(v.bound) if v.bound is not None else None)  # fmt: skip


def value_of(row: Row) -> Value:
    if row == NEVER_ROW:  # known by identity
        return NEVER
    taint, consts, refs, types, objs, shape, facts, bound = row
    return Value(taint, tuple(map(constant, consts)) if consts else (), refs, types, objs, shape, frozenset(facts),
                 value_of(bound) if bound is not None else None)  # fmt: skip


NEVER_ROW = value_row(NEVER)


def container_row(c: Container) -> Row:
    items = tuple([(exact(k), value_row(v)) for k, v in c.items.items()])
    return (c.kind, items, value_row(c.rest) if c.rest is not None else None, c.size, c.keys, c.built)


def container_of(row: Row) -> Container:
    kind, items, rest, size, keys, built = row
    held = {constant(k): value_of(v) for k, v in items}
    return Container(kind, held, value_of(rest) if rest is not None else None, size, keys, built)


def reached_row(reached: Reached) -> Row:
    return (reached.name, reached.program, reached.shown)


def latent_row(latent: Latent) -> Row:
    inner = latent_row(latent.inner) if latent.inner is not None else None
    return (latent.label, latent.kinds, latent.operation, latent.place, latent.lead, latent.part, latent.sink,
            reached_row(latent.reached), latent.callee, inner, latent.element)  # fmt: skip


def latent_of(row: Row) -> Latent:
    label, kinds, operation, place, lead, part, sink, reached, callee, inner, element = row
    further = latent_of(inner) if inner is not None else None
    return Latent(label, kinds, operation, place, lead, part, sink, Reached(*reached), callee, further, element)


def seen_outside(s: Summary) -> Row:
    """What the whole program's analysis looks at in every summary: few have much of it."""
    return (
        tuple(s.labels),
        tuple(s.returns),
        tuple([latent_row(latent) for latent in s.latents]),
        tuple([(f.rule, f.operation, f.note) for f in s.facts]),
        tuple([(w.cell, w.label, w.kinds, w.operation) for w in s.writes]),
    )


def seen_by_callers(s: Summary) -> Row:
    """What only a caller looks at."""
    return (
        value_row(s.result) if s.result is not None else None,
        tuple([(n, container_row(box)) for n, box in s.heap.items()]),
        tuple([(n, tuple([(exact(k), value_row(v)) for k, v in e.items()])) for n, e in s.effects.items()]),
        tuple([(outcome, tuple(kinds.items())) for outcome, kinds in s.ensures.items()]),
        tuple([(i, tuple([value_row(v) for v in values]), at) for i, values, at in s.calls]),
        s.idle,
        s.abstract,
    )


def told_callers(s: Summary) -> Row:
    """The part of a summary that a caller's analysis may depend on: not where returns and writes happen."""
    labels, _, latents, _, writes = seen_outside(s)
    result, heap, effects, ensures, calls, idle, abstract = seen_by_callers(s)
    return (labels, latents, tuple([w[:3] for w in writes]), result, heap, effects, ensures,
            tuple([c[:2] for c in calls]), idle, abstract)  # fmt: skip


def fill_outside(s: Summary, row: Row) -> None:
    """Give an empty summary what a row says."""
    labels, returns, latents, facts, writes = row
    s.labels = list(labels)
    s.returns = list(returns)
    s.latents = [latent_of(latent) for latent in latents]
    s.facts = [Fact(*f) for f in facts]
    s.writes = [CellWrite(*w) for w in writes]


def fill_for_callers(s: Summary, row: Row) -> None:
    result, heap, effects, ensures, calls, s.idle, s.abstract = row
    s.result = value_of(result) if result is not None else None
    s.heap = {n: container_of(box) for n, box in heap}
    s.effects = {n: {constant(k): value_of(v) for k, v in e} for n, e in effects}
    s.ensures = {outcome: dict(kinds) for outcome, kinds in ensures}
    s.calls = [(i, tuple(value_of(v) for v in values), at) for i, values, at in calls]
