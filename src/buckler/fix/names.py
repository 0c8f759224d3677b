"""What a name in a file stands for, by the file's imports.

Example::

    dotted(file, "md5")     # "hashlib.md5", after `from hashlib import md5`
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.fix.site import File, Site, callee, enclosing_function, every


def imported(file: File) -> dict[str, str]:
    """Every name an import binds, wherever it stands, with what it is bound to."""
    out: dict[str, str] = {}
    for node in every(file.root):
        if node.type == "import_statement":
            for name, alias in _names(node, file, node.named_children):
                out[alias or name.partition(".")[0]] = name if alias else name.partition(".")[0]
        elif node.type == "import_from_statement":
            module = node.child_by_field_name("module_name")
            rows = [n for n in node.named_children if n != module]
            for name, alias in _names(node, file, rows):
                out[alias or name] = f"{file.text(module) if module else ''}.{name}"
    return out


def _names(node: Node, file: File, rows: list[Node]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if row.type == "aliased_import":
            name, alias = row.child_by_field_name("name"), row.child_by_field_name("alias")
            if name is not None and alias is not None:
                yield file.text(name), file.text(alias)
        elif row.type == "dotted_name":
            yield file.text(row), ""


def dotted(file: File, text: str) -> str:
    """The full name of what is written, as far as imports tell."""
    first, dot, rest = text.partition(".")
    return imported(file).get(first, first) + dot + rest


def calls_in_function(site: Site, file: File, call: Node) -> list[tuple[Node, str]]:
    """Every call in the function around a call, nested ones included, with the full name of what is called.

    A test looks at the function, so what is wrong there more than once is fixed everywhere in it; at the top of a file
    only the call itself is.
    """
    scope = enclosing_function(call) or call
    known = imported(file)
    out: list[tuple[Node, str]] = []
    for node in every(scope):
        if node.type == "call":
            first, dot, rest = callee(node, file).partition(".")
            out.append((node, known.get(first, first) + dot + rest))
    return out
