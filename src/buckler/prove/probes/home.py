"""A home folder of the test's own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program keeps in the home folder is kept in one made for this test."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
