"""Grammars and parsing; the only file that imports tree-sitter's bindings.

>>> tree = parse("python", b"x = 1")
>>> tree.root_node.type
'module'
"""

from __future__ import annotations

import importlib
from functools import cache

from tree_sitter import Language, Node, Parser, Tree

from buckler.base.languages import LANGUAGES

GRAMMARS = {card.name: card.grammar for card in LANGUAGES.values()}

__all__ = ["GRAMMARS", "Node", "Tree", "language", "parse", "syntax_errors"]


@cache
def language(name: str) -> Language:
    return Language(importlib.import_module(GRAMMARS[name]).language())


@cache
def _parser(name: str) -> Parser:
    return Parser(language(name))


def parse(name: str, source: bytes) -> Tree:
    """Parse, recovering from errors; never raises on any bytes."""
    return _parser(name).parse(source)


def syntax_errors(root: Node, limit: int = 20) -> list[int]:
    """Byte offsets of the first places the parser had to skip or invent something."""
    if not root.has_error:
        return []
    found: list[int] = []
    stack = [root]
    while stack and len(found) < limit:
        node = stack.pop()
        if node.is_error or node.is_missing:
            found.append(node.start_byte)
        elif node.has_error:
            stack.extend(reversed(node.children))
    return found
