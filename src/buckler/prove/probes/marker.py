"""Whoever can run something can leave a file behind: a marker file that must not appear."""

from __future__ import annotations

from pathlib import Path

import pytest

from buckler.prove.probes.sending import VALUE, attempt


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that only exists if the text that was sent has been run."""
    return tmp_path / "4711"


def attack(marker: Path) -> None:
    attempt(VALUE)
    assert not marker.exists(), "EXPLOITED: what was sent was run and left a file behind"
