"""Operands are read by their names: `op[3]` says nothing to a reader, and another layout would break it silently."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import buckler
from buckler.analysis.ir import ops

ROOT = Path(buckler.__file__).parent
OWN = ("analysis/ir/", "analysis/flow/")
"""Where operations are made and carried out."""
CODES = {name for name in vars(ops) if name.isupper() and isinstance(getattr(ops, name), int)}
GIVERS = {"define", "calls", "inside", "writes", "receivers"}
"""What answers with operations, alone or beside their numbers."""
HOLDERS = {"ops", "defs"}


def files() -> list[Path]:
    return [path for path in sorted(ROOT.rglob("*.py")) if not path.relative_to(ROOT).as_posix().startswith(OWN)]


def numbered(tree: ast.AST) -> list[int]:
    """Lines that read a member of an operation, past its code and its place, by number."""
    found: list[int] = []
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
        names = set(operations(function))
        found += [
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Name)
            and node.value.id in names
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, int)
            and node.slice.value >= 2
        ]
    return sorted(set(found))


def operations(function: ast.AST) -> Iterator[str]:
    """Names that hold an operation: declared so, asked for their code, or given by what answers with operations."""
    for node in ast.walk(function):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as kind) if "Op" in words(kind):
                yield name
            case ast.Compare(
                left=ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=0)), comparators=all_
            ):
                if any(CODES & words(one) for one in all_):
                    yield name
            case ast.Assign(targets=[target], value=value) if gives(value):
                yield from bound(target)
            case ast.NamedExpr(target=target, value=value) if gives(value):
                yield from bound(target)
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source) if gives(source):
                yield from bound(target)


def gives(value: ast.AST) -> bool:
    """Whether a value is an operation, or several, or numbered ones."""
    match value:
        case ast.Call(func=ast.Attribute(attr=name)) if name in GIVERS:
            return True
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name), attr="get")) if name in HOLDERS:
            return True
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
            return gives(inner)
        case ast.Attribute(attr=name) | ast.Subscript(value=ast.Attribute(attr=name)):
            return name in HOLDERS
    return False


def bound(target: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def words(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


@pytest.mark.parametrize(
    "code",
    [
        "def f(op: Op): return op[2]",
        "def f(x): return x[3] if x[0] == METHOD else 0",
        "def f(x): return x[3] if x[0] in (ops.METHOD, ops.LOAD) else 0",
        "def f(code): return code.define(1)[2] and (a := code.define(1)) and a[2]",
        "def f(code):\n made = code.defs.get(1)\n return made[2]",
        "def f(code): return [o[4] for o in code.ops]",
        "def f(code): return [o[4] for n, o in enumerate(code.ops)]",
        "def f(code):\n for n, op in code.calls('x'):\n  op[5]",
    ],
)
def test_a_numbered_operand_is_seen(code: str) -> None:
    assert numbered(ast.parse(code))


def test_the_code_and_the_place_have_their_numbers() -> None:
    assert numbered(ast.parse("def f(op: Op, row): return op[0], op[1], row[2]")) == []


def test_no_operand_is_read_by_number_outside_its_package() -> None:
    found = [f"{p.relative_to(ROOT)}:{line}" for p in files() for line in numbered(ast.parse(p.read_text("utf-8")))]
    assert found == []
