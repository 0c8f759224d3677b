"""Paths: what a name leads to must lie in the folder the code puts before it.

The whole path is resolved, links and dots included, and compared with the resolved folder. Where the code names no
folder, only its author knows which one is meant, and nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.refusal import refusing
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    arguments,
    callee,
    enclosing,
    enclosing_statement,
    free_name,
    holes,
    operands,
    positional,
    within,
)
from buckler.fix.untrusted import in_block, is_assignment, tainted

TITLE = "Refuse paths that leave the folder"


@dataclass(slots=True, frozen=True)
class Joint:
    """A path that is put together behind a folder, and what every check of it needs."""

    file: File
    node: Node
    statement: Node
    folder: str
    refuse: str
    imports: tuple[tuple[str, str], ...]

    @property
    def below(self) -> str:
        return f"pathlib.Path({self.folder}).resolve()"

    @property
    def intent(self) -> str:
        return f"only files below `{self.folder}` are meant to be reached"

    def resolved(self, code: str) -> str:
        if divides(self.node):
            return f"{code}.resolve()" if code.isidentifier() else f"({code}).resolve()"
        return f"pathlib.Path({code}).resolve()"

    def used(self, name: str) -> Edit:
        """The resolved path in the place of the one that was put together."""
        return self.file.replace(self.node, name if is_path(self.node, self.file) else f"str({name})")


def joints(site: Site) -> Iterator[Joint]:
    """Every place where a path can be checked before it is used."""
    for file, node, folder in joined(site):
        statement = enclosing_statement(node)
        if in_block(statement) and folder and "\n" not in file.text(node):
            refusal = refusing(site, file, statement, "the path leaves its folder")
            imports = ((file.path, "import pathlib"), *refusal.imports)
            yield Joint(file, node, statement, folder, f"    {refusal.line}", imports)


def confined(site: Site) -> Iterator[Draft]:
    """Resolve the path, compare it with its folder, use what was compared, or the same value as before."""
    for joint in joints(site):
        whole, name = joint.file.text(joint.node), free_name(joint.file, joint.node, "path")
        explanation = f"The path is resolved, with links and `..`, and must lie below `{joint.folder}`; anything else is refused before a file is touched."
        resolved = joint.resolved(whole)
        lines = [f"{name} = {resolved}", f"if not {name}.is_relative_to({joint.below}):", joint.refuse]
        used = (joint.file.before(joint.statement, lines), joint.used(name))
        given = named_by(joint.statement, joint.node, joint.file)
        if given is not None:
            check = f"if not {joint.resolved(given)}.is_relative_to({joint.below}):"
            kept = joint.file.after(joint.statement, [check, joint.refuse])
        else:
            check = f"if not {resolved}.is_relative_to({joint.below}):"
            kept = joint.file.before(joint.statement, [check, joint.refuse])
        drafts = ((kept,), used) if given is not None else (used, (kept,))
        for edits in drafts:
            yield Draft(TITLE, explanation, edits, joint.imports, joint.intent)
    yield from for_old_interpreters(site)
    raise_if_none(site)


def named_by(statement: Node, node: Node, file: File) -> str | None:
    """The name that the whole path is given by its statement, under which it can be checked in the next line."""
    assignment = statement.named_children[0] if is_assignment(statement) else None
    target = assignment.child_by_field_name("left") if assignment is not None else None
    if assignment is None or target is None or target.type != "identifier":
        return None
    return file.text(target) if assignment.child_by_field_name("right") == node else None


def for_old_interpreters(site: Site) -> Iterator[Draft]:
    """The same before Python 3.9, whose paths could not be asked whether they lie below another."""
    for joint in joints(site):
        name = free_name(joint.file, joint.node, "path")
        resolved = f"{name} = pathlib.Path({joint.file.text(joint.node)}).resolve()"
        lines = [resolved, f"if {joint.below} not in ({name}, *{name}.parents):", joint.refuse]
        yield Draft(
            TITLE,
            f"The path is resolved, with links and `..`, and `{joint.folder}` must be among the folders it lies in.",
            (joint.file.before(joint.statement, lines), joint.used(name)),
            joint.imports,
            joint.intent,
        )
        return


def is_path(node: Node, file: File) -> bool:
    """What takes the path takes a Path as well: a join by `/`, or the builtin that opens files."""
    if divides(node):
        return True
    around = enclosing(node.parent, "call")
    return around is not None and callee(around, file) in ("open", "io.open") and positional(around, 0) == node


def divides(node: Node) -> bool:
    """A join by `/`, whose result is a Path already."""
    return node.type == "binary_operator" and "/" in [c.type for c in node.children]


def raise_if_none(site: Site) -> None:
    if not any(folder for _, _, folder in joined(site)):
        raise Declined("the code names no folder that the path should stay in; only its author knows which is meant")


def joined(site: Site) -> Iterator[tuple[File, Node, str]]:
    """Expressions that put a folder before the value, the nearest to the sink first, with the folder's expression."""
    for step in reversed(site.finding.flow):
        file = site.file(step.location.path)
        statement = enclosing_statement(file.node_at(step.location))
        names = site.names(step.location.path)
        for node in within(statement):
            if folder := folder_of(node, file, names) or folder_of(node, file, last_value(node, file)):
                yield file, node, folder


