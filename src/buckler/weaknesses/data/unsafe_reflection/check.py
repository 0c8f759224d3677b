"""Attributes called by names somebody else chose, with no list of the names that may be.

return getattr(type(thing), op)(thing)  # op comes from a peer
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, ITEM, METHOD, Place
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, argument
from buckler.weaknesses.data.outside import filtered, own

RULE = "unsafe-reflection"

HANDLES = re.compile(
    r"handle|dispatch|remote|rpc|invoke|on_message|on_request|process_(?:command|request|message)|"
    r"execute_method|call_method",
    re.I,
)


def called_by_name(code: Code) -> Iterator[Misuse]:
    """A method chosen by what a message says, and called at once."""
    if not HANDLES.search(code.routine.function.name):
        return
    for number, op in enumerate(code.ops):
        made = code.define(ops.callee(op)) if op[0] == CALL else None
        if made is None or made[0] != CALL or code.callee(made) != "getattr":
            continue
        name, base = argument(made, 1), argument(made, 0)
        if name is None or base is None or not sent(code, name) or filtered(code, name):
            continue
        if code.roots(base) and (code.roots(base) - own(code) or reads_message(code, name)):
            yield Misuse(RULE, code.name, number, "getattr")


def sent(code: Code, name: Place) -> bool:
    """The name is a parameter or a field of one, as it came: nothing is put before it."""
    if code.parameter(name):
        return not code.writes(name)
    return reads_message(code, name)


def reads_message(code: Code, name: Place) -> bool:
    """`payload["method"]`, `message.get("command")`"""
    op = code.define(name)
    if op is None or op[0] not in (ITEM, METHOD) or (op[0] == METHOD and ops.member(op) not in ("get", "pop")):
        return False
    read, place = (ops.base(op), ops.key(op)) if op[0] == ITEM else (ops.callee(op), argument(op, 0))
    return isinstance(code.constant(place), str) and code.parameter(read) and read not in own(code)


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("getattr"):
        yield from called_by_name(code)


CHECKS = (Check(find),)
