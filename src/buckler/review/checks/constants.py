"""Constant texts and numbers put together by the program: concatenation, formatting, joining, flags.

`evaluate(code, place)` is the value if nothing in it depends on the outside, else None. It follows names to the
modules that define them, so `re.compile(PREFIX + r"\\d+")` is known wherever PREFIX stands.
"""

from __future__ import annotations

import re

from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import BUILD, CALC, CALL, CONST, COPY, ITEM, LOAD, METHOD, NAME, TEXT, Op, Place, arguments
from buckler.review.checks.view import Code

MAX_DEPTH = 14
MAX_LENGTH = 20_000
FLAGS = {name: int(value) for name, value in re.RegexFlag.__members__.items()} | {"V0": 0, "V1": 0}


def evaluate(code: Code, place: Place | None, depth: int = MAX_DEPTH) -> object:
    """A str, int, bool, tuple of such, or None when it is not constant."""
    if place is None or depth == 0:
        return None
    op = code.defs.get(place)
    if op is None:
        return None
    kind = op[0]
    if kind == CONST:
        return ops.literal(op)
    if kind == COPY:
        return evaluate(code, ops.copied(op), depth - 1)
    if kind in (NAME, LOAD):
        return named(code, place, op, depth)
    if kind in (CALC, TEXT):
        return combined(code, op, depth)
    if kind == BUILD:
        return built(code, op, depth)
    if kind in (CALL, METHOD):
        return called(code, op, depth)
    return item(code, op, depth) if kind == ITEM else None


def named(code: Code, place: Place, op: Op, depth: int) -> object:
    full = code.full(place)
    if not full:
        return None
    head, _, name = full.rpartition(".")
    if head in ("re", "regex", "sre_constants") and name in FLAGS:
        return FLAGS[name]
    program = code.view.program
    home = program.module(head) or (code.routine.module if not head or code.routine.module.name == head else None)
    body = program.of_function.get((home.name, 0)) if home is not None else None
    entry = program.class_(head)
    if body is None and entry is not None:
        body = program.of_function[entry.module.name, entry.info.body]
    if body is None or name not in body.function.locals:
        return None
    return evaluate(code.view.code(body), body.function.locals.index(name), depth - 1)


def combined(code: Code, op: Op, depth: int) -> object:
    if op[0] == TEXT:
        parts = [p if isinstance(p, str) else evaluate(code, p, depth - 1) for p in ops.parts(op)]
        return short("".join(str(p) for p in parts)) if all(isinstance(p, str | int) for p in parts) else None
    values = [evaluate(code, p, depth - 1) for p in ops.terms(op)]
    if len(values) != 2 or any(v is None for v in values):
        return None
    return calculate(ops.operator(op), *values)


def calculate(operator: str, left: object, right: object) -> object:
    if operator in ("|", "+") and isinstance(left, int) and isinstance(right, int):
        return left | right if operator == "|" else left + right
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return short(left + right)
    if operator == "+" and isinstance(left, tuple) and isinstance(right, tuple):
        return left + right
    if operator == "%" and isinstance(left, str):
        try:
            return short(left % right)
        except (TypeError, ValueError, KeyError):
            return None
    return None


def built(code: Code, op: Op, depth: int) -> object:
    _, _, kind, items = op
    if kind == "map":
        pairs = [(evaluate(code, i[0], depth - 1), evaluate(code, i[1], depth - 1)) for i in items if len(i) == 2]
        whole = len(pairs) == len(items) and all(isinstance(k, str) and v is not None for k, v in pairs)
        return dict(pairs) if whole else None
    values = [evaluate(code, i, depth - 1) if isinstance(i, int) else None for i in items]
    return None if any(v is None for v in values) else tuple(values)


def called(code: Code, op: Op, depth: int) -> object:
    args = [evaluate(code, a, depth - 1) if isinstance(a, int) else None for a in arguments(op)[0]]
    name = code.callee(op)
    if name == "map" and op[0] == CALL and len(args) == 2 and isinstance(args[1], tuple):
        first = arguments(op)[0][0]
        return mapped(code.full(first) if isinstance(first, int) else "", args[1])
    if name == "escape" and code.called(op) == "re.escape" and args and isinstance(args[0], str):
        return re.escape(args[0])
    if name in ("str", "tuple", "list", "sorted") and op[0] == CALL and len(args) == 1:
        return args[0]
    return method(code, op, args, depth) if op[0] == METHOD else None


def mapped(function: str, values: tuple[object, ...]) -> object:
    if function == "re.escape":
        return tuple(re.escape(v) for v in values if isinstance(v, str))
    return None


def method(code: Code, op: Op, args: list[object], depth: int) -> object:
    _, _, receiver, name, _, given = op
    base = evaluate(code, receiver, depth - 1) if name in ("join", "format", "encode", "strip") else None
    if not isinstance(base, str):
        return None
    if name == "join" and len(args) == 1 and isinstance(args[0], tuple):
        return short(base.join(map(str, args[0])))
    if name == "format":
        named_ = {n: evaluate(code, p, depth - 1) for n, p in given}
        if any(v is None for v in (*args, *named_.values())) or "" in named_:
            return None
        return formatted(base, args, named_)
    return base if name == "encode" else None


def formatted(text: str, args: list[object], named_: dict[str, object]) -> object:
    if len(text) > MAX_LENGTH or re.search(r"\{[^}]*[.\[:!]", text):
        return None
    try:
        return short(text.format(*args, **named_))
    except (IndexError, KeyError, ValueError):
        return None


def item(code: Code, op: Op, depth: int) -> object:
    base, key = evaluate(code, ops.base(op), depth - 1), evaluate(code, ops.key(op), depth - 1)
    if isinstance(base, dict):
        return base.get(key)
    if isinstance(base, tuple) and isinstance(key, int) and -len(base) <= key < len(base):
        return base[key]
    return None


def short(text: str) -> str | None:
    return text if len(text) <= MAX_LENGTH else None
