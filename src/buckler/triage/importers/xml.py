"""XML to the same nested values as JSON, so that one language of paths reads both.

An element becomes an object: attributes under `@name`, children under their names without prefixes (several of one
name as a list), text under `#text`; an element of text alone becomes that text. Declarations of entities are refused,
since nobody's report needs them and they can grow without bound.

Example::

    read_xml([b"<r><a x='1'>t</a><a/></r>"], 1000)      # ({"r": {"a": [{"@x": "1", "#text": "t"}, None]}}, "")
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

MOST_DEPTH = 200


class _Refused(ValueError):
    """The document asks for what is not done."""


class _Builder:
    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.open: list[tuple[str, dict[str, Any], list[str]]] = [("", self.root, [])]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > MOST_DEPTH:
            raise _Refused(f"elements in {MOST_DEPTH} elements")
        self.open.append((_local(name), {f"@{_local(key)}": value for key, value in attributes.items()}, []))

    def text(self, data: str) -> None:
        self.open[-1][2].append(data)

    def end(self, _name: str = "") -> None:
        name, members, texts = self.open.pop()
        said = "".join(texts).strip()
        if said and members:
            members["#text"] = said
        value: Any = members or said or None
        parent = self.open[-1][1]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]

    def finish(self) -> dict[str, Any]:
        """What stands before the place where it breaks off counts."""
        while len(self.open) > 1:
            self.end()
        return self.root


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse(*_: Any) -> None:
    raise _Refused("it declares entities")


def read_xml(parts: Iterable[bytes], most: int) -> tuple[dict[str, Any], str]:
    """The document, and what is wrong with it; empty if nothing is."""
    builder, parser = _Builder(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.text
    parser.EntityDeclHandler = _refuse
    broken, size = "", 0
    try:
        for part in parts:
            size += len(part)
            parser.Parse(part if size <= most else b"", size > most)
        parser.Parse(b"", True)
    except (expat.ExpatError, _Refused, ValueError, LookupError) as error:
        broken = str(error)
    return builder.finish(), broken
