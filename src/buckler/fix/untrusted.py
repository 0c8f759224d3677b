"""Where the untrusted value can be taken hold of: in the text it is put into, or under its name before that.

Two shapes of repair serve most families: put a function around the value where it is mixed in, or check or replace the
value in a line of its own before.

Example::

    for draft in wrapped(site, "html.escape(str({}))", …): ...
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.finding.model import MIXES, STORES, Move, Step
from buckler.fix.site import (
    Declined,
    File,
    Site,
    arguments,
    enclosing_function,
    enclosing_statement,
    holes,
    positional,
    within,
)


@dataclass(slots=True, frozen=True)
class Mix:
    """A text with the holes through which the untrusted value comes in."""

    file: File
    node: Node
    holes: tuple[Node, ...]
    step: Step


def mixes(site: Site) -> list[Mix]:
    """Every text the value is mixed into, the nearest to the sink first, each once."""
    out: dict[tuple[str, int, int], Mix] = {}
    for file, node, step in site.mixing():
        inside = holes(node, file)
        found = tainted(inside, site.names(file.path), file) or all_names(inside, step)
        if found:
            inner = [
                m
                for m in out.values()
                if m.file is file and m.node.start_byte <= node.start_byte and node.end_byte <= m.node.end_byte
            ]
            if not inner:
                out[file.path, node.start_byte, node.end_byte] = Mix(file, node, tuple(found), step)
    return list(out.values())


def all_names(found: list[Node], step: Step) -> list[Node]:
    """Every plain name in a text that the way goes through without saying by which of them."""
    plain = [node for node in found if node.type in ("identifier", "attribute")]
    return plain if step.names(Move.TEXT) and len(plain) == len(found) else []


def tainted(found: list[Node], names: list[str], file: File) -> list[Node]:
    """The holes that mention a name which holds the value; a single hole needs no name."""
    marked = [node for node in found if any(re.search(rf"(?<![\w.]){re.escape(n)}\b", file.text(node)) for n in names)]
    return marked or (found if len(found) == 1 else [])


@dataclass(slots=True, frozen=True)
class Spot:
    """A line of its own for the value: before or after a statement, and the name it has there."""

    file: File
    statement: Node
    name: str
    after: bool = False

    def lines(self, lines: list[str]) -> Edit:
        return self.file.after(self.statement, lines) if self.after else self.file.before(self.statement, lines)


def value_at(site: Site) -> Spot:
    """Where the value can be checked or replaced: before it is mixed in, after it got its last plain name, or at the sink."""
    for mix in mixes(site)[:1]:
        name = mix.file.text(mix.holes[0])
        if re.fullmatch(r"\w+", name) and not is_container(site, name) and not takes_apart(mix):
            return Spot(mix.file, enclosing_statement(mix.node), name)
    for step in reversed(site.finding.flow):
        found = step.names(Move.ASSIGNED)
        file = site.file(step.location.path)
        statement = enclosing_statement(file.node_at(step.location))
        if found and re.fullmatch(r"\w+", found[-1]) and not step.does(MIXES) and is_assignment(statement):
            return Spot(file, statement, found[-1], after=True)
        stored = right_side(statement) if step.does(STORES) else None
        if stored is not None and stored.type == "identifier":
            return Spot(file, statement, file.text(stored))
    file, call = site.call(site.finding.location)
    text = " ".join(file.text(a) for a in arguments(call))
    name = next((n for n in site.names(file.path) if re.search(rf"(?<![\w.]){re.escape(n)}\b", text)), "")
    first = positional(call, 0)
    if (
        not name
        and not site.names(file.path)
        and first is not None
        and first.type == "identifier"
        and len(arguments(call)) == 1
    ):
        name = file.text(first)  # the flow is not known, but what is handed over is
    if not name or is_container(site, name):
        raise Declined("the untrusted value has no name that could be checked before it is used")
    return Spot(file, enclosing_statement(call), name)


def takes_apart(mix: Mix) -> bool:
    """A dictionary or list is put in, and the text names parts of it."""
    text = mix.file.text(mix.node)
    return mix.node.type in ("call", "binary_operator") and re.search(r"%\(\w+\)|\{\d*[\[.]", text) is not None


def is_container(site: Site, name: str) -> bool:
    """The name holds more than the value: something it was put into or made part of."""
    steps = [s for s in site.finding.flow if name in s.names(Move.ASSIGNED)]
    return bool(steps) and steps[-1].does(MIXES)


def right_side(statement: Node) -> Node | None:
    return statement.named_children[0].child_by_field_name("right") if is_assignment(statement) else None


def is_assignment(statement: Node) -> bool:
    return (
        statement.type == "expression_statement"
        and statement.named_child_count == 1
        and statement.named_children[0].type == "assignment"
    )


def argument_holding(site: Site) -> tuple[File, Node]:
    """The argument of the call at the sink that is the untrusted value."""
    file, call = site.call()
    names = site.names(file.path)
    rows = [a for a in arguments(call) if a.type != "keyword_argument"]
    values = rows + [
        v for a in arguments(call) if (v := a.child_by_field_name("value")) is not None and a.type == "keyword_argument"
    ]
    marked = tainted(values, names, file)
    if marked:
        return file, marked[0]
    first = positional(call, 0)
    if first is None:
        raise Declined("the call takes no argument that could be changed")
    return file, first


def in_block(node: Node) -> bool:
    """The statement stands in a block of its own lines."""
    return node.parent is not None and node.parent.type in ("block", "module")


def mentions(node: Node, name: str, file: File) -> bool:
    return any(n.type == "identifier" and file.text(n) == name for n in within(node))


def as_text(name: str, at: Node, file: File) -> str:
    """The value as a text: in `str(…)` where a parameter's annotation or default says it may be something else."""
    function = enclosing_function(at)
    rows = function.child_by_field_name("parameters") if function is not None else None
    for row in rows.named_children if rows is not None else ():
        named, kind, default = (row.child_by_field_name(field) for field in ("name", "type", "value"))
        if named is None and kind is not None:
            named = row.named_children[0]
        if named is None or file.text(named) != name:
            continue
        if kind is not None:
            return name if re.search(r"\bstr\b", file.text(kind)) else f"str({name})"
        return name if default is None or default.type in ("string", "none") else f"str({name})"
    return name
