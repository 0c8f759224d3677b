"""Rights for every user of the machine: narrowed to the owner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.names import dotted
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    callee,
    keyword,
    positional,
)

WRITES = 0o022
"""The rights of the group and of everybody else to write."""


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
        raise Declined("the mode is put together in an unknown way")
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


FIX = FixRecipe({"python": (narrowed,)})
