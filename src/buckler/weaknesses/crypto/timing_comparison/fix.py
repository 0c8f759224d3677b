"""Secrets that are compared byte by byte: compared in the same time whatever they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    enclosing_statement,
    every,
)


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


FIX = FixRecipe({"python": (same_time,)})
