"""The words by which programs are started, looked at as the program would."""

from __future__ import annotations

import os
import sys
from typing import Any, Iterator

import pytest

from buckler.prove.probes.sending import VALUE, attempt

WATCHING: list[list[list[str]]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if WATCHING and event in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
        words = arguments[1]
        words = [words] if isinstance(words, (str, bytes, os.PathLike)) else words
        WATCHING[0].append([os.fsdecode(word) for word in words])


sys.addaudithook(_watch)


@pytest.fixture
def started() -> Iterator[list[list[str]]]:
    """The words by which programs are started from here on."""
    WATCHING.insert(0, [])
    yield WATCHING[0]
    WATCHING.clear()


def options(words: list[str]) -> list[str]:
    """What a program takes for options: not what follows `--`, nor the value of the option before it."""
    end = words.index("--") if "--" in words else len(words)
    return [word for before, word in zip(words, words[1:end]) if word.startswith("-") and not takes_value(before)]


def takes_value(word: str) -> bool:
    return word.startswith("-") and "=" not in word and word not in ALONE


ALONE = {
    "--heads", "--tags", "--symref", "--refs", "--quiet", "-q", "--verbose", "-v", "--all", "--bare", "--force", "-f",
    "--mirror", "--no-checkout", "--noupdate", "--recursive", "--cached", "--staged", "--prune", "--exit-code",
    "--get-url", "--single-branch", "--no-tags", "--progress", "--stat", "--oneline", "--name-only", "--hard", "--soft",
    "--mixed",
}  # fmt: skip
"""Options of git that take no value; what another program makes of the word after an option is not known.

From the manual of git 2.43 (and `--noupdate` from that of Mercurial)."""


def attack(started: list[list[str]]) -> None:
    attempt(VALUE)
    chosen = [word for words in started for word in options(words) if "4711" in word]
    assert not chosen, f"EXPLOITED: a program was started with an option of somebody else's choice: {chosen[0]}"
