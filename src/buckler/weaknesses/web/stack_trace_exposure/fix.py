"""Stack traces that are shown to the user: written to the log instead, and a plain sentence in their place.

Example::

    return {"error": traceback.format_exc()}, 500     # return {"error": "an internal error"}, 500
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, File, Site, callee, enclosing

SAID = "an internal error"
TRACE = re.compile(r"(traceback\.)?format_exc$")
LOGS = re.compile(r"\.(exception|critical|error|warning|info|debug|print)$|^print$")


def plain_sentence(site: Site) -> Iterator[Draft]:
    """The trace in the `except` that shows it; the log gets all of it."""
    file = site.file()
    clause = enclosing(file.node_at(site.finding.location), "except_clause")
    block = next((child for child in clause.named_children if child.type == "block"), None) if clause else None
    traces = [*shown(file, block)] if block is not None else []
    if block is None or not traces:
        raise Declined("the trace is not taken where the error is caught")
    edits = [sentence(file, trace) for trace in traces]
    needed: tuple[tuple[str, str], ...] = ()
    if not re.search(r"\.exception\(|exc_info=True", file.text(block)):
        log, needed = logger(file)
        edits.append(file.before(block.named_children[0], [f'{log}.exception("the request failed")']))
    yield Draft(
        "Write the error to the log and show the user only that there was one",
        "Whoever runs the program finds the error in the log with its trace; the user learns nothing about files, queries and versions.",
        tuple(edits),
        needed,
        "no program reads the trace from the answer",
    )


def shown(file: File, block: Node) -> Iterator[Node]:
    """Calls that take the trace, but for those whose trace is logged."""
    stack = [block]
    while stack:
        node = stack.pop()
        if node.type == "call" and TRACE.search(callee(node, file)):
            yield node
        elif node.type != "call" or not LOGS.search(callee(node, file)):
            stack += node.named_children


def sentence(file: File, node: Node) -> Edit:
    """The sentence in place of the trace, or of the hole of a text that holds it."""
    hole = enclosing(node, "interpolation")
    return file.replace(hole, SAID) if hole is not None else file.replace(node, f'"{SAID}"')


def logger(file: File) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The logger of the file, if it has one, else the module."""
    own = re.search(rb"^(\w+)\s*=\s*(?:logging\.)?getLogger\(", file.data, re.M)
    return (own[1].decode(), ()) if own else ("logging", ((file.path, "import logging"),))


FIX = FixRecipe({"python": (plain_sentence,)})
