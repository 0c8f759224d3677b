"""Which names of a package a project's Python files use: what an upgrade may not take away.

A name that is imported, and what is read from it, is known exactly. A method of something whose class is not known is
known by its name alone, so every attribute that the files read is told as well.

Example::

    found = used({"shop/app.py": b"from jinja2 import Template\\nTemplate(x).render()"}, ["jinja2"])
    found.names         # {"jinja2.Template": "shop/app.py:1"}
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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
    """By dotted name; of attributes of what nobody knows by `.name`."""
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
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                out.attributes.add(node.attr)
            elif isinstance(node, ast.Call):
                _note_call(node, known, out)
            if (name := _dotted(node, known)) is not None:
                out.names.setdefault(name, f"{path}:{getattr(node, 'lineno', 1)}")
    return out


def _note_call(node: ast.Call, known: Mapping[str, str], out: Used) -> None:
    name = _dotted(node.func, known)
    if name is None:
        name = f".{node.func.attr}" if isinstance(node.func, ast.Attribute) else ""
    if name:
        call = out.calls.setdefault(name, Called())
        spread = any(isinstance(argument, ast.Starred) for argument in node.args)
        call.positional = max(call.positional, MANY if spread else len(node.args))
        call.keywords |= {keyword.arg for keyword in node.keywords if keyword.arg}


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
