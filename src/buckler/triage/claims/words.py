"""Which weaknesses the words of a report speak of."""

from __future__ import annotations

import re

from buckler.triage.claims.model import Names

CWE = re.compile(r"CWE[-_ ]?(\d{1,4})", re.I)


def cwes(text: str) -> tuple[int, ...]:
    """CWE numbers, in their order."""
    return tuple(dict.fromkeys(int(n) for n in CWE.findall(text)))


def kinds(text: str, names: Names) -> tuple[str, ...]:
    """Rules whose flaw is named."""
    lower = text.lower()
    return tuple(dict.fromkeys(rule for word, rule in names.items() if word in lower))
