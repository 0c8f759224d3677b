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
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

OPENED = re.compile(r"\{[{%#]")
CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
ROOT = re.compile(r"[\s+~-]*(?P<root>[A-Za-z_]\w*)[\w.]*")
MORE = re.compile(r"[\w.]*\s*")
BRACKETS = {"(": ")", "[": "]"}
VALUE = re.compile(r"[\w.]+(?:\s*\|.*)?", re.S)
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
LONGEST = 400
"""Letters of a line that are quoted."""


@dataclass(slots=True, frozen=True)
class Token:
    """`{{ text }}`, `{% text %}` or a comment: where it is, and what is between its signs."""

    sign: str
    start: int
    end: int
    text: str


def tokens(page: str) -> Iterator[Token]:
    """What is no markup, in order. A sign that nothing closes is markup, and so is every later one of its kind."""
    at = 0
    unclosed: set[str] = set()
    while (found := OPENED.search(page, at)) is not None:
        sign, start = found[0], found.start()
        end = page.find(CLOSING[sign], start + 2) if sign not in unclosed else -1
        if end < 0:
            unclosed.add(sign)
            at = start + 1
        else:
            at = end + 2
            yield Token(sign, start, at, page[start + 2 : end])


def name_of(expression: str) -> tuple[str, str] | None:
    """A name and its filters, of a name perhaps with attributes, one call or index, and filters; anything more involved
    is passed over.

    >>> name_of(" user.name(1)|title | safe ")
    ('user', '|title | safe')
    """
    found = ROOT.match(expression)
    if found is None:
        return None
    at = found.end()
    opening = expression[at : at + 1]
    if opening in BRACKETS:
        end = expression.find(BRACKETS[opening], at)
        if end < 0 or expression.find(opening, at + 1, end) >= 0:
            return None
        at = end + 1
    rest = MORE.match(expression, at)
    filters = expression[rest.end() if rest else at :].rstrip(SPACE + "-")
    return (found["root"], filters) if not filters or filters[0] == "|" else None


def assignments(text: str) -> Iterator[tuple[str, str]]:
    """The names that `set` and `with` give to values, with those that are simple.

    >>> list(assignments("a = b.c d = 'text' e=f|safe"))
    [('a', 'b.c'), ('e', 'f|safe')]
    """
    pieces = text.split("=")
    for number in range(1, len(pieces)):
        local, value = last_word(pieces[number - 1]), pieces[number].strip()
        if number < len(pieces) - 1:
            value = value[: len(value) - len(last_word(value))]
            if value == value.rstrip():  # nothing between the value and the next name
                continue
        if local and VALUE.fullmatch(value.rstrip()):
            yield local, value.rstrip()


def last_word(text: str) -> str:
    text = text.rstrip()
    start = len(text)
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return text[start:]


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
    for token in tokens(text):
        reader.page(text[at : token.start])
        if token.sign == "{{":
            reader.put(token)
        elif token.sign == "{%":
            reader.tag(token)
        at = token.end
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
    ends: list[int] = field(init=False)
    """Where lines end."""

    def __post_init__(self) -> None:
        self.ends = [found.start() for found in re.finditer("\n", self.text)]

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

    def put(self, token: Token) -> None:
        self.out(token, token.text.removeprefix("!"), "put out with `!`" if token.text.startswith("!") else "")

    def out(self, token: Token, expression: str, why: str = "") -> None:
        """An expression is put into the page."""
        found = name_of(expression)
        if found is None:
            return
        name, written = found
        root = self.names.get(name, name)
        filters = [f.strip().partition("(")[0].partition(":")[0].strip() for f in written.split("|")[1:]]
        why = why or self.reason(filters)
        if why and root and root.lower() not in NOT_GIVEN and root not in self.raw:
            self.raw[root] = self.use(token, why)

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

    def use(self, token: Token, why: str) -> Use:
        start, line = token.start, bisect_left(self.ends, token.start)
        begin = self.ends[line - 1] + 1 if line else 0
        end = self.ends[line] if line < len(self.ends) else len(self.text)
        shown = max(begin, start - LONGEST) if end - begin > 2 * LONGEST else begin
        code = self.text[shown : min(end, shown + 2 * LONGEST)].strip()
        return Use(line + 1, start - begin + 1, min(end, token.end) - begin + 1, code[:LONGEST], why)

    def tag(self, token: Token) -> None:
        name, _, rest = token.text.strip(" -+\n\t").partition(" ")
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
            words = rest.split()
            if "in" in words[1:-1]:
                at = words.index("in", 1)
                self.bind(" ".join(words[:at]), " ".join(words[at + 1 :]))
        elif name in ("set", "with"):
            for local, value in assignments(rest):
                self.bind(local, value)

    def bind(self, locals_: str, value: str) -> None:
        """Local names stand for what they are taken from; a filtered value stands for nothing we know."""
        found = name_of(value)
        root = self.names.get(found[0], found[0]) if found is not None and not found[1] else ""
        for local in re.findall(r"\w+", locals_):
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
            for path in self.paths(name):
                for root, use in self.files[path].raw.items():
                    self.known[name].setdefault(root, (path, use))
        return self.known[name]

    def paths(self, name: str) -> Iterator[str]:
        """Files of this name and of the parts they name, each once, a file's parts before the next file."""
        seen: set[str] = set()
        ways = [self.named((name,))]
        while ways:
            path = next(ways[-1], None)
            if path is None:
                ways.pop()
            elif path not in seen:
                seen.add(path)
                yield path
                ways.append(self.named(self.files[path].parts))

    def named(self, names: Sequence[str]) -> Iterator[str]:
        """Paths that end in one of the names."""
        for name in names:
            plain = name.lstrip("./")
            for path in self.places.get(plain.rpartition("/")[2], ()):
                if path == plain or path.endswith(f"/{plain}"):
                    yield path

    def digest(self) -> str:
        """Changes when the answer to a question could change."""
        telling = [(path, t) for path, t in sorted(self.files.items()) if t.raw or t.parts]
        return repr([(path, sorted(t.raw.items(), key=str), t.parts) for path, t in telling])
