"""Prints the IR for eyes and for golden files: one line per operation, names instead of numbers."""

from __future__ import annotations

from buckler.analysis.ir.ops import (
    BRANCH,
    BUILD,
    CALC,
    CALL,
    CLASS,
    CONST,
    COPY,
    DELKEY,
    EACH,
    FUNC,
    IMPORT,
    ITEM,
    JUMP,
    LOAD,
    METHOD,
    NAME,
    OPAQUE,
    PUT,
    RAISE,
    RETURN,
    SETKEY,
    SLICE,
    STORE,
    TEXT,
    Function,
    Module,
    Op,
)  # fmt: skip


def show(module: Module) -> str:
    """Every function of the module, in order."""
    return "\n".join(show_function(f) for f in module.functions)


def show_function(function: Function) -> str:
    params = ", ".join(p.name for p in function.params)
    lines = [f"{function.kind} {function.name or '<module>'}({params})"]
    for number, block in enumerate(function.blocks):
        handler = f" handler b{block.handler}" if block.handler >= 0 else ""
        lines.append(f" b{number}:{handler}")
        lines += [f"   {show_op(function, op)}" for op in block.ops]
        lines.append(f"   {show_op(function, block.end)}")
    return "\n".join(lines) + "\n"


def show_op(function: Function, op: Op) -> str:
    def at(place: object) -> str:
        if isinstance(place, tuple):
            return "*" + at(place[0])
        if not isinstance(place, int):
            return "_"
        return function.locals[place] if place >= 0 else f"t{-place}"

    def many(places: object) -> str:
        assert isinstance(places, tuple)
        return ", ".join(at(p) for p in places)

    def call(args: object, named: tuple[tuple[str, int], ...]) -> str:
        parts = [many(args)] if args else []
        return ", ".join(parts + [f"{n or '**'}={at(p)}" for n, p in named])

    match op:
        case (code, dst, value) if code == CONST:
            return f"{at(dst)} = {value!r}"
        case (code, dst, src) if code == COPY:
            return f"{at(dst)} = {at(src)}"
        case (code, dst, name, owner) if code == NAME:
            return f"{at(dst)} = {'global' if owner < 0 else f'outer{owner}'} {name}"
        case (code, name, owner, src) if code == PUT:
            return f"{'global' if owner < 0 else f'outer{owner}'} {name} = {at(src)}"
        case (code, dst, base, name) if code == LOAD:
            return f"{at(dst)} = {at(base)}.{name}"
        case (code, base, name, src) if code == STORE:
            return f"{at(base)}.{name} = {at(src)}"
        case (code, dst, base, key) if code == ITEM:
            return f"{at(dst)} = {at(base)}[{at(key)}]"
        case (code, dst, base, low, high) if code == SLICE:
            return f"{at(dst)} = {at(base)}[{at(low)}:{at(high)}]"
        case (code, base, key, src) if code == SETKEY:
            return f"{at(base)}[{at(key)}] = {at(src)}"
        case (code, base, key) if code == DELKEY:
            return f"del {at(base)}[{at(key)}]"
        case (code, dst, src) if code == EACH:
            return f"{at(dst)} = each {at(src)}"
        case (code, dst, operator, operands) if code == CALC:
            return f"{at(dst)} = {operator}({many(operands)})"
        case (code, dst, parts) if code == TEXT:
            return f"{at(dst)} = text({', '.join(repr(p) if isinstance(p, str) else at(p) for p in parts)})"
        case (code, dst, kind, items) if code == BUILD:
            pairs = (f"{at(i[0])}: {at(i[1])}" if isinstance(i, tuple) and len(i) == 2 else at(i) for i in items)
            return f"{at(dst)} = {kind}({', '.join(pairs)})"
        case (code, dst, callee, args, named) if code == CALL:
            return f"{at(dst)} = call {at(callee)}({call(args, named)})"
        case (code, dst, receiver, name, args, named) if code == METHOD:
            return f"{at(dst)} = call {at(receiver)}.{name}({call(args, named)})"
        case (code, dst, index, _) if code == FUNC:
            return f"{at(dst)} = function {index}"
        case (code, dst, index, bases) if code == CLASS:
            return f"{at(dst)} = class {index}({many(bases)})"
        case (code, dst, module, name) if code == IMPORT:
            return f"{at(dst)} = import {module}{':' + name if name else ''}"
        case (code, dst, kind, children) if code == OPAQUE:
            return f"{at(dst)} = opaque {kind}({many(children)})"
        case (code, target) if code == JUMP:
            return f"jump b{target}"
        case (code, condition, then, otherwise) if code == BRANCH:
            return f"if {at(condition)} b{then} else b{otherwise}"
        case (code, place) if code == RETURN:
            return f"return {at(place)}"
        case (code, place) if code == RAISE:
            return f"raise {at(place)}"
    return repr(op)
