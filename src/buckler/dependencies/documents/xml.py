"""XML as a tree of elements that know their lines; a document type, and with it every entity, is refused.

Namespaces are left out of the names: a manifest has one.

Example::

    root = parse(Text("pom.xml", "<project><version>1.0</version></project>"))
    root.text_of("version")            # "1.0"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from buckler.dependencies.documents.text import Damaged, Text

DEEPEST = 200
MOST = 1_000_000
"""Elements of a document."""


@dataclass(slots=True)
class Element:
    """One element; its text is that before its first child."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def child(self, name: str) -> Element | None:
        return next((child for child in self.children if child.name == name), None)

    def text_of(self, *path: str) -> str:
        """The text of what lies below by these names, empty if there is none."""
        at: Element | None = self
        for name in path:
            at = at.child(name) if at is not None else None
        return at.text.strip() if at is not None else ""

    def all(self, *path: str) -> Iterator[Element]:
        """Every element that lies below by these names."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])

    def every(self, name: str) -> Iterator[Element]:
        """Every element of a name, however deep."""
        waiting = [self]
        while waiting:
            at = waiting.pop()
            if at.name == name:
                yield at
            waiting.extend(reversed(at.children))


def parse(text: Text) -> Element:
    """The root of a document; raises `Damaged`."""
    builder = _Builder()
    try:
        builder.parser.Parse(text.text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise Damaged(f"is not valid XML ({expat.errors.messages.get(error.code, 'error')})", error.lineno) from error
    return builder.root.children[0]


class _Builder:
    def __init__(self) -> None:
        self.root = Element("", 0, {})
        self.stack = [self.root]
        self.count = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.letters
        self.parser.StartDoctypeDeclHandler = self.doctype

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        line = self.parser.CurrentLineNumber
        if len(self.stack) > DEEPEST:
            raise Damaged(f"is XML that is nested more than {DEEPEST} deep", line)
        if self.count > MOST:
            raise Damaged(f"is XML of more than {MOST:,} elements", line)
        element = Element(name.rpartition(":")[2], line, attributes)
        self.stack[-1].children.append(element)
        self.stack.append(element)

    def end(self, name: str) -> None:
        self.stack.pop()

    def letters(self, text: str) -> None:
        if not self.stack[-1].children:
            self.stack[-1].text += text

    def doctype(self, *declared: object) -> None:
        raise Damaged("is XML with a document type, which is not read", self.parser.CurrentLineNumber)
