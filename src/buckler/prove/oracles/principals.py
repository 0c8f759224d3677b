"""Pages that let in whom their siblings turn away: the same request of somebody who has logged in, and of a stranger.

The test file's own `as_stranger` and `sibling` come with the way in (entries/principals.py).

Example::

    strangers(situation)     # [] unless a sibling was found that asks who is there
"""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, SinkContext
from buckler.prove.oracles.calls import ordinary

HELPERS = '''

def turned_away(answer):
    """As somebody is who has to log in first: refused, or sent to where the sibling sends strangers."""
    if isinstance(answer, BaseException):
        return True
    sent = 300 <= STATUS < 400
    return STATUS in (401, 403) or (sent and login_page(answer) == login_page(sibling()))


def login_page(answer):
    return str(HEADERS.get("Location", "")).partition("?")[0]
'''
ATTACK = """
try:
    answer = as_stranger(VALUE)
except Exception as error:
    answer = error
assert turned_away(answer), "VIOLATED: a stranger is let in where the pages beside this one ask who is there"
"""
COUNTERPART = """
assert turned_away(sibling())
"""


def strangers(situation: SinkContext) -> list[Oracle]:
    approach = situation.approach
    if "def sibling(" not in approach.setup or not approach.status:
        return []
    helpers = HELPERS.replace("STATUS", approach.status).replace("HEADERS", approach.headers or "{}")
    return [Oracle("strangers", ProofKind.PROPERTY, "somebody who had not logged in was let in", (), helpers, (), ATTACK,
                   ordinary, ordinary, counterpart=COUNTERPART)]  # fmt: skip
