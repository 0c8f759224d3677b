"""Work and memory without an upper limit: numbers written out in full, uploads read whole.

A decimal such as `1e999999` is a few characters until somebody asks for all its digits. An upload that the framework
put into a file because of its size is read back into memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, COPY, METHOD, Op, Place, arguments
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, argument

RULE = "unbounded-resource"
LIMITS = re.compile(
    rb"MAX_|max_|limit|Limit|LIMIT|content_length|Content-Length|CONTENT_LENGTH|too_large|TooLarge|len\("
)
EXPONENT = frozenset({"as_tuple", "adjusted", "logb", "number_class"})
SPILLED = frozenset({"temporary_file_path"})
RAW = re.compile(
    r"(?:request|req|environ)\.(?:stream|wsgi\.input|raw|input_stream)$|^environ\.wsgi\.input$|(?:response|"
    r"resp|res|r)\.raw$"
)


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("Decimal"):
        yield from expanded(code)
    for code in view.codes("temporary_file_path", "wsgi.input", ".stream.read()", ".raw.read()"):
        yield from read_whole(code)


def expanded(code: Code) -> Iterator[Misuse]:
    """A decimal made of somebody's text is expanded before its exponent was looked at."""
    made = {n for n, op in code.calls("Decimal") if op[0] == CALL and given(code, op)}
    if not made:
        return
    holders = {code.ops[n][1] for n in made}
    holders |= {op[1] for op in code.ops if op[0] == COPY and ops.copied(op) in holders}
    looked = min(
        (
            n
            for n, op in enumerate(code.ops)
            if op[0] == METHOD and ops.member(op) in EXPONENT and ops.callee(op) in holders
        ),
        default=len(code.ops),
    )
    for number, op in enumerate(code.ops[:looked]):
        if number > min(made) and expands(code, op, holders):
            yield Misuse(RULE, code.name, min(made), "Decimal")
            return


def given(code: Code, op: Op) -> bool:
    """The number comes in as text through a parameter."""
    place = argument(op, 0, "value")
    if place is None or code.is_constant(place):
        return False
    if b"len(" in code.text.split(b"Decimal", 1)[0]:
        return False
    method = code.routine.owner is not None
    return any(not (method and r == 0) for r in code.roots(place)) and any(
        inner[0] == CALL and code.callee(inner) in ("str", "force_str") for inner in code.inside(place)
    )


def expands(code: Code, op: Op, holders: set[Place]) -> bool:
    """`int(d)`, which writes out all digits of the exponent."""
    if op[0] == CALL and code.callee(op) == "int":
        args = arguments(op)[0]
        return bool(args) and args[0] in holders
    return False


def read_whole(code: Code) -> Iterator[Misuse]:
    for number, op in enumerate(code.ops):
        if op[0] != METHOD or ops.member(op) != "read" or not endless(code, op):
            continue
        if spilled(code, ops.callee(op)) or (RAW.search(code.words(ops.callee(op))) and not LIMITS.search(code.text)):
            yield Misuse(RULE, code.name, number, "read")


def endless(code: Code, op: Op) -> bool:
    """`read()` without a number."""
    place = argument(op, 0, "size", "amt", "n")
    return not any(arguments(op)) if place is None else code.constant(place) in (-1, None) and code.is_constant(place)


def spilled(code: Code, place: Place) -> bool:
    """A file opened at the place where a big upload was put."""
    return any(op[0] == METHOD and ops.member(op) in SPILLED for op in code.inside(place))


CHECKS = (Check(find),)
