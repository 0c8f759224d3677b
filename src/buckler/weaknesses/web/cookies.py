"""Cookies without the attributes that protect them: seen in the lines with which the answer of the real handler sets them.

Benign input is sent and nothing is attacked, so the proof says *property violated*. Only the cookie that the line of
the finding names is looked at; a cookie whose name is decided elsewhere must be the only one of the answer.

Example::

    without("Secure")(situation)[0].effect     # "the cookie `visit` was sent without `Secure`"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, SinkContext
from buckler.prove.watches import benign
from buckler.weaknesses.web.settings import setting

PROBE = Path(__file__).with_name("cookies_probe.py")
NAMED = re.compile(r"""set_\w*cookie\(\s*(?:(?:key|name)\s*=\s*)?(['"])([\w.\-]+)\1""")
SETTING = re.compile(r"\w*COOKIE_(?:SECURE|HTTPONLY|SAMESITE)\b")


def without(
    word: str, sound: tuple[object, ...] = (True,), wrong: tuple[object, ...] = (False,)
) -> Callable[[SinkContext], list[Oracle]]:
    """A cookie of an answer without an attribute; or the setting by which a framework protects that of its session."""

    def oracles(situation: SinkContext) -> list[Oracle]:
        if named := SETTING.search(situation.code):
            return [setting(named[0], f"the session cookie is sent without `{word}`", sound=sound, wrong=wrong)]
        if not situation.approach.cookies:
            return []
        name = NAMED.search(situation.code)
        values = {"NAME": repr(name[2] if name else None), "WORD": repr(word)}
        probe = Probe(PROBE, counterpart="counterpart", values=values)
        called = f"the cookie `{name[2]}`" if name else "the cookie"
        return [Oracle(ProofKind.PROPERTY, f"{called} was sent without `{word}`", probe, benign, benign)]

    return oracles
