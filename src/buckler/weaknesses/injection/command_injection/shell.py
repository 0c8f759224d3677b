"""Values in a line for the shell: quoted where they are mixed in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.fix.escapes import Escape, escaped
from buckler.fix.site import Declined, Draft, Site, callee, enclosing_function, keyword
from buckler.weaknesses.injection.commands import TAKES_SHELL

SHELL = Escape(
    "Quote the value for the shell",
    "The shell sees one word, whatever the value holds.",
    "shlex.quote({})",
    "import shlex",
    unquoted=True,
)


def shell(site: Site) -> Iterator[Draft]:
    file, call = site.call()
    given = keyword(call, "shell", file)
    around = enclosing_function(call) or call
    handed_on = re.search(r"""['"][-/][a-z]*c['"]""", file.text(around), re.I)  # sh -c, bash -lc, cmd /c
    if TAKES_SHELL.search(callee(call, file)) and given is None and not handed_on:
        raise Declined("no shell reads this command, so quotes would become part of the words; check the value instead")
    yield from escaped(site, SHELL)
