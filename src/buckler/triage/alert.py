"""What an importer takes out of a report: an `Alert` says what some tool says, in one shape for all tools.

An alert is nobody's truth: it is kept as it was said, with words of our own only where a scale is needed (`severity`).
What is empty was not said. The same shape is a line of `buckler triage read --jsonl` and a row of the columns on
which everything after the import works.

Example::

    Alert("Bandit", "B602", kind="code", path="shop/run.py", line=12, severity="high", cwe=(78,))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

NO_SCORE, NO_TIME = -1.0, 0.0
KINDS = ("code", "package", "secret", "configuration", "web", "host", "runtime", "report", "other")
"""What an alert is about; `report` is what a person or a model wrote, `other` what nobody can say."""
SEVERITIES = ("critical", "high", "medium", "low", "note", "unknown")


class Alert(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=False):
    """One thing that one tool says. A struct, not a dataclass: a million are made and written at a time."""

    tool: str
    rule: str = ""
    """What the tool calls what it looks for."""
    kind: str = "other"
    title: str = ""
    """Empty where the tool has none: the message and the rule are all it says."""
    message: str = ""
    severity: str = "unknown"
    said: str = ""
    """The severity in the tool's own words."""
    confidence: str = ""
    status: str = ""
    """What the tool itself says of it: `open`, `suppressed`, `fixed`, `false positive`."""
    path: str = ""
    line: int = 0
    end_line: int = 0
    symbol: str = ""
    """The function, class or resource it is in."""
    code: str = ""
    cwe: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()
    """Names of a published flaw: CVE, GHSA, ..."""
    package: str = ""
    """As a package URL, with its version."""
    grade: str = ""
    """How far it is proved: matched, traced, reproduced, fixed; only reports of our own say so."""
    reach: str = ""
    """Whether the code gets to what is vulnerable: reachable with untrusted data, reachable, unknown, not reachable."""
    fixed: str = ""
    """The versions in which it is fixed, as the tool says."""
    score: float = NO_SCORE
    """CVSS base score, 0 to 10; below 0 if none was said."""
    service: str = ""
    host: str = ""
    peer: str = ""
    """The other host: who attacks, or who is called."""
    port: int = 0
    user: str = ""
    process: str = ""
    image: str = ""
    """Container image or repository."""
    url: str = ""
    parameter: str = ""
    technique: tuple[str, ...] = ()
    """Of ATT&CK: T1059, ..."""
    time: float = NO_TIME
    """Seconds since 1970, UTC; 0 if none was said."""
    fingerprint: str = ""
    """What the tool gives to know it again."""
    scope: str = ""
    """What the tool looked at, where the report says so by the alert."""
    record: int = 0
    """Which of the report's alerts it is, from 1."""


FIELDS = Alert.__struct_fields__
TEXTS = frozenset(n for n, t in Alert.__annotations__.items() if t == "str")
NUMBERS = frozenset(n for n, t in Alert.__annotations__.items() if t in ("int", "float"))
LISTS = frozenset(FIELDS) - TEXTS - NUMBERS


@dataclass(slots=True, frozen=True)
class Skipped:
    """Entries of a report that became no alert."""

    what: str
    """Which ones, as a place in the report."""
    why: str
    count: int = 1


@dataclass(slots=True)
class Coverage:
    """What a tool says it looked at: without that, what is missing in a later report was perhaps not looked for."""

    tools: dict[str, str] = field(default_factory=dict)
    """Versions by tool."""
    rules: set[str] = field(default_factory=set)
    """Rules that ran; empty if the report does not say."""
    scopes: set[str] = field(default_factory=set)
    """Folders, images, hosts or addresses."""


@dataclass(slots=True)
class Reading:
    """What was read of one report so far."""

    path: str
    format: str = ""
    """Empty as long as nothing was recognized."""
    alerts: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    partial: bool = False
    """The report ended early, or was too large to be read whole."""

    def skip(self, what: str, why: str, count: int = 1) -> None:
        """Counts what is left out; the same reason is kept once, with the first place."""
        for number, known in enumerate(self.skipped):
            if known.why == why:
                self.skipped[number] = Skipped(known.what, why, known.count + count)
                return
        self.skipped.append(Skipped(what, why, count))


Columns = dict[str, Sequence[Any]]
"""Values of many alerts by field; all of one length."""
