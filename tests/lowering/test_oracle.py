"""CPython's own parser as a witness: on the standard library both see the same functions, classes and calls."""

from __future__ import annotations

import ast
import sysconfig
from collections import Counter
from pathlib import Path

from buckler.analysis.ir.ops import CALL, METHOD, NAMED, NAMED_REST, POSITIONAL, REST, Module
from buckler.analysis.languages.registry import front_end
from buckler.analysis.languages.shared import lower

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = sorted(p for p in LIBRARY.glob("*.py") if p.stat().st_size < 120_000)
LAMBDA = "<lambda>"


def said_by_ast(tree: ast.Module) -> tuple[Counter[tuple[str, ...]], int]:
    """(kind, name, parameters) of each definition, and the number of calls that somebody wrote."""
    found: Counter[tuple[str, ...]] = Counter()
    calls = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found["class", node.name] += 1
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            name = LAMBDA if isinstance(node, ast.Lambda) else node.name
            found["function", name, *names(node.args)] += 1
        calls += isinstance(node, ast.Call)
    return found, calls


def names(args: ast.arguments) -> list[str]:
    plain = [f"{POSITIONAL}{a.arg}" for a in (*args.posonlyargs, *args.args)]
    rest = [f"{REST}{args.vararg.arg}"] if args.vararg else []
    named = [f"{NAMED}{a.arg}" for a in args.kwonlyargs]
    more = [f"{NAMED_REST}{args.kwarg.arg}"] if args.kwarg else []
    return plain + rest + named + more


def said_by_us(module: Module) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for function in module.functions:
        last = function.name.rpartition(".")[2]
        if function.kind == "class":
            found["class", last] += 1
        elif function.kind != "module":
            name = LAMBDA if last.startswith("<lambda") else last
            found["function", name, *(f"{p.kind}{p.name}" for p in function.params)] += 1
    return found


def calls_in(module: Module) -> int:
    return sum(op[0] in (CALL, METHOD) for f in module.functions for b in f.blocks for op in b.ops)


def unwritten(tree: ast.Module) -> int:
    """Calls the lowering adds: one per decorator and per item of a `with`."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            count += len(node.decorator_list)
        elif isinstance(node, ast.With | ast.AsyncWith):
            count += len(node.items)
    return count


def test_the_standard_library() -> None:
    assert len(FILES) > 100
    wrong: dict[str, object] = {}
    calls = expected = 0
    for path in FILES:
        source = path.read_bytes()
        tree = ast.parse(source)
        module = lower(front_end("python"), path.name, path.stem, False, source)
        ours, (theirs, written) = said_by_us(module), said_by_ast(tree)
        if ours != theirs:
            wrong[path.name] = {"only ours": ours - theirs, "only theirs": theirs - ours}
        calls += calls_in(module)
        expected += written + unwritten(tree)
        assert module.opaque == {}, path.name
    assert wrong == {}
    assert calls == expected
