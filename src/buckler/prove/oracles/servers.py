"""How a server is started: on which addresses it would listen, and whether with a debugger that visitors can use.

Example::

    everywhere(situation)     # [] unless the way in notes the addresses
"""

from __future__ import annotations

import re

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, SinkContext
from buckler.prove.oracles.facts import fact, words

HELPERS = '''

def everywhere():
    """The addresses by which every network of this machine is served."""
    return [address for address in LISTENING if isinstance(address, tuple) and address[0] in ("", "0.0.0.0", "::")]
'''
ATTACK = """
attempt(VALUE)
assert LISTENING, "the program did not get so far as to listen"
assert not everywhere(), f"VIOLATED: the program is reached from every network this machine is in: {everywhere()[0]}"
"""
COUNTERPART = """
LISTENING.clear()
with mock.patch.object(socket.socket, "bind", note):
    for host in ("127.0.0.1", "0.0.0.0"):
        with pytest.raises(SystemExit):
            HTTPServer((host, 8000), BaseHTTPRequestHandler)
assert everywhere() == [("0.0.0.0", 8000)]
"""


def bound(situation: SinkContext) -> list[Oracle]:
    if "LISTENING" not in situation.approach.setup:
        return []
    return [Oracle("addresses", ProofKind.PROPERTY, "the program was made to listen in every network of its machine",
                   ("from http.server import BaseHTTPRequestHandler, HTTPServer", "import pytest"), HELPERS, (), ATTACK,
                   words, words, counterpart=COUNTERPART)]  # fmt: skip


DEBUGGER = '''

@pytest.fixture
def debuggers(monkeypatch):
    """For every start of a server of Werkzeug whether errors are shown with a debugger."""
    seen = []
    monkeypatch.setattr(werkzeug.serving, "run_simple", lambda *_, **named: seen.append(bool(named.get("use_debugger"))))
    return seen
'''
DEBUGGER_ATTACK = """
attempt(VALUE)
assert debuggers, "no server was started"
assert not any(debuggers), "VIOLATED: whoever meets an error is shown code, variables and a prompt for commands"
"""
DEBUGGER_COUNTERPART = """
flask.Flask("right").run()
assert debuggers == [False]
flask.Flask("wrong").run(debug=True)
assert debuggers == [False, True]
"""
STARTS = re.compile(r"\.run\(")
SETTING = re.compile(r"\bDEBUG\b|\.debug\s*=")


def debugging(situation: SinkContext) -> list[Oracle]:
    """A server that is started with its debugger; else the setting of the application."""
    effect = "errors show the visitor code and variables"
    if SETTING.search(situation.code):
        return [fact("DEBUG", "not value", effect, "False", "True")]
    if not STARTS.search(situation.code):
        return [fact("debug", "not value", effect, "False", "True")]
    if "LISTENING" not in situation.approach.setup:
        return []
    return [Oracle("debugger", ProofKind.PROPERTY, "the server was started with a debugger for whoever meets an error",
                   ("import flask", "import pytest", "import werkzeug.serving"), DEBUGGER, ("debuggers",), DEBUGGER_ATTACK,
                   words, words, counterpart=DEBUGGER_COUNTERPART)]  # fmt: skip
