"""Servers that listen on every address of the machine: on the machine's own only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    within,
)

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  what is looked for, not what is bound to


def this_machine(site: Site) -> Iterator[Draft]:
    """`host="0.0.0.0"` → `host=os.environ.get("HOST", "127.0.0.1")`."""
    for name in ("Dockerfile", "Containerfile", "docker-compose.yml", "compose.yaml"):
        with suppress(OSError):
            site.read(name)
            raise Declined(f"by `{name}` the program runs in a container, where it has to listen on all addresses")
    file, call = site.call(site.finding.location)
    found = [n for n in within(call) if n.type == "string" and file.text(n).strip("'\"") in EVERYWHERE]
    if len(found) != 1:
        raise Declined("the address is not written at this line")
    local = "::1" if "::" in file.text(found[0]) else "127.0.0.1"
    yield Draft(
        "Listen on this machine only, unless the environment says otherwise",
        "Other machines no longer reach the program directly, but through a server in front of it. Whoever wants them to sets `HOST`.",
        (file.replace(found[0], f'os.environ.get("HOST", "{local}")'),),
        ((file.path, "import os"),),
        "users come through a server on the same machine, or whoever starts the program sets `HOST`",
    )


FIX = FixRecipe({"python": (this_machine,)})
