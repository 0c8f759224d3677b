"""Page templates (Jinja, Django and their like): which variables reach the page as they are.

A template is read for one question: which names of its context are put out without escaping. Names are followed
through loops, `set` and `with`; what is included or extended gets the same context. An expression is raw when its last
word is `safe`, where escaping is switched off around it, or where entities do not help: in a tag's attribute without
quotes, and bare inside a script.

Example::

    read_template(b"<p>{{ comment.text|safe }}</p>").raw     # {"comment": Use(line=1, column=4, …)}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

TOKEN = re.compile(r"\{\{(?P<put>.*?)\}\}|\{%(?P<tag>.*?)%\}|\{#.*?#\}", re.S)
EXPRESSION = re.compile(
    r"[\s+~-]*(?P<root>[A-Za-z_]\w*)(?:[\w.]*(?:\([^()]*\)|\[[^\[\]]*\])?[\w.]*)\s*(?P<filters>(?:\|.*?)?)[\s-]*$", re.S
)
"""A name, perhaps with attributes, one call or index, and filters; anything more involved is passed over."""
HARMLESS = re.compile(
    r"escape|^e$|json|urlencode|sanit|clean|bleach|strip_?tags|^(?:int|float|length|date|time|floatformat|intcomma|slugify|"
    r"count|filesizeformat|pluralize|add|wordcount|truncatechars)$"
)
"""Filters whose result is no markup, whatever they are given."""
NOT_GIVEN = frozenset(
    {"true", "false", "none", "loop", "forloop", "super", "block", "self", "caller", "csrf_token", "config", "url_for"}
)
"""Names that a template has of itself."""
SWITCHED_OFF = ("false", "off")
TELLING = re.compile(r"<(?P<name>/?[A-Za-z][\w-]*)?|[>\"'`\n]")


@dataclass(slots=True, frozen=True)
class Use:
    """One place where a name is put out raw; `column` counts from 1, like `line`."""

    line: int
    column: int
    end_column: int
    code: str
    why: str


@dataclass(slots=True)
class Template:
    """What one template does with its context."""

    raw: dict[str, Use] = field(default_factory=dict)
    """The first raw use of each name."""
    parts: tuple[str, ...] = ()
    """Templates that get the same context."""


def read_template(data: bytes) -> Template:
    """Read one template; anything that cannot be understood is passed over."""
    text = data.decode("utf-8", "replace")
    reader = Reader(text)
    at = 0
    for token in TOKEN.finditer(text):
        reader.page(text[at : token.start()])
        if token["put"] is not None:
            reader.put(token)
        elif token["tag"] is not None:
            reader.tag(token)
        at = token.end()
    return Template(reader.raw, tuple(dict.fromkeys(reader.parts)))


@dataclass(slots=True)
class Reader:
    """Where in the page the reading is, and what names stand for."""

    text: str
    raw: dict[str, Use] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    escaping: list[bool] = field(default_factory=lambda: [True])
    names: dict[str, str] = field(default_factory=dict)
    """Local name → name in the context."""
    script: bool = False
    opened: str = ""
    """Name of the tag that the reading is inside of."""
    quote: str = ""

    def page(self, piece: str) -> None:
        """Walk over markup between two expressions, from one telling character to the next."""
        for found in TELLING.finditer(piece):
            char = found[0][0]
            if self.quote:
                if char == self.quote or (char == "\n" and self.script and self.quote != "`"):
                    self.quote = ""
            elif self.script:
                if char == "<" and found["name"] and found["name"].lower() == "/script":
                    self.script, self.opened = False, "/script"
                elif char in "'\"`":
                    self.quote = char
            elif self.opened:
                if char in "'\"":
                    self.quote = char
                elif char == ">":
                    self.script = self.opened == "script"
                    self.opened = ""
            elif found["name"]:
                self.opened = found["name"].lower()

    def put(self, token: re.Match[str]) -> None:
        self.out(token, token["put"].removeprefix("!"), "put out with `!`" if token["put"].startswith("!") else "")

    def out(self, token: re.Match[str], expression: str, why: str = "") -> None:
        """An expression is put into the page."""
        found = EXPRESSION.match(expression)
        if found is None:
            return
        root = self.names.get(found["root"], found["root"])
        filters = [f.strip().partition("(")[0].partition(":")[0].strip() for f in found["filters"].split("|")[1:]]
        why = why or self.reason(filters)
        if why and root and root.lower() not in NOT_GIVEN:
            self.raw.setdefault(root, self.use(token, why))

    def reason(self, filters: list[str]) -> str:
        """Why an expression comes out raw here; empty if it does not."""
        if any(HARMLESS.search(f) for f in filters):
            return ""
        if filters and filters[-1] in ("safe", "safeseq", "n"):
            return f"marked `{filters[-1]}`"
        if not self.escaping[-1]:
            return "escaping is switched off here"
        if self.opened and not self.quote:
            return "an attribute without quotes"
        if self.script and not self.quote:
            return "bare inside a script"
        return ""

    def use(self, token: re.Match[str], why: str) -> Use:
        start = token.start()
        line = self.text.count("\n", 0, start) + 1
        begin = self.text.rfind("\n", 0, start) + 1
        end = self.text.find("\n", start)
        code = self.text[begin : end if end >= 0 else len(self.text)].strip()
        width = (self.text.find("\n", start, token.end()) if "\n" in token[0] else token.end()) - begin
        return Use(line, start - begin + 1, width + 1, code[:400], why)

    def tag(self, token: re.Match[str]) -> None:
        name, _, rest = token["tag"].strip(" -+\n\t").partition(" ")
        rest = rest.strip()
        if name == "autoescape":
            self.escaping.append(rest not in SWITCHED_OFF)
        elif name == "endautoescape" and len(self.escaping) > 1:
            self.escaping.pop()
        elif name == "raw" and rest:
            self.out(token, rest, "put out with `raw`")
        elif name in ("include", "extends"):
            self.parts += re.findall(r"""["']([^"']+)["']""", rest)[:1]
        elif name == "for":
            self.bind(re.split(r"\s+in\s+", rest, maxsplit=1))
        elif name in ("set", "with"):
            for local, value in re.findall(r"(\w+)\s*=\s*([\w.]+(?:\s*\|[^=]*?)?)(?=\s+\w+\s*=|$)", rest):
                self.bind([local, value])

    def bind(self, sides: list[str]) -> None:
        """Local names stand for what they are taken from; a filtered value stands for nothing we know."""
        if len(sides) != 2:
            return
        found = EXPRESSION.match(sides[1])
        root = self.names.get(found["root"], found["root"]) if found is not None and not found["filters"] else ""
        for local in re.findall(r"\w+", sides[0]):
            self.names[local] = root


@dataclass(slots=True)
class Templates:
    """All templates of a program, by the names that code uses for them."""

    files: Mapping[str, Template] = field(default_factory=dict)
    known: dict[str, dict[str, tuple[str, Use]]] = field(default_factory=dict)
    places: dict[str, list[str]] = field(init=False)
    """Paths by their last part, the shortest first."""

    def __post_init__(self) -> None:
        self.places = {}
        for path in sorted(self.files, key=lambda p: (len(p), p)):
            self.places.setdefault(path.rpartition("/")[2], []).append(path)

    def raw(self, name: str) -> Mapping[str, tuple[str, Use]]:
        """Context name → file and place of its first raw use, in the template of this name and what belongs to it."""
        if name not in self.known:
            self.known[name] = {}
            for path in self.paths(name, set()):
                for root, use in self.files[path].raw.items():
                    self.known[name].setdefault(root, (path, use))
        return self.known[name]

    def paths(self, name: str, seen: set[str]) -> Iterator[str]:
        plain = name.lstrip("./")
        for path in self.places.get(plain.rpartition("/")[2], ()):
            if (path == plain or path.endswith(f"/{plain}")) and path not in seen:
                seen.add(path)
                yield path
                for part in self.files[path].parts:
                    yield from self.paths(part, seen)

    def digest(self) -> str:
        """Changes when the answer to a question could change."""
        telling = [(path, t) for path, t in sorted(self.files.items()) if t.raw or t.parts]
        return repr([(path, sorted(t.raw.items(), key=str), t.parts) for path, t in telling])
