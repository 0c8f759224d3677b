"""Checks that IR is well formed; run by tests after lowering, never in production."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.ir.ops import BRANCH, JUMP, NAMES, RAISE, RETURN, WRITES, Function, Module, Op


def check(module: Module) -> list[str]:
    """Complaints, empty when the module is well formed."""
    return [f"{f.name or '<module>'}: {complaint}" for f in module.functions for complaint in check_function(f)]


def check_function(function: Function) -> Iterator[str]:
    written: set[int] = set()
    count = len(function.blocks)
    operations = sum(len(b.ops) for b in function.blocks)
    if len(function.spans) != operations + count:
        yield f"{len(function.spans)} spans for {operations} operations and {count} blocks"
    for number, block in enumerate(function.blocks):
        for op in block.ops:
            if not 0 <= op[0] < JUMP:
                yield f"b{number}: unknown code {op[0]}"
            elif op[0] in WRITES and op[1] < 0:
                if op[1] in written:
                    yield f"b{number}: temporary t{-op[1]} assigned twice"
                written.add(op[1])
            if op[0] in WRITES and not -function.temps <= op[1] < len(function.locals):
                yield f"b{number}: {NAMES[op[0]]} writes place {op[1]} that does not exist"
        if any(not 0 <= t < count for t in targets(block.end)):
            yield f"b{number}: jumps outside the function"
        if block.end[0] not in (JUMP, BRANCH, RETURN, RAISE):
            yield f"b{number}: has no terminator"


def targets(end: Op) -> tuple[int, ...]:
    """Blocks a terminator may continue in."""
    if end[0] == JUMP:
        return (end[1],)
    return (end[2], end[3]) if end[0] == BRANCH else ()
