"""Answers that every site may read with the user's cookies: without the cookies."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.fix.arguments import taken_out
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    keyword,
)


def without_cookies(site: Site) -> Iterator[Draft]:
    """`allow_credentials=True` and `supports_credentials=True` taken out; which sites to trust only the owner knows."""
    file, call = site.call(site.finding.location)
    rows = [
        row for name in ("allow_credentials", "supports_credentials") if (row := keyword(call, name, file)) is not None
    ]
    if not rows:
        raise Declined("which other sites may read the answers is known only to those who run this one")
    yield Draft(
        "Show other sites only what everybody may see",
        "Pages of other sites can still read answers, but the browser no longer sends the user's cookies along with their requests. Sites that need them have to be listed by name.",
        (taken_out(file, call, rows[0]),),
        (),
        "pages of other sites need no more than what unauthenticated users see",
    )


FIX = FixRecipe({"python": (without_cookies,)})
