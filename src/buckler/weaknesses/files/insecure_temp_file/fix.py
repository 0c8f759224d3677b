"""Names of files that are taken before the file is made: made at once, for nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.fix.names import dotted
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    arguments,
    callee,
    enclosing_function,
    enclosing_statement,
    free_name,
)

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


FIX = FixRecipe({"python": (made_at_once,)})
