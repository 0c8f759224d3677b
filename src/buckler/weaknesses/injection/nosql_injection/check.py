"""Operators of a query that are refused one level deep only."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, EACH, METHOD, Place, arguments
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView

RULE = "nosql-injection"


def shallow(code: Code) -> Iterator[Misuse]:
    """Keys that begin with `$` are refused at the top and in its values, but not below."""
    name = code.routine.function.name.rsplit(".", 1)[-1]
    if code.routine.function.kind not in ("function", "method") or any(True for _ in code.calls(name)):
        return
    for number, op in enumerate(code.ops):
        if op[0] not in (CALL, METHOD):
            continue
        args = arguments(op)[0]
        element = code.define(args[0]) if len(args) == 1 and isinstance(args[0], int) else None
        if (
            element is not None
            and element[0] == EACH
            and values_of(code, ops.copied(element))
            and twice(code, ops.callee(op), number)
        ):
            yield Misuse(RULE, code.name, number, "a check one level deep")


def values_of(code: Code, place: Place) -> bool:
    op = code.define(place)
    return op is not None and op[0] == METHOD and ops.member(op) == "values" and bool(code.roots(ops.callee(op)))


def twice(code: Code, callee: Place, number: int) -> bool:
    """The same check was made on the whole before."""
    words = code.words(callee)
    return any(op[0] == CALL and code.words(ops.callee(op)) == words for op in code.ops[:number])


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("'$'", '"$"', "'$')", '"$")'):
        yield from shallow(code)


CHECKS = (Check(find),)
