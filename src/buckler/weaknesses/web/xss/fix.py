"""Values in markup that the code writes: escaped for HTML where they are mixed in."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.fix.escapes import Escape, escaped
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Draft, Site
from buckler.weaknesses.web.xss import page

HTML = Escape("Escape the value for HTML", "The characters that begin markup are written as entities, so a browser shows the text instead of running it.",
              "html.escape(str({}))", "import html")  # fmt: skip


def html(site: Site) -> Iterator[Draft]:
    yield from escaped(site, HTML)


FIX = FixRecipe(
    {
        "python": (
            page.put_out_escaped,
            html,
        )
    }
)
