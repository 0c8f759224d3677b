"""Redirects to wherever somebody wants: to places of this site only."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.fix.guards import LOCAL, checked
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Draft, Site


def local_redirect(site: Site) -> Iterator[Draft]:
    """Everything but a path of this site leads to its front page."""
    spot, given = checked(site, "target")
    lines = [f"if not re.fullmatch({LOCAL}, {spot.name}):", f'    {spot.name} = "/"']
    yield Draft(
        "Redirect users to pages of this site only",
        "A target that is not a path from the root of this site, or that holds a backslash or white space, is replaced by the front page.",
        (*given, spot.lines(lines)),
        ((spot.file.path, "import re"),),
        "users are never meant to be redirected to another site",
    )


FIX = FixRecipe({"python": (local_redirect,)})
