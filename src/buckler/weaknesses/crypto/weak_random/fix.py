"""Predictable numbers: the same calls of the system's own source of randomness."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.fix.names import calls_in_function, imported
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, File, Site, arguments, every

DIRECT = {"choice": "choice", "getrandbits": "randbits", "randbytes": "token_bytes"}
"""Functions of `random` that `secrets` has under another name."""


def from_system(site: Site) -> Iterator[Draft]:
    """`random.choice(x)` → `secrets.choice(x)`; what `secrets` lacks, by `secrets.SystemRandom()`."""
    file, call = site.call(site.finding.location)
    found = [(node, name) for node, name in calls_in_function(site, file, call) if name.startswith("random.")]
    names = [name.removeprefix("random.") for _, name in found]
    if any(name == "seed" for name in names) or re.search(rb"\brandom\.seed\(\s*[^)\s]", file.data):
        raise Declined("the sequence is seeded, so it may be meant to be the same each time")
    found = [(node, name) for node, name in found if re.fullmatch(r"random\.[a-z]+", name)]
    if not found:
        raise Declined("the numbers are not made by a function of `random` at this line")
    if taken(file):
        raise Declined("the name `secrets` means something else in this file")
    edits = []
    for node, name in found:
        function = node.child_by_field_name("function")
        assert function is not None
        edits.append(file.replace(function, sound(node, name.removeprefix("random."))))
    yield Draft(
        "Take the numbers from the system's source of randomness",
        "What comes before says nothing about what comes next, however much of it is seen; the calls give the same kind of values as before.",
        tuple(edits),
        ((file.path, "import secrets"),),
    )


def sound(call: Node, name: str) -> str:
    """What to call instead."""
    if name in DIRECT:
        return f"secrets.{DIRECT[name]}"
    if name == "randrange" and len(arguments(call)) == 1 and arguments(call)[0].type != "keyword_argument":
        return "secrets.randbelow"
    return f"secrets.SystemRandom().{name}"


def taken(file: File) -> bool:
    """Something else is called `secrets` here."""
    if imported(file).get("secrets", "secrets") != "secrets":
        return True
    known = "secrets" in imported(file)
    return not known and any(n.type == "identifier" and file.text(n) == "secrets" for n in every(file.root))


FIX = FixRecipe({"python": (from_system,)})
