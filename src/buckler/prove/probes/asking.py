"""What benign input gives, as plain data: asked of one value, or of many before and after a patch.

Example::

    ask_once(lambda: send("report"), dict)     # {"status": 200, "text": "…", "error": "", "sent": None, "ran": {}}
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List

from buckler.prove.probes.sending import headers, status, text

MOST = 8_000


Ran = Callable[[], Dict[str, List[int]]]
"""Tells which watched lines ran since it was last asked."""


def ask_once(ask: Callable[[], Any], ran: Ran) -> dict[str, Any]:
    """How one value is answered: status, text, the name of an error, and where its reader is sent."""
    ran()
    try:
        answer = ask()
        sent = headers(answer).get("Location")
        found = {"status": status(answer), "text": text(answer)[:MOST], "error": "", "sent": sent}
    except (Exception, SystemExit) as error:
        found = {"status": None, "text": "", "error": type(error).__name__, "sent": None}
    return {**found, "ran": ran()}


def ask_each(
    values: list[str], ask: Callable[[str], Any], same: Callable[[str], str], ran: Ran
) -> list[dict[str, Any]]:
    """Status, text and error of each value, the text as far as it means something to its reader."""
    results: list[dict[str, Any]] = []
    ran()
    for value in values:
        try:
            answer = ask(value)
            plain = re.sub("0x[0-9a-f]{6,}", "0x", str(text(answer))[:400])  # where an object lies says nothing
            found = {"status": status(answer), "text": same(plain), "error": ""}
        except (Exception, SystemExit) as error:
            found = {"status": None, "text": "", "error": type(error).__name__}
        results.append({**found, "ran": ran()})
    return results
