"""Forms whose check for requests of other sites was switched off: switched on again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.arguments import assigned
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    enclosing,
)


def forms_checked(site: Site) -> Iterator[Draft]:
    """`@csrf_exempt` taken away; `WTF_CSRF_ENABLED = False` → `True`."""
    file = site.file()
    at = file.node_at(site.finding.location)
    words = "A form is taken only with the token that this site put into it, which a page of another site cannot know."
    intent = "what is sent here comes from forms of this site, which hold the token, and not from other programs"
    if value := assigned(file, at, re.compile(r"CSRF\w*\b")):
        edit = file.replace(value, "True")
    else:
        decorator = enclosing(at, "decorator")
        if decorator is None:
            raise Declined("what switches the check off is no decorator and no setting")
        start = file.line_start(decorator)
        edit = Edit(file.path, start, file.data.find(b"\n", decorator.end_byte) + 1, "")
    yield Draft("Check that forms come from this site", words, (edit,), (), intent)


FIX = FixRecipe({"python": (forms_checked,)})
