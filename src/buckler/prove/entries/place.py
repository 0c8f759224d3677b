"""The function around a finding, where the review looked at text and did not name one.

Example::

    placed(Path("shop"), finding, Place.LINE).function     # "Client.connect"
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.files import read_in
from buckler.finding.model import Finding
from buckler.prove.model import Place


def placed(project: Path, finding: Finding, place: Place) -> Finding:
    """The finding with the function it lies in; as it was, if it has one or the file cannot be read."""
    whole = place in (Place.DECORATED, Place.FUNCTION)
    if finding.function and not whole:
        return finding
    try:
        tree = ast.parse(read_in(project, finding.location.path, MAX_FILE_SIZE))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return finding
    if whole:
        found = decorated if place is Place.DECORATED else headed
        function = found(tree, finding.location.line)
        if function is None:
            return finding
        first = first_statement(function).lineno
        return moved(finding, tree, first)
    if place is Place.USE and (line := first_use(tree, finding.location.line)):
        return moved(finding, tree, line)
    return replace(finding, function=".".join(around(tree, finding.location.line)))


def moved(finding: Finding, tree: ast.Module, line: int) -> Finding:
    """The finding at another line of its file."""
    location = replace(finding.location, line=line, end_line=line)
    return replace(finding, location=location, function=".".join(around(tree, line)))


def decorated(tree: ast.Module, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function whose decorators stand on a line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            d.lineno <= line <= (d.end_lineno or 0) for d in node.decorator_list
        ):
            return node
    return None


def headed(tree: ast.Module, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The innermost function that a line belongs to, its head and decorators included."""
    holding = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and min([node.lineno, *(d.lineno for d in node.decorator_list)]) <= line <= (node.end_lineno or 0)
    ]
    return max(holding, key=lambda node: node.lineno, default=None)


def first_statement(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    """The first that does anything."""
    body = function.body
    documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and len(body) > 1
    return body[1] if documented else body[0]


def last_line(project: Path, path: str, line: int) -> int:
    """The line of the last statement of the function at a line; the line itself if there is none to be read."""
    try:
        function = headed(ast.parse(read_in(project, path, MAX_FILE_SIZE)), line)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return line
    return function.body[-1].lineno if function is not None else line


def first_use(tree: ast.Module, line: int) -> int:
    """Where a function first uses what a line at the top of the file gives a name; 0 if none does."""
    names = [target.id for node in tree.body if isinstance(node, ast.Assign) and node.lineno <= line <= (node.end_lineno or 0)
             for target in node.targets if isinstance(target, ast.Name)]  # fmt: skip
    uses = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            and node.id in names and around(tree, node.lineno)]  # fmt: skip
    return min(uses, default=0)


def handlers(source: bytes, lines: Collection[int]) -> list[int]:
    """Lines that run where code deals by itself with an error of some lines; what it does about others says nothing.

    A handler that holds one of these lines is none: there it is the way they are reached.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try) and any(tried(node, line) for line in lines)]
    found = [handler for node in tries for handler in node.handlers]
    spans = [range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1) for node in found]
    return sorted({line for span in spans if not any(n in span for n in lines) for line in span})


def tried(node: ast.Try, line: int) -> bool:
    return node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0)


def comparison(source: bytes, line: int, column: int) -> int | None:
    """Which test for equality of its line stands at a column, counted from 0; None if the line has none."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    tests = [n.col_offset for n in ast.walk(tree) if isinstance(n, ast.Compare) and n.lineno == line
             and isinstance(n.ops[0], ast.Eq | ast.NotEq)]  # fmt: skip
    return min(sum(at < column - 1 for at in tests), len(tests) - 1) if tests else None


def around(tree: ast.AST, line: int) -> list[str]:
    """Names of the functions and classes whose bodies hold a line, the outermost first; those that end in a class, as
    what stands in its body runs with the file, are none."""
    names: list[str] = []
    deepest = 0
    node: ast.AST | None = tree
    while node is not None:
        node = next((n for n in ast.iter_child_nodes(node) if holds(n, line)), None)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
            if not isinstance(node, ast.ClassDef):
                deepest = len(names)
    return names[:deepest]


def holds(node: ast.AST, line: int) -> bool:
    """The line is inside; for a function in its body, because its defaults and decorators run outside."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.body[0].lineno <= line <= (node.end_lineno or 0)
    first = getattr(node, "lineno", None)
    return first is not None and first <= line <= (getattr(node, "end_lineno", None) or 0)
