"""What a function asks of the texts it is given: how they begin or end, what they hold, what files it looks for.

    def clone(address):
        if address.startswith("git+"): ...      # beginnings: ["git+"]

Functions of the same file that it calls are read as well.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import Any

MOST = 6
ENDING = re.compile(r"\.[A-Za-z0-9]{1,6}")
NAME = re.compile(r"[A-Za-z_][\w-]*\.[A-Za-z0-9]{1,5}")


def wanted(function: Any) -> dict[str, Any]:
    """Beginnings and endings of texts, and names of files, each in the order in which the code has them."""
    own = tree_of(function)
    trees = [own, *map(tree_of, called(own, function))]
    begins: list[str] = []
    ends: list[str] = []
    names: list[str] = []
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
            if text_of(node.left) and isinstance(node.comparators[0], (ast.Name, ast.Attribute, ast.Call)):
                ends += text_of(node.left)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            given = [text for part in parts(node.args[0]) for text in text_of(part)]
            if node.func.attr in ("startswith", "endswith"):
                (begins if node.func.attr == "startswith" else ends).extend(given)
            elif node.func.attr in ("join", "joinpath"):
                names += [text for part in node.args for text in text_of(part) if NAME.fullmatch(text)]
    endings = [text for text in ends if ENDING.fullmatch(text)]
    return {
        "begins": list(dict.fromkeys(begins))[:MOST],
        "ends": list(dict.fromkeys(ends))[:MOST],
        "endings": list(dict.fromkeys(endings))[:MOST],
        "names": list(dict.fromkeys(names))[:MOST],
    }


def tree_of(function: Any) -> ast.Module:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def called(tree: ast.AST, function: Any) -> Any:
    """Functions that are called by a plain name and come from the same top package."""
    known = getattr(function, "__globals__", {})
    names = [n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    found = [known.get(name) for name in dict.fromkeys(names)]
    top = str(getattr(function, "__module__", "")).partition(".")[0]
    return [f for f in found if inspect.isfunction(f) and f.__module__.partition(".")[0] == top and f is not function]


def parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def text_of(node: ast.expr) -> list[str]:
    """The literal text, in a list, or nothing."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) <= 24:
        return [node.value]
    return []
