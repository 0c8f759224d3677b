"""Whether a change makes any difference to what runs: one that does not can fix nothing, whatever the tests say.

Python is compared by its syntax tree without comments, docstrings and other words that do nothing; anything else by its bytes,
unless it is documentation or a stub for type checkers.

Example::

    idle(Change({"a.py": b"x = 1"}, {"a.py": b"x = 1  # safe now"}))     # True
"""

from __future__ import annotations

import ast
import re
import warnings

from buckler.analysis.syntax.load import Node, parse
from buckler.prove.ladder.model import Change

DOCUMENTATION = re.compile(
    r"(^|/)docs?/|(^|/)(README|CHANGE(S|LOG)|HISTORY|NEWS|LICEN[CS]E|NOTICE|AUTHORS|CONTRIBUTORS)(\.\w+)?$|\.(md|rst|adoc|pyi)$",
    re.I,
)
NOTHING = "it changes nothing that is executed"


def idle(change: Change) -> bool:
    """True if no changed file is one that can act in another way than before."""
    return not any(_acts(path, change.old.get(path), data) for path, data in change.new.items())


def _acts(path: str, old: bytes | None, new: bytes) -> bool:
    if old == new:
        return False
    if path.endswith((".py", ".pyw")):
        return _python(old or b"") != _python(new)
    return DOCUMENTATION.search(path) is None


def _python(data: bytes) -> str:
    """What a file does, in a form that can be compared; code that this interpreter cannot read, by its tokens."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(_Plain().visit(ast.parse(data)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "\n".join(_tokens(parse("python", data).root_node))


def _tokens(root: Node) -> list[str]:
    out: list[str] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "comment":
            continue
        if node.child_count:
            waiting += reversed(node.children)
        else:
            out.append((node.text or b"").decode("utf-8", "replace"))
    return out


class _Plain(ast.NodeTransformer):
    """Takes out statements that do nothing."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Pass(self, _: ast.Pass) -> None:
        return None
