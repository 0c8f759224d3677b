"""What ordinary input gives, as plain data: asked of one value, or of many before and after a patch.

Example::

    told_once(lambda: send("report"))      # {"status": 200, "text": "…", "error": "", "sent": None}
"""

from __future__ import annotations

import re
from typing import Any, Callable

from buckler.prove.probes.sending import headers, status, text

MOST = 8_000


def told_once(ask: Callable[[], Any]) -> dict[str, Any]:
    """How one value is answered: status, text, the name of an error, and where its reader is sent."""
    try:
        answer = ask()
        sent = headers(answer).get("Location")
        return {"status": status(answer), "text": text(answer)[:MOST], "error": "", "sent": sent}
    except (Exception, SystemExit) as error:
        return {"status": None, "text": "", "error": type(error).__name__, "sent": None}


def told_each(values: list[str], ask: Callable[[str], Any], same: Callable[[str], str]) -> list[list[Any]]:
    """Status, text and error of each value, the text as far as it means something to its reader."""
    results: list[list[Any]] = []
    for value in values:
        try:
            answer = ask(value)
            plain = re.sub("0x[0-9a-f]{6,}", "0x", str(text(answer))[:400])  # where an object lies says nothing
            results.append([status(answer), same(plain), ""])
        except (Exception, SystemExit) as error:
            results.append([None, "", type(error).__name__])
    return results
