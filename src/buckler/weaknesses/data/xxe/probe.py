"""A file outside that a document may not reach, asked of the interpreter and of the kernel."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Callable, Iterator

import pytest

from buckler.prove.probes.outside import secret, used
from buckler.prove.probes.sending import VALUE, attempt, text

__all__ = ["attack", "opened", "secret", "used"]


@pytest.fixture
def opened(secret: Path) -> Iterator[Callable[[], bool]]:
    """Asks the kernel whether the file was opened, because parsers that are no Python code do not tell."""
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(watch, os.fsencode(secret), 0x20)

    def asked() -> bool:
        try:
            return bool(os.read(watch, 4096))
        except OSError:
            return False

    yield asked
    os.close(watch)


def attack(secret: Path, used: list[str], opened: Callable[[], bool]) -> None:
    answer = attempt(VALUE)
    shown = text(answer)
    touched = [path for path in used if path.startswith(str(secret.parent))]
    assert not touched, f"EXPLOITED: a file outside the folder was used: {touched[0]}"
    assert "0815-4711" not in shown, "EXPLOITED: the content of a file outside the folder came back"
    assert not opened(), "EXPLOITED: a file that the document names was opened"
