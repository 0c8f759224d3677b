"""Whether a decorator makes a function known to somebody who may call it.

`functools.wraps`, a cache or a property give back another function under the same name, which its callers call by that
name; a registry keeps it for somebody else. Decorators are looked through for where their argument goes.

Example::

    def register(f): KNOWN.append(f); return f       # keeps it
    def quiet(f): return wraps(f)(lambda *a: f(*a))  # keeps nothing
"""

from __future__ import annotations

from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import (
    BUILD,
    CALL,
    COPY,
    LOAD,
    METHOD,
    NAME,
    PUT,
    SETKEY,
    STATIC,
    STORE,
    Function,
    Module,
    Op,
    Place,
)

HARMLESS = frozenset({
    "functools", "inspect", "isinstance", "callable", "hasattr", "getattr", "setattr", "wraps", "partial",
    "update_wrapper", "iscoroutinefunction", "asyncio", "property", "staticmethod", "classmethod", "super", "id",
    "repr", "str", "type", "warnings", "cached", "lru_cache", "contextmanager", "cast",
})  # fmt: skip
"""What may be given a function without keeping it for somebody else."""


def keeps_nothing(module: Module, function: Function) -> bool:
    """Whether what comes first (after the instance) goes nowhere but back, or into this instance."""
    number = 1 if function.kind == "method" and not function.flags & STATIC else 0
    if number >= len(function.params):
        return True
    name = function.params[number].name
    if leaks(function, {number}):
        return False
    return not any(leaks(inner, read_in(inner, function, name)) for inner in module.functions
                   if below(module, inner, function))  # fmt: skip


def read_in(inner: Function, outer: Function, wanted: str) -> set[Place]:
    """Places of an inner function that hold a variable of an outer one."""
    out: set[Place] = set()
    for block in inner.blocks:
        for op in block.ops:
            if op[0] == NAME:
                _, place, name, owner = op
                if owner == outer.index and name == wanted:
                    out.add(place)
    return out


def below(module: Module, inner: Function, outer: Function) -> bool:
    while inner.parent > 0:
        if inner.parent == outer.index:
            return True
        inner = module.functions[inner.parent]
    return False


def leaks(function: Function, places: set[Place]) -> bool:
    """Whether what these places hold is kept by somebody else."""
    names: dict[Place, str] = {}
    for block in function.blocks:
        for op in block.ops:
            code = op[0]
            if code == NAME:
                names[ir.target(op)] = ir.read_name(op)
            elif code == LOAD:
                names[ir.target(op)] = f"{names.get(ir.base(op), '')}.{ir.attribute(op)}".lstrip(".")
            elif code == COPY and ir.copied(op) in places:
                places.add(ir.target(op))
            elif code == STORE:
                if ir.stored(op) in places and ir.base(op) != 0:
                    return True
            elif code in (CALL, METHOD):
                called = names.get(ir.callee(op), "")
                given = [place for place in ir.operands(op) if place != ir.callee(op)]
                known = called.partition(".")[0] in HARMLESS or called.rpartition(".")[2] in HARMLESS
                known = known or (code == METHOD and ir.member(op) in MAKERS)
                names[ir.target(op)] = called if known else ""
                if not known and not places.isdisjoint(given):
                    return True
            elif code in (BUILD, SETKEY, PUT) and not places.isdisjoint({*ir.operands(op), *kept_by(op)}):
                return True
    return False


MAKERS = frozenset({"__init__", "__new__", "__set_name__"})


def kept_by(op: Op) -> tuple[Place, ...]:
    return (ir.stored(op),) if op[0] in (SETKEY, PUT) else ()
