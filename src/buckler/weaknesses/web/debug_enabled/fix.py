"""A debugger that users can reach: switched off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.fix.arguments import assigned
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
)


def debug_off(site: Site) -> Iterator[Draft]:
    """`debug=True` → `debug=os.environ.get("FLASK_DEBUG") == "1"`."""
    file = site.file()
    value = assigned(file, file.node_at(site.finding.location), re.compile(r"\b(debug|DEBUG)\b['\"\]]*$"))
    if value is None or file.text(value) not in ("True", "1"):
        raise Declined("what switches debug mode on is not written at this line")
    text = file.data.decode("utf-8", "replace")
    name = "FLASK_DEBUG" if re.search(r"\bflask\b", text) else "DJANGO_DEBUG" if "ROOT_URLCONF" in text else "APP_DEBUG"
    hosts = " and `ALLOWED_HOSTS` names the site" if name == "DJANGO_DEBUG" else ""
    yield Draft(
        "Leave debug mode off unless the environment asks for it",
        f"Errors show users nothing of the program any more. Whoever works on it sets `{name}=1` on their own machine.",
        (file.replace(value, f'os.environ.get("{name}") == "1"'),),
        ((file.path, "import os"),),
        f"nobody sets `{name}` where the site is open to users{hosts}",
    )


FIX = FixRecipe({"python": (debug_off,)})
