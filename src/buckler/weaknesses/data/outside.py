"""Names and data that come from outside the program, as far as words tell."""

from __future__ import annotations

from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALC, ITEM, METHOD, Place
from buckler.review.checks.view import Code

TESTS = frozenset({"startswith", "startsWith", "match", "fullmatch", "isidentifier", "has", "includes", "test"})


def own(code: Code) -> set[Place]:
    return {0} if code.routine.owner is not None else set()


def filtered(code: Code, key: Place) -> bool:
    """Some key is refused or looked up before it is used."""
    words = {code.words(key), code.local(key)} - {""}
    for op in code.ops:
        if (
            op[0] == CALC
            and ops.operator(op) in ("in", "not in", "==", "!=", "===", "!==")
            and any(code.words(p) in words for p in ops.terms(op))
        ):
            return True
        if (
            op[0] == METHOD
            and ops.member(op) in TESTS
            and any(
                code.words(p) in words
                for p in [ops.callee(op), *[a for a in ops.arguments(op)[0] if isinstance(a, int)]]
            )
        ):
            return True
        if op[0] == ITEM and code.words(ops.key(op)) in words and code.words(ops.base(op)).isupper():
            return True
    return False
