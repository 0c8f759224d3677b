"""Which names of a package a project's Python files use: what an upgrade may not take away.

A name that is imported, and what is read from it, is known exactly. A method of something whose class is not known is
known by its name alone, so every attribute that the files read is told as well.

Example::

    found = used({"shop/app.py": b"from jinja2 import Template\\nTemplate(x).render()"}, ["jinja2"])
    found.names         # {"jinja2.Template": "shop/app.py:1"}
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

ROUNDS = 3
"""Variables made of variables, so often."""
MANY = 99
"""Arguments of a call that spreads a list: any number."""


@dataclass(slots=True)
class Called:
    """With what something is called, all its calls taken together."""

    positional: int = 0
    """The most arguments without a name."""
    keywords: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Used:
    """Names of a package, dotted, each with the first place that uses it; and the attributes read anywhere."""

    names: dict[str, str] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    calls: dict[str, Called] = field(default_factory=dict)
    """By dotted name; of methods of what the package made by `.name`."""
    unread: list[str] = field(default_factory=list)
    """Files that are no Python for us."""


def used(files: Mapping[str, bytes], modules: Iterable[str]) -> Used:
    """What these files use of these top-level modules."""
    wanted, out = set(modules), Used()
    for path, data in sorted(files.items()):
        try:
            tree = ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            out.unread.append(path)
            continue
        known = dict(_imports(tree, wanted))
        if not known:
            continue
        made = _made(tree, known)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                out.attributes.add(node.attr)
            elif isinstance(node, ast.Call):
                _note_call(node, known, made, out)
            if (name := _dotted(node, known)) is not None:
                out.names.setdefault(name, f"{path}:{getattr(node, 'lineno', 1)}")
    return out


def _note_call(node: ast.Call, known: Mapping[str, str], made: Container[str], out: Used) -> None:
    name = _dotted(node.func, known)
    if name is None and isinstance(node.func, ast.Attribute) and _from_package(node.func.value, known, made):
        name = f".{node.func.attr}"
    if name:
        call = out.calls.setdefault(name, Called())
        spread = any(isinstance(argument, ast.Starred) for argument in node.args)
        call.positional = max(call.positional, MANY if spread else len(node.args))
        call.keywords |= {keyword.arg for keyword in node.keywords if keyword.arg}


def _made(tree: ast.AST, known: Mapping[str, str]) -> set[str]:
    """Names of variables and attributes that hold what a call into the package gave, or something made of that, and of
    classes below one of the package."""
    made: set[str] = set()
    for _ in range(ROUNDS):
        before = len(made)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                if any(_dotted(base, known) or _from_package(base, known, made) for base in node.bases):
                    made.add(node.name)
                continue
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                targets = [node.optional_vars]
            else:
                continue
            value = node.context_expr if isinstance(node, ast.withitem) else node.value
            if value is not None and _from_package(value, known, made):
                made |= {name for target in targets if (name := _held_as(target))}
        if len(made) == before:
            break
    return made


def _from_package(value: ast.expr, known: Mapping[str, str], made: Container[str]) -> bool:
    """Whether an expression is a call into the package, or goes on from something that one gave."""
    while isinstance(value, ast.Call | ast.Attribute | ast.Subscript | ast.Await):
        if isinstance(value, ast.Call) and _dotted(value.func, known) is not None:
            return True
        if isinstance(value, ast.Attribute) and value.attr in made:
            return True
        value = value.func if isinstance(value, ast.Call) else value.value
    return isinstance(value, ast.Name) and value.id in made


def _held_as(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""


def _imports(tree: ast.AST, wanted: set[str]) -> Iterator[tuple[str, str]]:
    """Local name → dotted name, for everything that comes from these modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                if top in wanted:
                    yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] in wanted:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.AST, known: Mapping[str, str]) -> str | None:
    """`j.Template` as `jinja2.Template`; None for everything that does not begin with a name of the package."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in known:
        return None
    return ".".join([known[node.id], *reversed(parts)])
