"""Tokens whose signature is not checked: checked again, by the key and the algorithm with which the file signs them.

Example::

    jwt.decode(token, KEY, options={"verify_signature": False})     # jwt.decode(token, KEY, algorithms=["HS256"])
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, File, Site, arguments, callee, every, keyword, positional

NONE = re.compile(r"['\"]none['\"]", re.I)


def signed(site: Site) -> Iterator[Draft]:
    """The call written anew, without what switches the check off and with what the check needs."""
    file, call = site.call(site.finding.location)
    if not callee(call, file).endswith("decode"):
        raise Declined("the token is not decoded at this line")
    token = positional(call, 0) or keyword(call, "jwt", file)
    if token is None or any(n.type in ("dictionary_splat", "list_splat") for n in arguments(call)):
        raise Declined("what the token is checked with is put together elsewhere")
    made = next(
        (n for n in every(file.root) if n.type == "call" and re.search(r"\bjwt\.encode$", callee(n, file))), None
    )
    rows = [file.text(token), key_of(file, call, made), f"algorithms={algorithms(file, call, made)}"]
    rows += [text for node in arguments(call) if (text := kept(file, node, token))]
    given = call.child_by_field_name("arguments")
    if given is None:
        raise Declined("the call has no arguments")
    yield Draft(
        "Check who signed the token",
        "A token is taken only if it was signed with the key of this program and by the algorithm that it uses itself; whatever the token says about that is not asked.",
        (file.replace(given, f"({', '.join(rows)})"),),
        (),
        "every token comes from this program, or from one that signs with the same key",
    )


def key_of(file: File, call: Node, made: Node | None) -> str:
    """The key that the call has already, else the one the file signs with."""
    given = positional(call, 1) or keyword(call, "key", file)
    if given is not None and file.text(given) not in ("None", "''", '""'):
        return file.text(given)
    own = (positional(made, 1) or keyword(made, "key", file)) if made is not None else None
    if own is None or not re.fullmatch(r"(key=)?([A-Z_][A-Z0-9_]*|\w+(\.\w+)*\[['\"]\w+['\"]\])", file.text(own)):
        raise Declined("with which key the tokens are signed is known only to whoever makes them")
    return file.text(own).removeprefix("key=")


def algorithms(file: File, call: Node, made: Node | None) -> str:
    """The list of the call without `none`, else the algorithm the file signs with."""
    given = keyword(call, "algorithms", file)
    value = given.child_by_field_name("value") if given is not None else positional(call, 2)
    if value is not None and value.type in ("list", "tuple"):
        names = [file.text(n) for n in value.named_children if not NONE.fullmatch(file.text(n))]
        if names:
            return f"[{', '.join(names)}]"
    if made is not None:
        row = keyword(made, "algorithm", file)
        own = row.child_by_field_name("value") if row is not None else positional(made, 2)
        name = file.text(own) if own is not None else '"HS256"'  # what the library signs with if nothing is said
        if not NONE.fullmatch(name):
            return f"[{name}]"
    raise Declined("by which algorithm the tokens are signed is known only to whoever makes them")


def kept(file: File, node: Node, token: Node) -> str:
    """An argument that stays: not what was written anew, nor what switches the check off."""
    if node == token or node.type != "keyword_argument":
        return ""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or value is None or file.text(name) in ("jwt", "key", "algorithms", "verify"):
        return ""
    if file.text(name) == "options":
        if value.type != "dictionary":
            raise Declined("what the token is checked with is put together elsewhere")
        pairs = [file.text(p) for p in value.named_children if "verify_signature" not in file.text(p)]
        return f"options={{{', '.join(pairs)}}}" if pairs else ""
    return file.text(node)


FIX = FixRecipe({"python": (signed,)})
