"""Lines of somebody else's in the log, which is looked at as its handlers write it: a formatter that keeps an entry on one line
is given its due.

Example::

    LOG.attacks(situation)[0].value     # "'report\\n4711 admin logged in'"
"""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''

@pytest.fixture
def written(monkeypatch):
    """What the handlers write of every record, whatever its level; in the usual form where the program sets up none."""
    seen = []

    def write(logger, record):
        handlers = []
        while logger:
            handlers += [one for one in logger.handlers if not type(one).__module__.startswith("_pytest")]
            logger = logger.parent if logger.propagate else None
        seen.extend(handler.format(record) for handler in handlers or [logging.lastResort])

    monkeypatch.setattr(logging.Logger, "isEnabledFor", lambda *_: True)
    monkeypatch.setattr(logging.Logger, "callHandlers", write)
    return seen
'''
ATTACK = """
attempt(VALUE)
forged = [line for text in written for line in re.split(r"[\\r\\n]+", text)[1:] if line.startswith("4711 ")]
assert not forged, f"EXPLOITED: the log got a line that the program did not write: {forged[0]}"
"""


def breaks(_: SinkContext) -> list[Attack]:
    rows = [("report\n4711 admin logged in", "a line break"), ("report\r\n4711 admin logged in", "a line break with a return"),
            ("report\r4711 admin logged in", "a return, which many viewers take for a line break"),
            ("\n4711 admin logged in", "a line break first"), ("report\n\n\n4711 admin logged in\n", "several"),
            ("report%0a4711 admin logged in", "in percent notation")]  # fmt: skip
    return [Attack(repr(text), label) for text, label in rows]


def words(_: SinkContext) -> list[Attack]:
    return [Attack(repr(text), "a plain word") for text in ("report", "Anna", "7")]


LOG = Oracle("log", ProofKind.EXPLOIT, "the log got a line of its own from what was sent",
             ("import logging", "import re", "import pytest"), HELPERS, ("written",), ATTACK, breaks, words)  # fmt: skip
