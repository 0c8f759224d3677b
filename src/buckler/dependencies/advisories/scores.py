"""How grave an advisory is: from its newest CVSS vector, else from the word its database uses.

Example::

    severity_of(("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",), "")      # Severity.CRITICAL
    severity_of((), "MODERATE")                                             # Severity.MEDIUM
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

from buckler.finding.model import Severity

WORDS = {
    "none": Severity.NOTE, "notice": Severity.NOTE, "unmaintained": Severity.NOTE, "note": Severity.NOTE,
    "low": Severity.LOW, "medium": Severity.MEDIUM, "moderate": Severity.MEDIUM,
    "important": Severity.HIGH, "high": Severity.HIGH, "critical": Severity.CRITICAL,
}  # fmt: skip
MOST = 300
"""Characters of a vector with every metric there is."""


def severity_of(vectors: Iterable[str], word: str) -> Severity | None:
    """None if neither says anything that can be understood."""
    scored = [found for vector in vectors if (found := score(vector)) is not None]
    return max(scored)[1] if scored else WORDS.get(word.lower())


@lru_cache(maxsize=1 << 14)
def score(vector: str) -> tuple[int, Severity] | None:
    """The version of CVSS a vector is written in, times ten, and what it amounts to; None for no vector at all."""
    if len(vector) > MOST:
        return None
    try:
        if vector.startswith("CVSS:4"):
            return 40, WORDS[CVSS4(vector).severity.lower()]
        if vector.startswith("CVSS:3"):
            parsed = CVSS3(vector)
            return 30 + parsed.minor_version, WORDS[parsed.severities()[0].lower()]
        return 20, WORDS[CVSS2(vector).severities()[0].lower()]
    except (CVSSError, ArithmeticError, KeyError, ValueError):
        return None
