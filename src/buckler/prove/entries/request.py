"""A web request whose parts are code: the value under test stands in one place, harmless fillers in the others.

Example::

    request = Request("GET", Address.parse("/search", "flask")).put(Slot("query", "q"), "value")
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

PARTS = ("query", "form", "header", "cookie")
"""Where named values go."""
Rows = tuple[tuple[str, str], ...]
SEGMENT = re.compile(
    r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)(?::\w+(?::[^>]*)?)?>|{(?P<brace>\w+)(?::(?P<after>[^}]+))?}"
)
"""`<kind:name>` of Flask, Django and Bottle; `{name:kind}` of Starlette and aiohttp."""
GROUP = re.compile(r"\(\?P<(?P<name>\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)|\([^?][^()]*\)")
"""A group in an address that is a regular expression."""
NUMBERS = ("int", "integer", "float", "number", "boolean", "uuid")


@dataclass(slots=True, frozen=True)
class Slot:
    """One place in a request: `query`, `form`, `header`, `cookie`, `json`, `path`, `body`, `file` or `content`."""

    part: str
    name: str = ""
    as_name: bool = False
    """The value is the name of the parameter; `name` is then its value."""
    binary: bool = False
    """The value is bytes already."""

    @property
    def words(self) -> str:
        kinds = {"query": "query parameter", "form": "form field", "header": "header", "cookie": "cookie",
                 "json": "JSON field", "path": "part of the path", "file": "name of the uploaded file",
                 "content": "content of the uploaded file"}  # fmt: skip
        if self.part == "nothing":
            return "whatever is sent"
        if self.part == "body":
            return "the body"
        if self.as_name:
            return f"name of a {kinds[self.part]}"
        return f"{kinds[self.part]} `{self.name}`"


@dataclass(slots=True, frozen=True)
class Address:
    """An address in pieces: plain text, and `(name, kind)` for what varies."""

    pieces: tuple[str | tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str, kinds: dict[str, str] | None = None, *, expression: bool = False) -> Address:
        """Read an address as its framework writes it; `expression` for those that are regular expressions."""
        if expression or text.startswith("/^") or "(?P<" in text:
            return cls(tuple(_expression(text)))
        return cls(tuple(_template(text, kinds or {})))

    @property
    def names(self) -> list[str]:
        return [piece[0] for piece in self.pieces if not isinstance(piece, str)]

    def code(self, filled: dict[str, str], *, quoted: bool = True, safe: str = "") -> str:
        """An expression for the address; names not in `filled` get a filler."""
        out: list[str] = []
        plain = ""
        for piece in self.pieces:
            if isinstance(piece, str):
                plain += piece
            elif piece[0] in filled:
                text = filled[piece[0]]
                out += [*([repr(plain)] if plain else []), f'quote({text}, safe="{safe}")' if quoted else text]
                plain = ""
            else:
                plain += filler(piece[1])
        return " + ".join([*out, *([repr(plain)] if plain or not out else [])])


def filler(kind: str) -> str:
    return "1" if kind in NUMBERS else "one"


def _template(text: str, kinds: dict[str, str]) -> list[str | tuple[str, str]]:
    out: list[str | tuple[str, str]] = []
    at = 0
    for match in SEGMENT.finditer(text):
        name = match["name"] or match["brace"]
        out += [text[at : match.start()], (name, kinds.get(name) or match["kind"] or match["after"] or "str")]
        at = match.end()
    return [piece for piece in (*out, text[at:]) if piece]


def _expression(text: str) -> list[str | tuple[str, str]]:
    plain = (
        text.replace("^", "")
        .replace("$", "")
        .replace("\\Z", "")
        .replace("\\.", ".")
        .replace("\\-", "-")
        .replace("\\/", "/")
    )
    out: list[str | tuple[str, str]] = []
    at = 0
    for number, match in enumerate(GROUP.finditer(plain)):
        digits = re.search(r"\\d|\[0-9\]", match[0])
        out += [
            plain[at : match.start()].replace("?", ""),
            (match["name"] or f"part{number}", "int" if digits else "str"),
        ]
        at = match.end()
    return [piece for piece in (*out, plain[at:].replace("?", "")) if piece]


@dataclass(slots=True, frozen=True)
class Request:
    """A request in code: values and, where a slot says so, names are expressions."""

    method: str
    address: Address
    path: dict[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    header: tuple[tuple[str, str], ...] = ()
    cookie: tuple[tuple[str, str], ...] = ()
    json: tuple[tuple[str, str], ...] = ()
    """Names with dots are fields of fields."""
    body: str = ""
    slashes: bool = False
    """Whether the slashes of a value stay slashes in the address."""
    files: tuple[tuple[str, str, str], ...] = ()
    """Field, name and content of uploaded files."""

    def put(self, slot: Slot, value: str) -> Request:
        """With an expression in one more place."""
        pair = (value, repr(slot.name)) if slot.as_name else (repr(slot.name), value)
        if slot.part == "path":
            return replace(self, path={**self.path, slot.name: value})
        if slot.part == "body":
            return replace(self, body=value)
        if slot.part in ("file", "content"):
            return self.put_file(slot, value)
        if slot.part == "nothing":
            return self
        known = dict(getattr(self, slot.part))
        known[pair[0]] = pair[1]
        changed: Any = {slot.part: tuple(known.items())}
        return replace(self, **changed)

    def put_file(self, slot: Slot, value: str) -> Request:
        known = {name: (called, content) for name, called, content in self.files}
        called, content = known.get(repr(slot.name), (repr("one.txt"), 'b"text"'))
        changed = (value, content) if slot.part == "file" else (called, value if slot.binary else f"{value}.encode()")
        return replace(self, files=tuple((name, *row) for name, row in {**known, repr(slot.name): changed}.items()))

    @property
    def where(self) -> str:
        """The address with its parts filled in, as code."""
        return self.address.code(self.path, safe="/" if self.slashes else "")

    @property
    def carries_body(self) -> bool:
        return self.method not in ("GET", "HEAD", "DELETE", "OPTIONS")


def pairs(rows: Rows) -> str:
    """A dictionary in code."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in rows) + "}"


def nested(rows: Rows) -> str:
    """A dictionary of dictionaries in code: `a.b` is the field `b` of `a`, and `a.0` is in a list."""
    inner: dict[str, list[tuple[str, str]]] = {}
    out: list[tuple[str, str]] = []
    for name, value in rows:
        first, dot, rest = name[1:-1].partition(".") if name[:1] in "'\"" else (name, "", "")
        if dot:
            inner.setdefault(first, []).append((repr(rest), value))
        else:
            out.append((name, value))
    for first, more in inner.items():
        listed = all(re.match(r"'\d+'|'\d+\.", name) for name, _ in more)
        out.append((repr(first), f"[{nested(_without_index(more))}]" if listed and "." in more[0][0] else
                    f"[{more[0][1]}]" if listed else nested(tuple(more))))  # fmt: skip
    return pairs(tuple(out))


def _without_index(rows: list[tuple[str, str]]) -> Rows:
    return tuple((repr(name[1:-1].partition(".")[2]), value) for name, value in rows)
