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
from buckler.finding.model import Step
from buckler.fix.site import Declined, File, Site, arguments, enclosing_statement, holes, positional, within


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
        found = tainted(holes(node, file), site.names(file.path), file)
        if found:
            inner = [
                m
                for m in out.values()
                if m.file is file and m.node.start_byte <= node.start_byte and node.end_byte <= m.node.end_byte
            ]
            if not inner:
                out[file.path, node.start_byte, node.end_byte] = Mix(file, node, tuple(found), step)
    return list(out.values())


def tainted(found: list[Node], names: list[str], file: File) -> list[Node]:
    """The holes that mention a name which holds the value; a single hole needs no name."""
    marked = [node for node in found if any(re.search(rf"(?<![\w.]){re.escape(n)}\b", file.text(node)) for n in names)]
    return marked or (found if len(found) == 1 else [])


def value_at(site: Site) -> tuple[File, Node, str]:
    """The statement before which the value can be checked, and the name it has there."""
    found = mixes(site)
    if found:
        file, node = found[0].file, found[0].holes[0]
        if re.fullmatch(r"[\w.]+", file.text(node)):
            return file, enclosing_statement(node), file.text(node)
    file, call = site.call(site.finding.location)
    names = site.names(file.path)
    text = " ".join(file.text(a) for a in arguments(call))
    name = next((n for n in names if re.search(rf"(?<![\w.]){re.escape(n)}\b", text)), None)
    if name is None:
        raise Declined("the untrusted value has no name that could be checked before it is used")
    return file, enclosing_statement(call), name


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
