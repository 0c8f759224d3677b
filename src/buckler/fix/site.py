"""The place of a flaw as a fixer sees it: the parsed file, the call at the end of the way, the values that flow in.

Everything is asked of the syntax tree and answered in bytes of the file, so that an edit touches what it names and
nothing else: layout and comments stay.

Example::

    site = Site.of(finding, read)
    site.call            # the node of `connection.execute(statement)`
    site.wrap(node, "html.escape({})")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from buckler.analysis.syntax.load import Node, parse
from buckler.finding.evidence import Edit
from buckler.finding.model import Finding, Location, Move, Step

Read = Callable[[str], bytes]
"""Path in the project → bytes of the file."""
STATEMENTS = frozenset({
    "expression_statement", "return_statement", "assert_statement", "raise_statement", "delete_statement", "if_statement",
    "for_statement", "while_statement", "with_statement", "try_statement", "match_statement", "import_statement",
    "import_from_statement", "function_definition", "class_definition", "decorated_definition", "pass_statement",
    "global_statement", "nonlocal_statement",
})  # fmt: skip
FUNCTIONS = frozenset({"function_definition", "lambda"})


class Declined(Exception):
    """No safe change is known; the words say why."""


@dataclass(slots=True, frozen=True)
class Draft:
    """A change before it is printed as a patch."""

    title: str
    explanation: str
    edits: tuple[Edit, ...]
    imports: tuple[tuple[str, str], ...] = ()
    """(path, statement) to add at the top of a file unless it is there."""
    intent: str = ""


@dataclass(slots=True)
class File:
    """One parsed file."""

    path: str
    data: bytes
    root: Node

    @classmethod
    def read(cls, path: str, read: Read) -> File:
        data = read(path)
        return cls(path, data, parse("python", data).root_node)

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def replace(self, node: Node, text: str) -> Edit:
        return Edit(self.path, node.start_byte, node.end_byte, text)

    def wrap(self, node: Node, pattern: str) -> Edit:
        """The node's text in place of `{}`."""
        return self.replace(node, pattern.replace("{}", self.text(node)))

    def before(self, statement: Node, lines: list[str]) -> Edit:
        """Whole lines before a statement, indented like it."""
        start = self.line_start(statement)
        margin = self.data[start : statement.start_byte].decode("utf-8", "replace")
        if margin.strip():
            raise Declined("the statement shares its line with another")
        rows = [line.replace("    ", self.indent) for line in lines]
        return Edit(self.path, start, start, "".join(f"{margin}{row}{self.newline}" for row in rows))

    def after(self, statement: Node, lines: list[str]) -> Edit:
        """Whole lines after a statement, indented like it."""
        start, end = self.line_start(statement), self.data.find(b"\n", statement.end_byte)
        end = len(self.data) if end < 0 else end + 1
        margin = self.data[start : statement.start_byte].decode("utf-8", "replace")
        if margin.strip() or self.data[statement.end_byte : end].split(b"#")[0].strip():
            raise Declined("the statement shares its line with another")
        rows = [line.replace("    ", self.indent) for line in lines]
        return Edit(self.path, end, end, "".join(f"{margin}{row}{self.newline}" for row in rows))

    def line_start(self, node: Node) -> int:
        return self.data.rfind(b"\n", 0, node.start_byte) + 1

    @property
    def indent(self) -> str:
        """One level, as this file has it."""
        for node in every(self.root):
            if node.type == "block" and node.parent is not None:
                own, outer = self.margin(node), self.margin(node.parent)
                if own.startswith(outer) and own != outer:
                    return own[len(outer) :]
        return "    "

    def margin(self, node: Node) -> str:
        """The white space at the beginning of the line on which a node begins."""
        start = self.line_start(node)
        return re.match(rb"[ \t]*", self.data[start:])[0].decode()  # type: ignore[index]

    @property
    def newline(self) -> str:
        return "\r\n" if b"\r\n" in self.data else "\n"

    def node_at(self, location: Location) -> Node:
        """The largest node that begins at a place and ends with it, or the smallest around it."""
        start, end = self.offset(location.line, location.column), self.offset(location.end_line, location.end_column)
        found = self.root.descendant_for_byte_range(start, max(start, end - 1))
        if found is None:
            raise Declined("the place is not in the file any more")
        return found

    def offset(self, line: int, column: int) -> int:
        """Byte offset of a line and a column, both counted from 1."""
        at = 0
        for _ in range(line - 1):
            at = self.data.find(b"\n", at) + 1
            if not at:
                raise Declined("the file has fewer lines than when it was reviewed")
        end = self.data.find(b"\n", at)
        text = self.data[at : end if end >= 0 else len(self.data)].decode("utf-8", "replace")
        return at + len(text[: column - 1].encode())


