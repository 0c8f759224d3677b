"""Secrets that stand in the code: read from the environment instead.

The program then does not start without them, which is better than starting with one that everybody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, File, Site, enclosing, every


def from_environment(site: Site) -> Iterator[Draft]:
    """`SECRET_KEY = "3f9a…"` → `SECRET_KEY = os.environ["SHOP_SECRET_KEY"]`."""
    file = site.file()
    literal = enclosing(file.node_at(site.finding.location), "string", "concatenated_string")
    if literal is None or any(child.type == "interpolation" for child in literal.children):
        raise Declined("the secret is not a literal of its own")
    if literal.parent is not None and literal.parent.type == "expression_statement":
        raise Declined("the secret is in a string that is not used")
    text = file.text(literal)
    if "PRIVATE KEY-----" in text:
        raise Declined("a private key belongs in a file of its own, and only its owner knows where")
    name = variable(site, file, literal)
    binary = re.match(r"(?i)[ru]?b", text) is not None
    read = f'os.environ["{name}"]' + (".encode()" if binary else "")
    same = [node for node in every(file.root) if node.type == literal.type and file.text(node) == text]
    yield Draft(
        f"Read the secret from the environment, as {name}",
        f"Set `{name}` before the program starts, to a new value: the old one has been seen by everybody who could read the code, and its history keeps it, so it must be revoked.",
        tuple(file.replace(node, read) for node in same),
        ((file.path, "import os"),),
        f"whoever starts the program sets `{name}`",
    )


def variable(site: Site, file: File, literal: Node) -> str:
    """A name for the variable: that of the program and of what the secret is given to."""
    path = site.finding.location.path.removesuffix(".py").split("/")
    parts = [part for part in path if part not in ("src", "lib", "__init__", "")]
    given = given_to(file, literal) or "secret"
    words = [parts[0] if parts else "", given]
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W+", "_", "_".join(word for word in words if word)).strip("_").upper()
    return name if not name[:1].isdigit() else f"APP_{name}"


def given_to(file: File, literal: Node) -> str:
    """What a literal is given to: a variable, an attribute, an argument, a key."""
    node: Node | None = literal
    while node is not None and node.type not in ("block", "module"):
        for kind, field in (("assignment", "left"), ("keyword_argument", "name"), ("pair", "key"),
                            ("default_parameter", "name"), ("typed_default_parameter", "name")):  # fmt: skip
            target = node.child_by_field_name(field) if node.type == kind else None
            if target is not None and not target.start_byte <= literal.start_byte < target.end_byte:
                found = re.findall(r"[A-Za-z_]\w*", file.text(target))
                return found[-1] if found else ""
        node = node.parent
    return ""


FIX = FixRecipe({"python": (from_environment,)})
