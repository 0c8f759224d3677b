"""Texts made from a format and values: `%`, `str.format`, templates."""

from __future__ import annotations

import re

from buckler.analysis.flow.state import Frame
from buckler.analysis.flow.value import Part, Value, shape_of, text

PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?([a-zA-Z%])")
BRACES = re.compile(r"\{\{|\}\}|\{([^{}:!]*)(?:!([rsa]))?(?::([^{}]*))?\}")
NUMBER_CODES = "dioxXeEfFgGc"
SHOWN = "ra"


def percent(f: Frame, template: Value, operand: Value) -> Value:
    """`template % operand`, holes in their places when the template is a constant."""
    values, named = operands(f, operand)
    whole = f.deep(operand)
    if len(template.consts) != 1 or not isinstance(template.consts[0], str):
        return Value(template.taint | whole, types=("str",))
    parts: list[Part] = []
    at = used = 0
    pattern = template.consts[0]
    for match in PERCENT.finditer(pattern):
        parts.append(pattern[at : match.start()])
        at = match.end()
        key, code = match.groups()
        if code == "%":
            parts.append("%")
            continue
        value = named.get(key) if key else (values[used] if used < len(values) else None)
        used += 0 if key else 1
        parts += hole(f, value, whole, code in NUMBER_CODES, code in SHOWN)
    parts.append(pattern[at:])
    return text(parts)


def operands(f: Frame, operand: Value) -> tuple[list[Value], dict[str, Value]]:
    if len(operand.objs) == 1:
        box = f.box(operand.objs[0])
        if box is not None and box.kind == "tuple" and box.size >= 0:
            return [box.items[n] for n in range(box.size)], {}
        if box is not None and box.kind == "map" and box.rest is None:
            return [], {k: v for k, v in box.items.items() if isinstance(k, str)}
        if box is not None:
            return [], {}
    return ([] if operand.types == ("tuple",) else [operand]), {}


def hole(f: Frame, value: Value | None, whole: int, numeric: bool, shown: bool) -> tuple[Part, ...]:
    if shown:
        return (shown_taint(f, f.deep(value) if value is not None else whole),)
    if numeric:
        taint = f.deep(value) if value is not None else whole
        return (taint & ~(f.engine.text * f.engine.repeat),)
    if value is None:
        return (whole,)
    return shape_of(value) if not value.objs else (f.deep(value),)


def shown_taint(f: Frame, taint: int) -> int:
    """What is left of taint when a text is written out as a literal, with escapes for what ends a line."""
    return taint & ~(f.engine.rules.one_line * f.engine.repeat)


def braces(f: Frame, template: Value, values: list[Value], named: dict[str, Value], more: int) -> Value:
    """`template.format(*values, **named)`; `more` is taint that arrives by spreads."""
    whole = more
    for given in [*values, *named.values()]:
        whole |= f.deep(given)
    if len(template.consts) != 1 or not isinstance(template.consts[0], str):
        return Value(template.taint | whole, types=("str",))
    parts: list[Part] = []
    at = used = 0
    pattern = template.consts[0]
    for match in BRACES.finditer(pattern):
        parts.append(pattern[at : match.start()])
        at = match.end()
        if match.group(0) in ("{{", "}}"):
            parts.append(match.group(0)[0])
            continue
        key, spec = match.group(1), match.group(3) or ""
        head = re.split(r"[.\[]", key)[0]
        value: Value | None = None
        if not head:
            value = values[used] if used < len(values) else None
            used += 1
        elif head.isdigit():
            value = values[int(head)] if int(head) < len(values) else None
        else:
            value = named.get(head)
        if value is not None and head != key:
            parts.append(f.deep(value))
        else:
            parts += hole(f, value, whole, spec[-1:] in tuple(NUMBER_CODES) and bool(spec),
                          match.group(2) in ("r", "a"))  # fmt: skip
    parts.append(pattern[at:])
    return text(parts)
