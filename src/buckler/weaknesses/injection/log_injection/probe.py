"""The log as its handlers write it: a formatter that keeps an entry on one line is given its due."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from buckler.prove.probes.sending import VALUE, attempt


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the handlers write of every record, whatever its level; in the usual form where the program sets up none."""
    seen: list[str] = []

    def write(logger: logging.Logger | None, record: logging.LogRecord) -> None:
        handlers: list[Any] = []
        while logger:
            handlers += [one for one in logger.handlers if not type(one).__module__.startswith("_pytest")]
            logger = logger.parent if logger.propagate else None
        seen.extend(handler.format(record) for handler in handlers or [logging.lastResort])

    monkeypatch.setattr(logging.Logger, "isEnabledFor", lambda *_: True)
    monkeypatch.setattr(logging.Logger, "callHandlers", write)
    return seen


def attack(written: list[str]) -> None:
    attempt(VALUE)
    forged = [line for text in written for line in re.split(r"[\r\n]+", text)[1:] if line.startswith("4711 ")]
    assert not forged, f"EXPLOITED: the log got a line that the program did not write: {forged[0]}"