def last_value(node: Node, file: File) -> list[str]:
    """The name at the end of a path, where the way does not tell which name holds the value."""
    parts = (
        arguments(node)
        if node.type == "call"
        else operands(node)
        if node.type == "binary_operator"
        else holes(node, file)
    )
    return [file.text(parts[-1])] if parts and parts[-1].type == "identifier" else []


def folder_of(node: Node, file: File, names: list[str]) -> str:
    """What stands before the value, as an expression; empty if the node is no path with the value behind a folder."""
    if node.type == "call" and callee(node, file).endswith(("path.join", "join", "safe_join", "joinpath")):
        rows = arguments(node)
        if callee(node, file).endswith("joinpath"):
            function = node.child_by_field_name("function")
            owner = function.child_by_field_name("object") if function else None
            return file.text(owner) if owner is not None and tainted_row(rows, names, file) is not None else ""
        first = tainted_row(rows, names, file)
        if not first:
            return ""
        head = ", ".join(file.text(r) for r in rows[:first])
        return head if first == 1 else f"{callee(node, file)}({head})"
    if node.type == "binary_operator":
        return operator_folder(node, file, names)
    if node.type == "string" and holes(node, file):
        return formatted_folder(node, file, names)
    return ""


def tainted_row(rows: list[Node], names: list[str], file: File) -> int | None:
    """The number of the first argument that holds the value."""
    marked = tainted(rows, names, file) if len(rows) > 1 else []
    return next((n for n, row in enumerate(rows) if row in marked), None)


def operator_folder(node: Node, file: File, names: list[str]) -> str:
    operator = node.child_by_field_name("operator")
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    if operator is None or left is None or right is None:
        return ""
    holds = any(re.search(rf"(?<![\w.]){re.escape(n)}\b", file.text(right)) for n in names)
    clean = not any(re.search(rf"(?<![\w.]){re.escape(n)}\b", file.text(left)) for n in names)
    if operator.type == "/" and holds and clean:
        return file.text(left)
    parts = operands(node)
    if operator.type == "+" and len(parts) > 1:
        first = next(
            (
                i
                for i, p in enumerate(parts)
                if any(re.search(rf"(?<![\w.]){re.escape(n)}\b", file.text(p)) for n in names)
            ),
            0,
        )
        return " + ".join(file.text(p) for p in parts[:first]) if first else ""
    return ""


def formatted_folder(node: Node, file: File, names: list[str]) -> str:
    """`f"{FOLDER}/{name}"`: what comes before the hole with the value, as a formatted text of its own."""
    for child in node.children:
        if child.type != "interpolation":
            continue
        inner = child.child_by_field_name("expression")
        text = file.text(inner) if inner is not None else ""
        if any(re.search(rf"(?<![\w.]){re.escape(n)}\b", text) for n in names):
            opening = file.text(node.children[0])
            head = file.data[node.children[0].end_byte : child.start_byte].decode("utf-8", "replace")
            folder = head.rstrip("/")
            if not folder or "/" not in head:
                return ""
            only = re.fullmatch(r"\{([\w.]+)\}", folder)
            return only[1] if only else f"{opening}{folder}{opening[-1:] if len(opening) < 4 else opening[-3:]}"
    return ""
