"""Uses of a file outside the folder that was meant, and looks at whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from buckler.prove.probes.outside import secret, used
from buckler.prove.probes.sending import VALUE, attempt, text

__all__ = ["attack", "attack_archive", "attack_existence", "secret", "used"]
FOLDER = ""
"""Name of the folder that was meant, where it is known."""
NESTED = False
"""Whether a folder of that name lies in another of that name."""


def outside(path: str, secret: Path) -> bool:
    """Whether a file is the secret, beside it, or in the folder beside the one that was meant, whose name begins alike."""
    if path.startswith(str(secret.parent)):
        return True
    within = not NESTED and "/" + FOLDER + "/" in path.partition("-4711/")[0]  # a folder of that name further in
    return bool(FOLDER) and "-4711/" in path and not within


def attack(secret: Path, used: list[str]) -> None:
    answer = attempt(VALUE)
    touched = [path for path in used if outside(path, secret)]
    assert not touched, f"EXPLOITED: a file outside the folder was used: {touched[0]}"
    assert "0815-4711" not in text(answer), "EXPLOITED: the content of a file outside the folder came back"


def attack_archive(secret: Path, used: list[str]) -> None:
    answer = attempt(VALUE)
    touched = [path for path in used if outside(path, secret)]
    assert not touched, f"EXPLOITED: a file outside the folder was used: {touched[0]}"
    assert "0815-4711" not in text(answer), "EXPLOITED: the content of a file outside the folder came back"
    assert secret.read_text() == "0815-4711", "EXPLOITED: a file outside the folder was overwritten"


def shown(answer: Any) -> str:
    """What the caller learns."""
    return type(answer).__name__ if isinstance(answer, BaseException) else text(answer)


def attack_existence(secret: Path) -> None:
    there, again = shown(attempt(VALUE)), shown(attempt(VALUE))
    secret.unlink()
    gone = shown(attempt(VALUE))
    assert there != again or there == gone, "EXPLOITED: the answer reveals whether a file outside the folder exists"
