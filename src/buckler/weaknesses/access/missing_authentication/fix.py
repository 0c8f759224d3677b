"""The login check that the pages beside this one have, put on the one that lacks it.

Example::

    @app.post("/items/delete")
    @login_required                # as the other pages of this file have it
    def delete(): ...
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, File, Site, every
from buckler.review.checks.handlers import NOT_A_CHECK, WHO

INJECTED = re.compile(r"\b(Depends|Security)\(")
WITH_DEFAULT = re.compile(r"=\s*(\w+\.)?(Depends|Security)\(")
LEAST = 2
"""Pages that must have a check before it is taken for the usual one."""


def as_siblings(site: Site) -> Iterator[Draft]:
    """The decorator that most pages of the file have."""
    file = site.file()
    at: Node | None = file.node_at(site.finding.location)
    while at is not None and at.type != "function_definition":
        at = at.parent
    if at is None:
        raise Declined("the page is no function")
    others = [node for node in every(file.root) if node.type == "function_definition" and node != at]
    for found, put in ((checks, decorated), (demands, demanding)):
        usual = Counter(text for node in others for text in found(file, node))
        text, count = usual.most_common(1)[0] if usual else ("", 0)
        if count >= LEAST:
            yield Draft(
                "Require a login, as the neighboring pages do",
                f"`{text}` stands on {count} other pages of this file; on this one it was missing.",
                (put(file, at, text),),
                (),
                "the page is not meant for everybody",
            )
            return
    raise Declined("the pages beside this one make their check in their own code, each with words of its own")


def decorated(file: File, function: Node, text: str) -> Edit:
    return file.before(function, [text])


def demanding(file: File, function: Node, text: str) -> Edit:
    """One more parameter: at the end if it has a default, as those before it may have."""
    given = function.child_by_field_name("parameters")
    rows = given.named_children if given is not None else []
    if given is None or any(row.type in ("list_splat_pattern", "dictionary_splat_pattern") for row in rows):
        raise Declined("the page takes parameters of an unknown form")
    if not rows:
        return Edit(file.path, given.start_byte + 1, given.start_byte + 1, text)
    if WITH_DEFAULT.search(text):
        return Edit(file.path, rows[-1].end_byte, rows[-1].end_byte, f", {text}")
    return Edit(file.path, rows[0].start_byte, rows[0].start_byte, f"{text}, ")


def demands(file: File, function: Node) -> list[str]:
    """Parameters that the framework fills by asking who is there, as they are written."""
    given = function.child_by_field_name("parameters")
    texts = [file.text(row) for row in given.named_children] if given is not None else []
    return [text for text in texts if INJECTED.search(text) and WHO.search(text) and not NOT_A_CHECK.search(text)]


def checks(file: File, function: Node) -> list[str]:
    """The decorators of a function that ask who is there, as they are written."""
    parent = function.parent
    if parent is None or parent.type != "decorated_definition":
        return []
    texts = [file.text(node) for node in parent.named_children if node.type == "decorator"]
    names = [(text, text.partition("(")[0].rpartition(".")[2].lstrip("@")) for text in texts]
    return [text for text, name in names if WHO.search(name) and not NOT_A_CHECK.search(name)]


FIX = FixRecipe({"python": (as_siblings,)})
