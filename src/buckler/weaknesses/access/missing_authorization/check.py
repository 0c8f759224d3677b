"""A right that is asked for by another key than the one it is tested by elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import BRANCH, CALC, CALL, LOAD, METHOD
from buckler.review.checks.handlers import MAY
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, sole
from buckler.weaknesses.access import siblings

RULE = "missing-authorization"


def tested_otherwise(code: Code) -> Iterator[Misuse]:
    """A right is asked for when a field equals one constant, but any value of the field has the effect."""
    compared: dict[tuple[str, str], int] = {}
    truthy: dict[tuple[str, str], int] = {}
    conditions = {b.end[1] for b in code.routine.function.blocks if b.end[0] == BRANCH}
    for number, op in enumerate(code.ops):
        if op[0] == METHOD and ops.member(op) == "get":
            field = code.constant(sole(op))
            if isinstance(field, str) and op[1] in conditions:
                truthy.setdefault((code.words(ops.callee(op)), field), number)
        elif (
            op[0] == CALC
            and ops.operator(op) in ("==", "===")
            and op[1] in conditions
            and isinstance(code.constant(ops.terms(op)[1]), str)
        ):
            made = code.define(ops.terms(op)[0])
            field = sole(made) if made is not None and made[0] == METHOD and ops.member(made) == "get" else None
            if made is not None and field is not None:
                compared.setdefault((code.words(ops.callee(made)), str(code.constant(field))), number)
    for key, number in compared.items():
        if key in truthy and start(code, truthy[key]) > start(code, number) and refuses_after_role(code, number):
            yield Misuse(RULE, code.name, truthy[key], "field")


def start(code: Code, number: int) -> int:
    return code.routine.function.spans[number] >> 32


def refuses_after_role(code: Code, number: int) -> bool:
    """In the same condition somebody's right is asked for."""
    here = start(code, number)
    return any(
        here - 200 < start(code, n) < here
        and op[0] in (CALL, METHOD, LOAD)
        and MAY.search(code.callee(op) if op[0] != LOAD else str(ops.attribute(op)))
        for n, op in enumerate(code.ops)
    )


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("permission", "allowed", "role_", "abort(403", "is_admin"):
        if b".get(" in code.text:
            yield from tested_otherwise(code)


CHECKS = (Check(find), siblings.CHECK)
