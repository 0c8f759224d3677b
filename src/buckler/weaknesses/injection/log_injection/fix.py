"""Values in log entries: written the way `repr` does, which keeps them on one line and changes nothing else.

Example::

    logger.info("search for %s", term)     # logger.info("search for %r", term)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix import escapes
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, Site, arguments, enclosing, is_literal
from buckler.fix.untrusted import mixes, tainted

TITLE = "Write the value so that it stays on one line"
EXPLANATION = (
    "Line breaks in the value are written as `\\n` and `\\r`, between quotes, so it cannot begin an entry of its own."
)
HOLE = re.compile(r"%(?:%|[-+ #0-9.]*[a-zA-Z])")


def quoted(site: Site) -> Iterator[Draft]:
    """`%r` for `%s`, `{value!r}` for `{value}`."""
    for mix in mixes(site):
        if mix.node.type != "string":
            continue
        holes = [h for node in mix.holes if (h := enclosing(node, "interpolation")) is not None]
        if holes and all(mix.file.text(h) == f"{{{mix.file.text(n)}}}" for h, n in zip(holes, mix.holes, strict=True)):
            edits = tuple(Edit(mix.file.path, n.end_byte, n.end_byte, "!r") for n in mix.holes)
            yield Draft(TITLE, EXPLANATION, edits)
            return
    file, call = site.call()
    rows = [a for a in arguments(call) if a.type != "keyword_argument"]
    form = next((n for n, row in enumerate(rows) if is_literal(row)), None)
    if form is None or form == len(rows) - 1:
        raise Declined("the value is not filled into a string literal")
    values = rows[form + 1 :]
    text = file.text(rows[form])
    found = [m for m in HOLE.finditer(text) if m[0] != "%%"]
    if len(found) != len(values):
        raise Declined("the placeholders of the string and the values do not match")
    start = rows[form].start_byte
    chosen = tainted(values, site.names(file.path), file) or values
    at = [m for m, value in zip(found, values, strict=True) if value in chosen and m[0] == "%s"]
    if not at:
        raise Declined("the value is formatted in another way already")
    prefix = [len(text[: m.start()].encode()) for m in at]
    yield Draft(TITLE, EXPLANATION, tuple(Edit(file.path, start + n, start + n + 2, "%r") for n in prefix))


FIX = FixRecipe(
    {
        "python": (
            quoted,
            escapes.line,
        )
    }
)
