"""Keys that are too short to last: made long enough."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    arguments,
    every,
)


def longer_key(site: Site) -> Iterator[Draft]:
    """`RSA.generate(1024)` → `RSA.generate(3072)`."""
    file, call = site.call(site.finding.location)
    sizes = [node for argument in arguments(call) for node in every(argument)
             if node.type == "integer" and file.text(node).isdigit() and 128 <= int(file.text(node)) < 2048]  # fmt: skip
    if len(sizes) != 1:
        raise Declined("the length of the key is not written at this line")
    yield Draft(
        "Make keys of 3072 bits",
        "The work needed to find a key of this length is out of reach for the time such keys are used; making one takes a little longer.",
        (file.replace(sizes[0], "3072"),),
        (),
        "keys that were made before are replaced",
    )


FIX = FixRecipe({"python": (longer_key,)})
