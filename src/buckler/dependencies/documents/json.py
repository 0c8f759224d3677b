"""JSON with the line of every key.

The standard parser is fast and says nothing of lines. So the text is scanned twice: once for where keys stand, object
by object in the order in which objects close, and once by the parser, which hands over its objects in the same order.
Comments and trailing commas, as `bun.lock` has them, are blanked out first.

Example::

    parse(Text("a.json", '{"a": 1,\\n "b": {"c": 2}}')).lines        # {"a": 1, "b": 2}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from buckler.dependencies.documents.shape import Table
from buckler.dependencies.documents.text import Damaged, Text

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"(?P<colon>\s*:)?|[{}]', re.S)
LOOSE = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|//[^\n]*|/\*.*?\*/|,', re.S)
BRACKET = re.compile(r"\s*[}\]]")


def parse(text: Text, *, loose: bool = False) -> Table:
    """The object a file holds; raises `Damaged`. `loose` allows comments and trailing commas."""
    content = _strict(text.text) if loose else text.text
    closed = _keys(text, content)

    def located(pairs: list[tuple[str, Any]]) -> Table:
        return Table(pairs, dict(zip((key for key, _ in pairs), next(closed, ()), strict=False)))

    try:
        found = json.loads(content, object_pairs_hook=located)
    except json.JSONDecodeError as error:
        raise Damaged(f"is not valid JSON ({error.msg[:1].lower()}{error.msg[1:]})", error.lineno) from error
    except RecursionError as error:
        raise Damaged("is JSON that is nested too deep") from error
    except ValueError as error:  # a number of thousands of digits
        raise Damaged("is JSON with a number that is too long") from error
    if not isinstance(found, Table):
        raise Damaged("is JSON, but not an object", 1)
    return found


def _keys(text: Text, content: str) -> Iterator[list[int]]:
    """For each object, innermost first, the lines of its keys."""
    closed: list[list[int]] = []
    open_: list[list[int]] = [[]]
    for token in TOKEN.finditer(content):
        start = token.start()
        first = content[start]
        if first == "{":
            open_.append([])
        elif first == "}":
            closed.append(open_.pop() if len(open_) > 1 else [])
        elif token["colon"] is not None:
            open_[-1].append(text.line_at(start))
    return iter(closed)


def _strict(content: str) -> str:
    """The same text, letter for letter in its place, without comments and trailing commas."""
    bare = LOOSE.sub(lambda token: _blank(token[0]) if token[0].startswith("/") else token[0], content)
    return LOOSE.sub(lambda token: " " if token[0] == "," and BRACKET.match(bare, token.end()) else token[0], bare)


def _blank(comment: str) -> str:
    return re.sub(r"[^\n]", " ", comment)
