"""Stack traces in answers: what is written for developers and shown to the user.

    except Exception:
        return {"error": traceback.format_exc()}, 500

Which functions give a trace is a fact of the library models (`facts = ["stack-trace"]`); what a handler
returns or writes to its answer is shown. Code that asks whether debug mode is on is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, LOAD, METHOD, RETURN, Op, Place, arguments
from buckler.review.checks.handlers import handlers
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView

RULE = "stack-trace-exposure"
FACT = "stack-trace"
WORDS = ("format_exc", "format_exception", "format_tb", "format_stack", ".stack")
WRITES = frozenset({"write", "finish", "send", "end", "json"})
ANSWERS = re.compile(r"^(?:self|res|resp|response|reply|out)$")
CARE = re.compile(rb"debug|development|NODE_ENV", re.I)


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes(*WORDS):
        if CARE.search(code.text) or not handles(view, code):
            continue
        for number, place in shown(code):
            if any(gives_trace(code, op) for op in code.inside(place)):
                yield Misuse(RULE, code.name, number, "the answer")


def handles(view: ProgramView, code: Code) -> bool:
    """Whether what the routine returns or writes answers a request."""
    return any(handler.code.name == code.name for handler in handlers(view))


def shown(code: Code) -> Iterator[tuple[int, Place]]:
    """What goes into the answer, with the operation that puts it there."""
    for block in code.routine.function.blocks:
        place = block.end[1] if block.end[0] == RETURN else None
        made = code.define(place) if place is not None else None
        if place is not None and made is not None:
            yield code.number(made), place
    for number, op in enumerate(code.ops):
        if (
            op[0] == METHOD
            and ops.member(op) in WRITES
            and ANSWERS.match(code.words(ops.callee(op)).partition(".")[0].rstrip("()"))
        ):
            for place in arguments(op)[0]:
                if isinstance(place, int):
                    yield number, place


def gives_trace(code: Code, op: Op) -> bool:
    """A call that the library models say gives a trace, or the `stack` of a caught error."""
    if op[0] in (CALL, METHOD):
        rows = code.view.engine.libraries[code.language].callables.get(code.called(op), ())
        return any(FACT in row.facts for row in rows)
    return op[0] == LOAD and ops.attribute(op) == "stack" and code.language == "javascript"


CHECKS = (Check(find, across=True),)
