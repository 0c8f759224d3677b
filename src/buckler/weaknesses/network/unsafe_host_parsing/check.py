"""Hosts that are cut out of a URL by hand."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import COPY, ITEM, LOAD, METHOD, Place
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, argument

RULE = "unsafe-host-parsing"


def cut_host(code: Code) -> Iterator[Misuse]:
    """The part of `netloc` before the first colon, which a user name before `@` can pose as."""
    if b"'@'" in code.text or b'"@"' in code.text:
        return
    for number, op in enumerate(code.ops):
        if (
            op[0] != METHOD
            or ops.member(op) not in ("split", "partition", "rsplit", "rpartition")
            or not is_netloc(code, ops.callee(op))
        ):
            continue
        mark = argument(op, 0, "sep")
        text = code.constant(mark)
        if mark is None or (isinstance(text, str) and text != ":"):
            continue
        if taken_first(code, op[1]):
            yield Misuse(RULE, code.name, number, "netloc.split")


def is_netloc(code: Code, place: Place) -> bool:
    op = code.define(place)
    return op is not None and op[0] == LOAD and ops.attribute(op) == "netloc"


def taken_first(code: Code, place: Place) -> bool:
    """The first piece is used, by index or by unpacking."""
    holders = {place} | {op[1] for op in code.ops if op[0] == COPY and ops.copied(op) == place}
    return any(op[0] == ITEM and ops.base(op) in holders and code.constant(ops.key(op)) == 0 for op in code.ops)


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("netloc"):
        yield from cut_host(code)


CHECKS = (Check(find),)
