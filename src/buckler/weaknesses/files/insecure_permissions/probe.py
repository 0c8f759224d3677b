"""Modes by which everybody may write, and masks that do not keep that back."""

from __future__ import annotations

import os
import pathlib
import stat
from typing import Iterator

import pytest

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere


@pytest.fixture
def given_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The modes the code asks for by which everybody may write, and masks that do not keep that back."""
    seen: list[str] = []

    def tell(mode: int) -> None:
        if mode & stat.S_IWOTH:
            seen.append(f"{mode:03o}")

    everywhere(monkeypatch, os, "chmod", lambda path, mode, *_, **__: tell(mode))
    everywhere(monkeypatch, os, "fchmod", lambda file, mode: tell(mode))
    everywhere(monkeypatch, pathlib.Path, "chmod", lambda path, mode, **_: tell(mode))
    everywhere(monkeypatch, os, "umask", lambda mask: tell(0o777 & ~mask))
    mask = os.umask(0o022)
    os.umask(mask)
    yield seen
    os.umask(mask)


def attack(given_away: list[str], tmp_path: pathlib.Path) -> None:
    attempt(VALUE)
    assert not given_away, f"VIOLATED: every user of the machine may write: {given_away[0]}"


def counterpart(given_away: list[str], tmp_path: pathlib.Path) -> None:
    given_away.clear()
    os.chmod(tmp_path, 0o755)
    assert given_away == []
    os.chmod(tmp_path, 0o777)
    assert given_away == ["777"]
