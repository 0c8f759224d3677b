"""Takes out imports that a change has left without a use.

Only what was used before and is not any more goes, from statements of one line at the top of the file. A name that stands in
a text of the file, such as in `__all__`, stays, and so does everything in `__init__.py`, from where others import it.

Example::

    left_over("shop/a.py", old, new)     # the edits, against the new text
"""

from __future__ import annotations

import re

from buckler.analysis.syntax.load import Node, parse
from buckler.finding.evidence import Edit
from buckler.fix.imports import line_end

MEANT = re.compile(rb"#\s*(noqa|pragma|type:|isort|pylint)")


def left_over(path: str, old: bytes, new: bytes) -> list[Edit]:
    """The edits of the new text that take out what it imports and does not use."""
    if path.endswith("__init__.py"):
        return []
    before, after = uses(old), uses(new)
    out: list[Edit] = []
    for node in parse("python", new).root_node.children:
        if node.type in ("import_statement", "import_from_statement") and node.start_point[0] == node.end_point[0]:
            gone = [n for n in bound(node, new) if n[0] in before and n[0] not in after and not quoted(n[0], new)]
            if gone and not MEANT.search(new[node.end_byte : line_end(new, node.end_byte)]):
                out.append(without(path, new, node, [name for _, name in gone]))
    return out


def bound(node: Node, data: bytes) -> list[tuple[str, Node]]:
    """The names a statement binds, as they are used; `import a.b` is used as `a.b`."""
    rows = node.children_by_field_name("name")
    out = []
    for row in rows:
        alias = row.child_by_field_name("alias")
        named = alias if alias is not None else row
        out.append((data[named.start_byte : named.end_byte].decode("utf-8", "replace"), row))
    return out


def uses(data: bytes) -> set[str]:
    """Every name and dotted name outside the imports."""
    out: set[str] = set()
    stack = [parse("python", data).root_node]
    while stack:
        node = stack.pop()
        if node.type in ("import_statement", "import_from_statement", "future_import_statement"):
            continue
        if node.type in ("identifier", "attribute"):
            out.add(data[node.start_byte : node.end_byte].decode("utf-8", "replace"))
        stack += node.named_children
    return out


def quoted(name: str, data: bytes) -> bool:
    """The name stands in a text, or is a part of a module of which another part is imported."""
    return re.search(rb"[\"']" + re.escape(name.encode()) + rb"[\"'.\[|]", data) is not None


def without(path: str, data: bytes, node: Node, names: list[Node]) -> Edit:
    """The statement without some of its names; the whole line, if none is left."""
    rows = node.children_by_field_name("name")
    kept = [row for row in rows if row not in names]
    if kept:
        text = ", ".join(data[row.start_byte : row.end_byte].decode("utf-8", "replace") for row in kept)
        return Edit(path, rows[0].start_byte, rows[-1].end_byte, text)
    start, end = node.start_byte, line_end(data, node.end_byte)
    alone = data[:start].endswith((b"\n\n", b"\n\r\n")) and data[end : end + 2].lstrip(b"\r")[:1] == b"\n"
    if alone or (start == 0 and data[end : end + 1] == b"\n"):
        end = line_end(data, end)
    return Edit(path, start, end, "")
