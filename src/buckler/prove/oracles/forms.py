"""Forms of other sites that are taken: a request as a browser sends it, without the token of this site.

Example::

    forged(situation)     # [] unless something is sent to a view of Django, or a setting of Flask-WTF is looked at
"""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, SinkContext
from buckler.prove.oracles.calls import ordinary
from buckler.prove.oracles.facts import fact

HELPERS = '''

@pytest.fixture
def as_from_a_browser(monkeypatch):
    """Requests are checked like those of browsers; those of the test client are let through otherwise."""
    made = ClientHandler.__init__
    monkeypatch.setattr(ClientHandler, "__init__", lambda self, *_, **named: made(self, True, **named))


def turned_away(answer):
    return isinstance(answer, BaseException) or answer.status_code == 403
'''
ATTACK = """
answer = attempt(VALUE)
assert turned_away(answer), "VIOLATED: a form is taken that a page of another site could have sent"
"""
COUNTERPART = """
def view(request):
    return None


check = CsrfViewMiddleware(lambda request: None)
request = RequestFactory(enforce_csrf_checks=True).post("/")
assert turned_away(check.process_view(request, view, (), {}))
assert check.process_view(request, csrf_exempt(view), (), {}) is None
"""
IMPORTS = ("import pytest", "from django.middleware.csrf import CsrfViewMiddleware", "from django.test import RequestFactory",
           "from django.test.client import ClientHandler", "from django.views.decorators.csrf import csrf_exempt")  # fmt: skip


def forged(situation: SinkContext) -> list[Oracle]:
    if "WTF_CSRF" in situation.code:
        return [fact("WTF_CSRF_ENABLED", "value is not False", "forms of other sites are taken for those of this one")]
    sends = situation.approach.entry.startswith(("POST", "PUT", "PATCH", "DELETE"))
    if not sends or not any("django" in line for line in situation.approach.imports):
        return []
    return [Oracle("form", ProofKind.PROPERTY, "a form without the token of this site was taken", IMPORTS, HELPERS,
                   ("as_from_a_browser",), ATTACK, ordinary, ordinary, counterpart=COUNTERPART)]  # fmt: skip
