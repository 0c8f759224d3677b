"""Files that others on the machine can get at: names that are taken before the file is made, rights for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.names import dotted
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    arguments,
    callee,
    enclosing_function,
    enclosing_statement,
    every,
    free_name,
    keyword,
    positional,
)

WRITES = 0o022
"""The rights of the group and of everybody else to write."""
MADE_AGAIN = re.compile(r"mkdir|makedirs|copytree|mkfifo|symlink|\bbind\(|['\"]x[bt+]*['\"]|\.link\(|rename|\bmove\(")


def made_at_once(site: Site) -> Iterator[Draft]:
    """`path = tempfile.mktemp()` → `handle, path = tempfile.mkstemp()`."""
    file, call = site.call(site.finding.location)
    name = callee(call, file)
    if dotted(file, name) != "tempfile.mktemp":
        raise Declined(
            "the name is agreed on with others, or not; only the author knows who else looks for the file there"
        )
    statement = enclosing_statement(call)
    assignment = statement.named_children[0] if statement.named_children else None
    left = (
        assignment.child_by_field_name("left") if assignment is not None and assignment.type == "assignment" else None
    )
    right = assignment.child_by_field_name("right") if assignment is not None else None
    scope = enclosing_function(call)
    rest = file.data[statement.end_byte : scope.end_byte if scope is not None else len(file.data)].decode(
        "utf-8", "replace"
    )
    if left is None or right != call or left.type not in ("identifier", "attribute"):
        raise Declined("the name is used at once; there is no place to make the file first")
    if MADE_AGAIN.search(rest):
        raise Declined("what follows wants a name at which nothing is yet")
    owner = name.rpartition(".")[0] or "tempfile"
    rows = [file.text(row) for row in arguments(call)]
    given = [row if "=" in row else f"{key}={row}" for key, row in zip(("suffix", "prefix", "dir"), rows, strict=False)]
    made = ", ".join([*given, "delete=False"])
    handle = free_name(file, call, "made")
    lines = [f"with {owner}.NamedTemporaryFile({made}) as {handle}:", f"    {file.text(left)} = {handle}.name"]
    margin = file.data[file.line_start(statement) : statement.start_byte].decode()
    text = (file.newline + margin).join(line.replace("    ", file.indent) for line in lines)
    yield Draft(
        "Make the file together with its name",
        "The name is picked and the file made in one step, readable for its owner only; nobody can put something else in its place.",
        (file.replace(assignment if assignment is not None else call, text),),
        () if "." in name else ((file.path, "import tempfile"),),
    )


def narrowed(site: Site) -> Iterator[Draft]:
    """`os.chmod(path, 0o777)` → `os.chmod(path, 0o755)`."""
    file, call = site.call(site.finding.location)
    method = callee(call, file).rpartition(".")[2]
    if method not in ("chmod", "fchmod", "lchmod", "umask"):
        raise Declined("the rights are not given at this line but left to what happens to be in force")
    full = dotted(file, callee(call, file)).startswith("os.")
    given = keyword(call, "mode", file) or keyword(call, "mask", file)
    mode = (
        given.child_by_field_name("value")
        if given is not None
        else positional(call, 1 if full and method != "umask" else 0)
    )
    if mode is None:
        raise Declined("the mode is not written at this line")
    title = "Keep the right to write for the owner"
    explanation = "Other users of the machine can still read what they could read before, and can no longer change it."
    yield Draft(title, explanation, (less(file, mode, method),), (), "nobody but the owner has to write there")


def less(file: File, mode: Node, method: str) -> Edit:
    """The mode without the rights of others to write."""
    text = file.text(mode)
    if re.fullmatch(r"0[oO][0-7]+|0|\d+", text):
        value = int(text, 8 if text[:2].lower() == "0o" else 10)
        value = value | WRITES if method == "umask" else value & ~WRITES
        return file.replace(mode, f"0o{value:03o}")
    parts = [file.text(part) for part in flags(mode)]
    kept = [part for part in parts if not part.endswith(("S_IWOTH", "S_IWGRP"))]
    if len(parts) < 2 or any(part.endswith(("S_IRWXO", "S_IRWXG")) for part in kept) or kept == parts or not kept:
        raise Declined("the mode is put together in a way that was not foreseen")
    return file.replace(mode, " | ".join(kept))


def flags(node: Node) -> list[Node]:
    """The parts of a chain of `|`, left to right."""
    operator = node.child_by_field_name("operator")
    if node.type == "parenthesized_expression" and node.named_children:
        return flags(node.named_children[0])
    if node.type != "binary_operator" or operator is None or operator.type != "|":
        return [node]
    sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
    return [part for side in sides if side is not None for part in flags(side)]


def same_time(site: Site) -> Iterator[Draft]:
    """`given == secret` → `hmac.compare_digest(…)`."""
    file = site.file()
    at = file.node_at(site.finding.location)
    node: Node | None = at
    while node is not None and node.type != "comparison_operator":
        node = node.parent
    found = (
        node
        if node is not None
        else next((n for n in every(enclosing_statement(at)) if n.type == "comparison_operator"), None)
    )
    signs = [child.type for child in found.children if not child.is_named] if found is not None else []
    if found is None or signs not in (["=="], ["!="]):
        raise Declined("the secret is not compared by a single `==` or `!=` at this line")
    left, right = (file.text(side) for side in found.named_children[:2])
    binary = all(re.search(r"\.(digest|encode)\([^()]*\)$|^b['\"]", side) for side in (left, right))
    rows = f"{left}, {right}" if binary else f"str({left}).encode(), str({right}).encode()"
    yield Draft(
        "Compare in a time that does not depend on the secret",
        "`hmac.compare_digest` looks at everything, wherever the first difference is, so the time an answer takes says nothing about the secret.",
        (file.replace(found, ("not " if signs == ["!="] else "") + f"hmac.compare_digest({rows})"),),
        ((file.path, "import hmac"),),
    )
