"""What the code takes off a value before it uses it: found by trying, with the mark in each wrapping.

Example::

    approach, answer = adapted(session, approach, mark, lines, finding)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from buckler.finding.model import Finding
from buckler.prove.entries.reach import marks_seen, reach
from buckler.prove.model import EntryDriver
from buckler.prove.session import Answer, Lines, Session

WRAPPINGS: tuple[tuple[str, str], ...] = (
    ("{} + ' '", ""),
    ("{} + '  '", ""),
    ("{} + ' ' * 4", ""),
    ("' ' + {}", ""),
    ("base64.b64encode({}.encode()).decode()", "import base64"),
    ("base64.urlsafe_b64encode({}.encode()).decode()", "import base64"),
    ("{}.encode().hex()", ""),
    ("urllib.parse.quote({}, safe='')", "import urllib.parse"),
    ("urllib.parse.quote(urllib.parse.quote({}, safe=''), safe='')", "import urllib.parse"),
    ("json.dumps({})", "import json"),
)
"""Expressions around the value, with the import each needs."""


def adapted(
    session: Session, approach: EntryDriver, mark: str, lines: Lines, finding: Finding
) -> tuple[EntryDriver, Answer] | None:
    """The approach with the wrapping under which the whole mark arrives, or None if none does."""
    for other in wrapped(approach):
        answer = reach(session, other, mark, lines)
        if marks_seen(answer, finding, 1, exact_only=True):
            return other, answer
    return None


def wrapped(approach: EntryDriver) -> Iterator[EntryDriver]:
    for encoding, statement in WRAPPINGS:
        imports = tuple(dict.fromkeys([*([statement] if statement else []), *approach.imports]))
        yield replace(approach, encoding=encoding, imports=imports)
