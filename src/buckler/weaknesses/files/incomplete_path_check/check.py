"""Checks that a path stays inside a folder, and do not hold: by letters, or before the dots are resolved.

Whoever writes such a check says that the path is not trusted, so nobody needs to be seen sending it.

    if os.path.commonprefix([full, base]) != base:       # `/srv/files-private` begins with `/srv/files`
    base.joinpath(name).relative_to(base)                # `base/../x` begins with `base` too
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import BRANCH, BUILD, CALC, CALL, CONST, COPY, LOAD, METHOD, TEXT, Op, Place, operands
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, argument

RULE = "incomplete-path-check"
EQUALS = frozenset({"==", "!=", "===", "!=="})
ASKS = frozenset({"relative_to", "is_relative_to"})
RESOLVERS = frozenset({"resolve", "abspath", "realpath", "normpath", "basename", "secure_filename"})
"""What makes the dots of a path go away, or takes them off."""
JOINS = frozenset({"join", "joinpath"})
PATHS = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath"})
SEPARATORS = frozenset({"sep", "altsep"})


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("commonprefix"):
        yield from by_letters(code)
    for code in view.codes("commonpath"):
        yield from by_folders(code)
    for code in view.codes("relative_to"):
        yield from unresolved(code)


def by_letters(code: Code) -> Iterator[Misuse]:
    """`commonprefix([path, base]) == base`, unless what is compared ends in a separator."""
    for number, op in code.calls("commonprefix"):
        items = listed(code, op)
        if items and not any(separated(code, i) for i in items) and compared(code, op, items):
            yield Misuse(RULE, code.name, number, "`commonprefix` compares letters, not folders")


def by_folders(code: Code) -> Iterator[Misuse]:
    """`commonpath([base, joined]) == base` of a path whose dots are still there."""
    for number, op in code.calls("commonpath"):
        items = listed(code, op)
        if any(joined(code, i) for i in items) and compared(code, op, items):
            yield Misuse(RULE, code.name, number, "`commonpath` leaves `..` where it stands")


def unresolved(code: Code) -> Iterator[Misuse]:
    """`relative_to` asked only whether it raises, `is_relative_to` in a condition, of a path just joined."""
    for number, op in enumerate(code.ops):
        if op[0] != METHOD or ops.member(op) not in ASKS or not joined(code, ops.callee(op)):
            continue
        if ops.member(op) == "is_relative_to" or not used(code, op[1]):
            yield Misuse(RULE, code.name, number, f"`{ops.member(op)}` leaves `..` where it stands")


def listed(code: Code, op: Op) -> list[Place]:
    """The paths that are compared."""
    held = argument(op, 0, "paths", "m")
    made = code.define(held) if held is not None else None
    if made is None and held is not None:
        made = next((w for w in code.writes(held) if w[0] == BUILD), None)
    return [i for i in ops.items(made) if isinstance(i, int)] if made is not None and made[0] == BUILD else []


def compared(code: Code, op: Op, items: list[Place]) -> bool:
    """The result, or the name it is kept under, is asked to equal one of the paths."""
    names = {op[1]} | {o[1] for o in code.ops if o[0] == COPY and ops.copied(o) == op[1]}
    words = {bare(code, i) for i in items} - {""}
    for asked in code.ops:
        if asked[0] == CALC and ops.operator(asked) in EQUALS and any(p in names for p in ops.terms(asked)):
            return any(p in items or bare(code, p) in words for p in ops.terms(asked) if p not in names)
    return False


def bare(code: Code, place: Place) -> str:
    """The words of a place without a `str()` around it."""
    op = code.define(place)
    inner = argument(op, 0) if op is not None and op[0] == CALL and code.callee(op) == "str" else None
    return code.words(inner if inner is not None else place)


def separated(code: Code, place: Place) -> bool:
    """A path that ends in a separator, or is made with one."""
    for op in code.inside(place):
        if op[0] == LOAD and ops.attribute(op) in SEPARATORS:
            return True
        if op[0] == CONST and isinstance(ops.literal(op), str) and ops.literal(op).endswith("/"):
            return True
        if op[0] == TEXT and ops.parts(op) and str(ops.parts(op)[-1]).endswith("/"):
            return True
        if (
            op[0] == METHOD
            and ops.member(op) == "join"
            and code.constant(argument(op, len(ops.arguments(op)[0]) - 1)) == ""
        ):
            return True
    return False


def joined(code: Code, place: Place) -> bool:
    """Made here of a folder and a name that is no constant, with nothing that resolves it."""
    made = False
    for op in code.inside(place):
        if op[0] in (CALL, METHOD):
            name = code.callee(op)
            if name in RESOLVERS:
                return False
            parts = list(operands(op))[1:]
            if (name in JOINS and not text_join(code, op)) or (name in PATHS and len(parts) > 1):
                made = made or any(not code.is_constant(p) for p in parts)
        elif op[0] == CALC and ops.operator(op) == "/":
            made = made or not code.is_constant(ops.terms(op)[1])
    return made


def text_join(code: Code, op: Op) -> bool:
    """`", ".join(names)`: letters, not folders."""
    return op[0] == METHOD and isinstance(code.constant(ops.callee(op)), str)


def used(code: Code, place: Place) -> bool:
    """Somebody reads the result."""
    if any(place in operands(op) or (op[0] not in (CALL, METHOD) and place in op[2:]) for op in code.ops):
        return True
    return any(place in block.end[1:] for block in code.routine.function.blocks if block.end[0] != BRANCH)


CHECKS = (Check(find),)
