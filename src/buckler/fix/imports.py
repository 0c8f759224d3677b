"""Adds an import where the file keeps its imports, unless it is there already.

Example::

    import_edit("shop/app.py", data, "from markupsafe import escape")    # an Edit, or None
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from buckler.analysis.syntax.load import Node, parse
from buckler.finding.evidence import Edit


def import_edit(path: str, data: bytes, statement: str) -> Edit | None:
    """The edit that adds a statement, or None if the name it binds is bound that way already."""
    root = parse("python", data).root_node
    tops = [node for node in root.children if node.is_named and node.type != "comment"]
    imports = [
        node for node in tops if node.type in ("import_statement", "import_from_statement", "future_import_statement")
    ]
    if any(provides(node, data, statement) for node in imports):
        return None
    newline = "\r\n" if b"\r\n" in data else "\n"
    if (joined := joining(path, data, imports, statement)) is not None:
        return joined
    if imports:
        at, before, after = placed(imports, data, statement)
        return Edit(path, at, at, (before + statement + "\n" + after).replace("\n", newline))
    docstring = tops[0] if tops and is_docstring(tops[0]) else None
    if docstring is not None:
        at = line_end(data, docstring.end_byte)
        return Edit(path, at, at, newline + statement + newline)
    at = tops[0].start_byte if tops else len(data)
    return Edit(path, at, at, statement + newline * (3 if tops and tops[0].type != "expression_statement" else 2))


def together(edits: Sequence[Edit]) -> list[Edit]:
    """Imports that go to one place, in order, with the blank line around all of them instead of each."""
    out: list[Edit] = []
    for _, same in groupby(sorted(edits, key=lambda e: (e.path, e.start, e.text)), key=lambda e: (e.path, e.start)):
        group = list(same)
        for number, edit in enumerate(group):
            text = edit.text
            if number and text[0] in "\r\n":
                text = text.removeprefix("\r").removeprefix("\n")
            if number < len(group) - 1 and text.endswith(("\n\n", "\n\r\n")):
                text = text.removesuffix("\n").removesuffix("\r")
            out.append(replace(edit, text=text))
    return out


def joining(path: str, data: bytes, imports: list[Node], statement: str) -> Edit | None:
    """The name put among those that the file imports from the same module already."""
    module, _, name = statement.removeprefix("from ").partition(" import ")
    for node in imports if statement.startswith("from ") else ():
        source = node.child_by_field_name("module_name")
        names = node.children_by_field_name("name")
        if source is None or data[source.start_byte : source.end_byte].decode() != module or not names:
            continue
        if b"\n" in data[node.start_byte : node.end_byte]:
            return Edit(path, names[-1].end_byte, names[-1].end_byte, f", {name}")
        later = (n for n in names if order(data[n.start_byte : n.end_byte].decode("utf-8", "replace")) > order(name))
        after = next(later, None)
        if after is None:
            return Edit(path, names[-1].end_byte, names[-1].end_byte, f", {name}")
        return Edit(path, after.start_byte, after.start_byte, f"{name}, ")
    return None


def order(name: str) -> tuple[int, str]:
    """Constants, classes, then the rest, as import sorters have it."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name.lower()


def short_names(data: bytes, statement: str, texts: Sequence[str]) -> Callable[[str], str] | None:
    """How texts are written where the file has `from module import name` for every name they use of `module`.

    None if `statement` is not `import module`, the file has that too, or a name is missing.
    """
    module = statement.removeprefix("import ")
    if module == statement:
        return None
    imports = [n for n in parse("python", data).root_node.children if n.type.startswith("import")]
    uses = re.compile(rf"(?<![\w.]){re.escape(module)}\.(\w+)")
    used = {name for text in texts for name in uses.findall(text)}
    if not used or any(provides(n, data, statement) for n in imports):
        return None
    if not all(any(provides(n, data, f"from {module} import {name}") for n in imports) for name in used):
        return None
    return lambda text: uses.sub(r"\1", text)


def placed(imports: list[Node], data: bytes, statement: str) -> tuple[int, str, str]:
    """Where a statement goes, and the blank line before or after it: among the imports of its section, or beside them.

    The standard library has a section of its own, before the rest, where the file has sections at all.
    """
    first = [node for node in imports if node.type == "future_import_statement"]
    rest = imports[len(first) :]
    if not rest:
        return line_end(data, first[-1].end_byte), "", ""
    runs = blocks(rest, data)
    own = next((run for run in runs if any(standard(n, data) == is_standard(statement) for n in run)), None)
    if own is not None:
        return position(own, data, statement), "", ""
    if is_standard(statement):
        return rest[0].start_byte, "", "\n"
    return line_end(data, runs[-1][-1].end_byte), "\n", ""


def position(run: list[Node], data: bytes, statement: str) -> int:
    """In order among the imports of its kind."""
    kind = "import_statement" if statement.startswith("import ") else "import_from_statement"
    same = [node for node in run if node.type == kind]
    later = next(
        (node for node in same if data[node.start_byte : node.end_byte].decode("utf-8", "replace") > statement), None
    )
    if later is not None:
        return later.start_byte
    if same:
        return line_end(data, same[-1].end_byte)
    if kind == "import_statement":
        return run[0].start_byte  # plain imports come first
    return line_end(data, run[-1].end_byte)


def blocks(imports: list[Node], data: bytes) -> list[list[Node]]:
    """Runs of imports without a blank line between them."""
    out = [imports[:1]]
    for before, node in pairwise(imports):
        if re.search(rb"\n[ \t]*\r?\n", data[before.end_byte : node.start_byte]):
            out.append([])
        out[-1].append(node)
    return out


def standard(node: Node, data: bytes) -> bool:
    return is_standard(data[node.start_byte : node.end_byte].decode("utf-8", "replace"))


def is_standard(statement: str) -> bool:
    """Whether an import is of the standard library."""
    words = statement.split()
    return len(words) > 1 and words[1].partition(".")[0].rstrip(",") in sys.stdlib_module_names


def provides(node: Node, data: bytes, statement: str) -> bool:
    """The import binds the same name to the same thing."""
    text = re.sub(r"[()\s]+", " ", data[node.start_byte : node.end_byte].decode("utf-8", "replace")).strip()
    if text == statement:
        return True
    if statement.startswith("from "):
        module, _, name = statement.removeprefix("from ").partition(" import ")
        head, _, names = text.removeprefix("from ").partition(" import ")
        return text.startswith("from ") and head == module and name in [n.strip() for n in names.split(",")]
    name = statement.removeprefix("import ")
    return text.startswith("import ") and name in [n.strip() for n in text.removeprefix("import ").split(",")]


def is_docstring(node: Node) -> bool:
    return (
        node.type == "expression_statement" and node.named_child_count == 1 and node.named_children[0].type == "string"
    )


def line_end(data: bytes, at: int) -> int:
    """The beginning of the next line."""
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end + 1
