"""Operations on constants, so that branches decided by arithmetic are decided here too.

Pure functions of small inputs only; anything that fails, is too large or is not listed is simply unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from buckler.analysis.languages.registry import WORDS

MAX_NUMBER = 1 << 200
MAX_LENGTH = 4000


def _safe_power(a: Any, b: Any) -> Any:
    if isinstance(b, int) and abs(b) < 64 and abs(a) < 1 << 40:
        return a**b
    raise ValueError("too large")


def _safe_times(a: Any, b: Any) -> Any:
    if isinstance(a, str) or isinstance(b, str):
        size = (len(a) if isinstance(a, str) else a) * (len(b) if isinstance(b, str) else b)
        if size > MAX_LENGTH:
            raise ValueError("too large")
    return a * b


def _safe_shift(a: Any, b: Any) -> Any:
    if not 0 <= b < 128:
        raise ValueError("too large")
    return a << b


OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": _safe_times,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": _safe_power,
    "<<": _safe_shift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
    "is": lambda a, b: a is b if a is None or b is None or isinstance(a, bool) else a == b,
    "is not": lambda a, b: a is not b if a is None or b is None or isinstance(a, bool) else a != b,
    "not": operator.not_,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "??": lambda a, b: b if a is None else a,
    "u-": operator.neg,
    "u+": operator.pos,
    "u~": operator.invert,
}
OPERATORS |= {spelling: OPERATORS[meant] for spelling, meant in WORDS.operators.items()}


def spelled(*operators: str) -> frozenset[str]:
    """These operators as every language writes them."""
    return frozenset(operators) | {spelling for spelling, meant in WORDS.operators.items() if meant in operators}


COMPARISONS = spelled("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "not", "more", "matches",
                      "instance", "raised")  # fmt: skip
NEGATIONS, BOTH, EITHER = spelled("not"), spelled("and"), spelled("or")

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "int": lambda x="0", base=10: int(x, base) if isinstance(x, str) else int(x),
    "str": lambda x="": str(x),
    "bool": bool,
    "abs": abs,
    "ord": ord,
    "chr": chr,
    "min": min,
    "max": max,
    "text.upper": str.upper,
    "text.lower": str.lower,
    "text.strip": str.strip,
    "text.lstrip": str.lstrip,
    "text.rstrip": str.rstrip,
    "text.replace": str.replace,
    "text.startswith": str.startswith,
    "text.endswith": str.endswith,
    "text.find": str.find,
    "text.rfind": str.rfind,
    "text.index": str.index,
    "text.count": str.count,
    "text.isdigit": str.isdigit,
    "text.isalpha": str.isalpha,
    "text.isalnum": str.isalnum,
    "text.title": str.title,
    "text.capitalize": str.capitalize,
    "text.join": lambda sep, items: sep.join(items),
    "text.encode": lambda x, *a: x,
    "text.decode": lambda x, *a: x,
    "text.char_at": lambda x, i: x[i],
}


def apply(function: Callable[..., Any], arguments: Sequence[tuple[object, ...]]) -> tuple[object, ...]:
    """The possible results for all combinations of possible arguments; empty when unknown."""
    total = 1
    for alternatives in arguments:
        total *= len(alternatives)
    if not 0 < total <= 16:
        return ()
    results: list[object] = []
    for number in range(total):
        chosen = []
        for alternatives in arguments:
            number, position = divmod(number, len(alternatives))
            chosen.append(alternatives[position])
        try:
            result = function(*chosen)
        except Exception:  # noqa: BLE001 - whatever reviewed constants make of it, the answer is "unknown"
            return ()
        if not small(result):
            return ()
        if not any(result == r and type(result) is type(r) for r in results):
            results.append(result)
    return tuple(results) if len(results) <= 8 else ()


def small(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_LENGTH
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return True
    return isinstance(value, int) and abs(value) < MAX_NUMBER


def truth(consts: tuple[object, ...]) -> bool | None:
    """What a condition with these possible values decides: True, False or unknown."""
    if not consts:
        return None
    first = bool(consts[0])
    return first if all(bool(c) is first for c in consts) else None
