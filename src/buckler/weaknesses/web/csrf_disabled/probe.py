"""Requests as a browser sends them, without the token of this site."""

from __future__ import annotations

from typing import Any

import pytest
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory
from django.test.client import ClientHandler
from django.views.decorators.csrf import csrf_exempt

from buckler.prove.probes.sending import VALUE, attempt


@pytest.fixture
def as_from_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are checked like those of browsers; those of the test client are let through otherwise."""
    made = ClientHandler.__init__
    monkeypatch.setattr(ClientHandler, "__init__", lambda self, *_, **named: made(self, True, **named))


def turned_away(answer: Any) -> bool:
    return isinstance(answer, BaseException) or answer.status_code == 403


def attack(as_from_a_browser: None) -> None:
    answer = attempt(VALUE)
    assert turned_away(answer), "VIOLATED: a form is accepted that a page of another site could have sent"


def counterpart(as_from_a_browser: None) -> None:
    def view(request: Any) -> None:
        return None

    check = CsrfViewMiddleware(lambda request: None)
    request = RequestFactory(enforce_csrf_checks=True).post("/")
    assert turned_away(check.process_view(request, view, (), {}))
    assert check.process_view(request, csrf_exempt(view), (), {}) is None