@dataclass(slots=True)
class Site:
    """A finding in its files."""

    finding: Finding
    read: Read
    files: dict[str, File] = field(default_factory=dict)

    def file(self, path: str = "") -> File:
        """A parsed file; that of the finding if none is named."""
        path = path or self.finding.location.path
        if path not in self.files:
            self.files[path] = File.read(path, self.read)
        return self.files[path]

    @property
    def sink(self) -> Location:
        """Where the way ends, which may be in a helper far from where the flaw is reported."""
        return self.finding.flow[-1].location if self.finding.flow else self.finding.location

    def call(self, location: Location | None = None) -> tuple[File, Node]:
        """The call at the end of the way, or at another place."""
        place = location or self.sink
        file = self.file(place.path)
        node = file.node_at(place)
        found = enclosing(node, "call") or next((n for n in within(node) if n.type == "call"), None)
        if found is None:
            raise Declined("the flaw is not at a call")
        return file, found

    def names(self, path: str) -> list[str]:
        """Names in a file that hold the untrusted value, the last first."""
        out: list[str] = []
        for step in reversed(self.finding.flow):
            if step.location.path == path:
                out += [*reversed(step.names(Move.ASSIGNED)), *step.names(Move.PARAMETER)]
        return list(dict.fromkeys(out))

    def mixing(self) -> Iterator[tuple[File, Node, Step]]:
        """Texts into which the value is put together with something written, the nearest to the sink first."""
        found = False
        for step in reversed(self.finding.flow):
            file = self.file(step.location.path)
            statement = enclosing_statement(file.node_at(step.location))
            for node in within(statement):
                if is_text(node, file) and holes(node, file):
                    found = True
                    yield file, node, step
        if not found and self.finding.flow:
            yield from self._mixing_between()

    def _mixing_between(self) -> Iterator[tuple[File, Node, Step]]:
        """Texts in the function of the sink that no step of the way stands on, such as what is appended to a list."""
        step = self.finding.flow[-1]
        file = self.file(step.location.path)
        sink = file.node_at(step.location)
        function = enclosing_function(sink)
        names = self.names(file.path)
        lists = {file.text(n) for n in every(enclosing_statement(sink)) if n.type == "identifier"}
        for node in every(function) if function is not None else ():
            if not is_text(node, file) or not holes(node, file):
                continue
            around = enclosing(node.parent, "call")
            added = around is not None and callee(around, file).rpartition(".")[0] in lists
            if any(mentioned(n, hole, file) for hole in holes(node, file) for n in names) or (added and not names):
                yield file, node, step


def mentioned(name: str, node: Node, file: File) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}\b", file.text(node)) is not None


def enclosing(node: Node | None, *kinds: str) -> Node | None:
    while node is not None and node.type not in kinds:
        node = node.parent
    return node


def enclosing_statement(node: Node) -> Node:
    """The innermost statement around a node."""
    at: Node | None = node
    while at is not None and at.type not in STATEMENTS:
        at = at.parent
    return at if at is not None else node


def enclosing_function(node: Node) -> Node | None:
    return enclosing(node.parent, "function_definition")


