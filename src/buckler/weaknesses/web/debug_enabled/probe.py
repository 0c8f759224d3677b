"""Starts of a server of Werkzeug, and whether they bring a debugger."""

from __future__ import annotations

import flask
import pytest
import werkzeug.serving

from buckler.prove.probes.sending import VALUE, attempt


@pytest.fixture
def debuggers(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every start of a server of Werkzeug whether errors are shown with a debugger."""
    seen: list[bool] = []
    monkeypatch.setattr(
        werkzeug.serving, "run_simple", lambda *_, **named: seen.append(bool(named.get("use_debugger")))
    )
    return seen


def attack(debuggers: list[bool]) -> None:
    attempt(VALUE)
    assert debuggers, "no server was started"
    assert not any(debuggers), "VIOLATED: anyone who meets an error is shown code, variables and a debugger"


def counterpart(debuggers: list[bool]) -> None:
    flask.Flask("right").run()
    assert debuggers == [False]
    flask.Flask("wrong").run(debug=True)
    assert debuggers == [False, True]
