"""Names for temporary files that are taken without the file being made."""

from __future__ import annotations

import os
import tempfile

import pytest

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names for temporary files that the code gets without the file being made."""
    seen: list[str] = []
    everywhere(monkeypatch, tempfile, "mktemp", lambda *_, **__: seen.append("tempfile.mktemp"))
    return seen


def attack(named: list[str]) -> None:
    attempt(VALUE)
    assert not named, (
        f"VIOLATED: a name is taken for a file that is made later, by {named[0]}; somebody else may be faster"
    )


def counterpart(named: list[str]) -> None:
    handle, path = tempfile.mkstemp()
    os.close(handle)
    os.remove(path)
    assert named == []
    tempfile.mktemp()
    assert named == ["tempfile.mktemp"]
