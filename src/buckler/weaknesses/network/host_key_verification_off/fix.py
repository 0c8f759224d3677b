"""Host keys of SSH that are accepted whatever they are: only known ones are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.fix.names import dotted
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    enclosing_function,
    every,
)


def host_keys(site: Site) -> Iterator[Draft]:
    """The keys this machine knows instead of a policy that takes any."""
    file, call = site.call(site.finding.location)
    function = call.child_by_field_name("function")
    owner = function.child_by_field_name("object") if function is not None else None
    policy = next((n for n in every(call) if n.type in ("attribute", "identifier") and re.search(
        r"(^|\.)(AutoAdd|Warning)Policy$", file.text(n))), None)  # fmt: skip
    if policy is None or owner is None:
        raise Declined("the policy for unknown hosts is not chosen at this line")
    scope = enclosing_function(call)
    known = re.search(r"load_(system_)?host_keys", file.text(scope) if scope is not None else "")
    new = re.sub(r"(AutoAdd|Warning)Policy$", "RejectPolicy", file.text(policy))
    edit = file.replace(call, f"{file.text(owner)}.load_system_host_keys()")
    imports: tuple[tuple[str, str], ...] = ()
    if known:
        edit = file.replace(policy, new)
        imports = (
            ()
            if "." in new
            else ((file.path, f"from {dotted(file, file.text(policy)).rpartition('.')[0]} import {new}"),)
        )
    yield Draft(
        "Refuse hosts whose key is not known",
        "Only a host whose key is in `known_hosts` is talked to; another one that answers in its place is refused before anything is sent, as is the way of the library if no other is chosen.",
        (edit,),
        imports,
        "the keys of the hosts are in `known_hosts` of the user who runs the program",
    )


FIX = FixRecipe({"python": (host_keys,)})
