"""What a file and its functions look like, whatever their layout: the same for a copy that was only reformatted.

A file is compared without its byte order mark, its kind of line ends and the white space at the ends of lines; a
function by its tokens without comments, where a function within it counts by its own fingerprint.

Example::

    of_file(b"a = 1  \\r\\n") == of_file(b"a = 1\\n")
    of_functions("python", b"def f(x):\\n    return g(x) + 1\\n")      # {} for one so small
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field

from tree_sitter import Node

from buckler.analysis.syntax.load import parse
from buckler.base.digest import digest

SMALL_FILE = 200
"""Bytes below which two files are alike by chance."""
SMALL_FUNCTION = 30
"""Tokens below which two functions are."""
LONG_LINES = 200
"""Bytes a line, on average, of what a tool wrote."""
LETTERS = 16
"""Hexadecimal digits of a fingerprint."""


def of_file(data: bytes) -> str:
    """Empty for a file that is too small to tell."""
    lines = data.removeprefix(codecs.BOM_UTF8).splitlines()
    plain = b"\n".join(line.rstrip() for line in lines).strip()
    return digest(plain).hex()[:LETTERS] if len(plain) >= SMALL_FILE else ""


@dataclass(slots=True)
class _Function:
    """A function whose end has not come yet."""

    end: int
    tokens: list[bytes] = field(default_factory=list)


def of_functions(language: str, data: bytes) -> dict[str, int]:
    """The line of each function that is large enough to tell, by fingerprint; none of a minified file."""
    found: dict[str, int] = {}
    if len(data) > LONG_LINES * (data.count(b"\n") + 1):
        return found
    open_: list[_Function] = [_Function(len(data) + 1)]
    lines: list[int] = [0]
    waiting: list[Node | None] = [parse(language, data).root_node]
    while waiting:
        node = waiting.pop()
        if node is None:  # the end of a function
            _close(open_, lines, found)
        elif node.type != "comment":
            function = _is_function(node)
            if function:
                open_.append(_Function(node.end_byte))
                lines.append(node.start_point[0] + 1)
                waiting.append(None)
            if node.child_count:
                waiting.extend(reversed(node.children))
            else:
                open_[-1].tokens.append(data[node.start_byte : node.end_byte])
    return found


def _is_function(node: Node) -> bool:
    """In every language a function is what has parameters and a body."""
    return node.child_by_field_name("body") is not None and (
        node.child_by_field_name("parameters") is not None or node.child_by_field_name("parameter") is not None
    )


def _close(open_: list[_Function], lines: list[int], found: dict[str, int]) -> None:
    tokens, line = open_.pop().tokens, lines.pop()
    fingerprint = digest(*tokens).hex()[:LETTERS]
    open_[-1].tokens.append(fingerprint.encode())
    if len(tokens) >= SMALL_FUNCTION:
        found.setdefault(fingerprint, line)
