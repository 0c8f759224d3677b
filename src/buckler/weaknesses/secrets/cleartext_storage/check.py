"""Secrets kept as they are: a password written to a file or into a cookie.

Only a value that is named like a secret and that came in here (a parameter, a request) counts; a program that
saves its own settings is not reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALC, CALL, COPY, METHOD, TEXT, Op, Place, arguments, operands
from buckler.review.checks.model import Check
from buckler.review.checks.names import password
from buckler.review.checks.view import Code, ProgramView, argument

RULE = "cleartext-storage"
WORDS = ("assw", "ASSW", "assphrase", "pwd")
WRITERS = {
    "write": 0, "writelines": 0, "write_text": 0, "set_cookie": 1, "appendFileSync": 1, "writeFileSync": 1,
    "setItem": 1, "cookie": 1,
}  # fmt: skip
"""Methods that store → position of what they store."""
STORING = (b".write", b"set_cookie", b"FileSync", b"setItem", b".cookie(")
OPENED = re.compile(r"open\(\)|(?:^|[._])(?:f|fh|fp|file|handle|out|output|outfile)$", re.I)
CARE = re.compile(rb"hash|crypt|scrypt|pbkdf|argon|cipher|keyring|encode_password|make_password|mask|getpass", re.I)


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes(*WORDS):
        if not any(w in code.text for w in STORING) or CARE.search(code.text):
            continue
        for number, op in enumerate(code.ops):
            if op[0] == METHOD and ops.member(op) in WRITERS and keeps(code, op):
                place = argument(op, WRITERS[ops.member(op)], "value", "data")
                if place is not None and any(told(code, p) for p in pieces(code, place)):
                    yield Misuse(RULE, code.name, number, ops.member(op))


def keeps(code: Code, op: Op) -> bool:
    """The receiver is a file or a response rather than a terminal or a socket."""
    words = code.words(ops.callee(op))
    if ops.member(op) in ("write", "writelines"):
        made = code.define(ops.callee(op))
        opened = made is not None and made[0] in (CALL, METHOD) and code.callee(made) in ("open", "fdopen", "__enter__")
        return opened or (OPENED.search(words) is not None and "std" not in words)
    return True


def pieces(code: Code, place: Place, depth: int = 6) -> Iterator[Place]:
    """The value and the parts of the text it is built from."""
    yield place
    op = code.defs.get(place) if depth else None
    if op is not None and op[0] in (TEXT, CALC, COPY):
        for inner in operands(op):
            yield from pieces(code, inner, depth - 1)
    elif op is not None and op[0] == METHOD and ops.member(op) in ("format", "encode", "join"):
        args, named = arguments(op)
        for inner in (*(a for a in args if isinstance(a, int)), *(p for _, p in named)):
            yield from pieces(code, inner, depth - 1)


def told(code: Code, place: Place) -> bool:
    """A password that came in here."""
    name = code.words(place)
    if not password(name) or name.endswith("()"):
        return False
    return code.parameter(place) or bool(code.roots(place)) or code.view.from_outside(code.routine, place)


CHECKS = (Check(find),)
