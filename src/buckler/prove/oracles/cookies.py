"""Cookies without the words that protect them: told by the lines with which the answer of the real handler sets them.

Ordinary input is sent and nothing is attacked, so the proof says *property violated*. Only the cookie that the line of the
finding names is looked at; a cookie whose name is decided elsewhere must be the only one of the answer.

Example::

    cookie("insecure-cookie", situation)[0].effect     # "the cookie `visit` was sent without `Secure`"
"""

from __future__ import annotations

import re

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, SinkContext
from buckler.prove.oracles.calls import ordinary
from buckler.prove.oracles.facts import fact

WORDS = {"insecure-cookie": "secure", "cookie-httponly": "httponly", "cookie-samesite": "samesite"}
"""The attribute each rule is about."""
SPELLED = {"secure": "Secure", "httponly": "HttpOnly", "samesite": "SameSite"}
NAMED = re.compile(r"""set_\w*cookie\(\s*(?:(?:key|name)\s*=\s*)?(['"])([\w.\-]+)\1""")
SETTING = re.compile(r"\w*COOKIE_(?:SECURE|HTTPONLY|SAMESITE)\b")
HELPERS = '''

def cookies(answer):
    """The lines of the answer that set the cookie."""
    every = [] if isinstance(answer, BaseException) else EVERY
    CHOSEN


def protected(line):
    """Whether a browser is told what it must be told."""
    attributes = [part.strip().lower() for part in line.split(";")[1:]]
    return HOLDS
'''
BY_NAME = "return [line for line in every if line.partition('=')[0].strip() == NAME]"
ONLY_ONE = "return every if len(every) == 1 else []"
ATTACK = """
lines = cookies(attempt(VALUE))
assert lines, "the cookie is not set at all"
bare = [line for line in lines if not protected(line)]
assert not bare, f"VIOLATED: the cookie is sent without WORD: {bare[0]}"
"""
COUNTERPART = """
right = SimpleCookie({"visit": "1"})
assert not protected(right["visit"].OutputString())
right["visit"]["secure"] = right["visit"]["httponly"] = True
right["visit"]["samesite"] = "Lax"
assert protected(right["visit"].OutputString())
"""


def cookie(rule: str, situation: SinkContext) -> list[Oracle]:
    """A cookie in an answer; or the setting by which a framework protects the cookie of its session."""
    word = WORDS[rule]
    if setting := SETTING.search(situation.code):
        effect = f"the session cookie is sent without `{SPELLED[word]}`"
        if word == "samesite":
            return [fact(setting[0], "value in ('Lax', 'Strict')", effect, "'Lax'", "'None'")]
        return [fact(setting[0], "value is True", effect)]
    if not situation.approach.cookies:
        return []
    name = NAMED.search(situation.code)
    chosen = BY_NAME.replace("NAME", repr(name[2])) if name else ONLY_ONE
    holds = (
        '"samesite=lax" in attributes or "samesite=strict" in attributes'
        if word == "samesite"
        else f'"{word}" in attributes'
    )
    helpers = HELPERS.replace("EVERY", situation.approach.cookies).replace("CHOSEN", chosen).replace("HOLDS", holds)
    called = f"the cookie `{name[2]}`" if name else "the cookie"
    return [Oracle("cookie", ProofKind.PROPERTY, f"{called} was sent without `{SPELLED[word]}`", ("from http.cookies import SimpleCookie",),
                   helpers, (), ATTACK.replace("WORD", SPELLED[word]), ordinary, ordinary, counterpart=COUNTERPART)]  # fmt: skip