def within(node: Node) -> Iterator[Node]:
    """The node and all below it, but not into functions and blocks of other statements, outermost first."""
    stack = [node]
    while stack:
        at = stack.pop()
        yield at
        stack += [child for child in reversed(at.named_children) if child.type != "block"]


def every(node: Node) -> Iterator[Node]:
    """The node and all below it, outermost first."""
    stack = [node]
    while stack:
        at = stack.pop()
        yield at
        stack += reversed(at.named_children)


def free_name(file: File, node: Node, wanted: str) -> str:
    """A name that the function around a node does not use yet."""
    scope = enclosing_function(node) or file.root
    used = {file.text(n) for n in every(scope) if n.type == "identifier"}
    names = (wanted, f"checked_{wanted}", *(f"{wanted}_{n}" for n in range(2, 50)))
    return next(name for name in names if name not in used)


def is_text(node: Node, file: File) -> bool:
    """A text put together from parts: formatted, concatenated, or filled in."""
    if node.type == "string":
        return any(child.type == "interpolation" for child in node.children)
    if node.type == "binary_operator":
        operator = node.child_by_field_name("operator")
        kind = operator.type if operator else ""
        return (kind == "+" and any(is_literal(n) for n in operands(node))) or (kind == "%" and is_literal(left(node)))
    if node.type == "call":
        function = node.child_by_field_name("function")
        return (
            function is not None
            and function.type == "attribute"
            and file.text(function).endswith(".format")
            and is_literal(function.child_by_field_name("object"))
        )
    return False


def is_literal(node: Node | None) -> bool:
    return node is not None and node.type in ("string", "concatenated_string")


def left(node: Node) -> Node | None:
    return node.child_by_field_name("left")


def operands(node: Node) -> list[Node]:
    """The parts of a chain of `+`, left to right; anything else is one part."""
    operator = node.child_by_field_name("operator")
    if node.type != "binary_operator" or operator is None or operator.type != "+":
        return [node]
    first, second = left(node), node.child_by_field_name("right")
    return [part for side in (first, second) if side is not None for part in operands(side)]


def holes(node: Node, file: File) -> list[Node]:
    """The expressions that are put into a text, left to right."""
    if node.type == "string":
        return [e for i in node.children if i.type == "interpolation" and (e := i.child_by_field_name("expression"))]
    if node.type == "call":
        return arguments(node)
    operator = node.child_by_field_name("operator")
    if operator is not None and operator.type == "%":
        right = node.child_by_field_name("right")
        if right is None:
            return []
        return [*right.named_children] if right.type == "tuple" else [right]
    return [part for part in operands(node) if not is_literal(part)]


def arguments(call: Node) -> list[Node]:
    """The arguments of a call, keywords included, comments left out."""
    found = call.child_by_field_name("arguments")
    if found is None:
        return []
    return [n for n in found.named_children if n.type != "comment"] if found.type == "argument_list" else [found]


def positional(call: Node, index: int) -> Node | None:
    rows = [n for n in arguments(call) if n.type != "keyword_argument"]
    return rows[index] if index < len(rows) else None


def keyword(call: Node, name: str, file: File) -> Node | None:
    """The whole `name=value` of a call."""
    for node in arguments(call):
        key = node.child_by_field_name("name") if node.type == "keyword_argument" else None
        if key is not None and file.text(key) == name:
            return node
    return None


def callee(call: Node, file: File) -> str:
    """What is called, as it is written: `self.connection.execute`."""
    function = call.child_by_field_name("function")
    return file.text(function) if function is not None else ""


def with_argument(file: File, call: Node, argument: str) -> Edit:
    """The call with one more argument at its end."""
    rows = arguments(call)
    given = call.child_by_field_name("arguments")
    end = rows[-1].end_byte if rows else given.start_byte + 1 if given is not None else call.end_byte
    return Edit(file.path, end, end, f", {argument}" if rows else argument)
