"""The constants of a compiled file, among which there must be no secret.

The test holds the digest of the secret and never the secret, and gives the code an environment that has a value for
every name it asks for, so that it passes once the secret comes from there.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import sys
import types
from typing import Any

import pytest

from buckler.prove.probes.sending import VALUE, attempt

FILE = "app.py"
SECRET = ""
"""The SHA-256 of the secret; the secret itself need not be copied once more."""


class Environment(dict):  # type: ignore[type-arg]
    """The variables of this machine, and a value for every other name that the code under test asks for."""

    def __missing__(self, name: str) -> str:
        if sys._getframe(1).f_code.co_filename.endswith(FILE):
            return "0815-4711-from-the-environment"
        raise KeyError(name)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(os, "environ", Environment(os.environ))
    return os.environ


def constants(value: Any) -> list[bytes]:
    """Every text in compiled code."""
    if isinstance(value, types.CodeType):
        return [text for constant in value.co_consts for text in constants(constant)]
    if isinstance(value, (tuple, frozenset)):
        return [text for one in value for text in constants(one)]
    return [value.encode() if isinstance(value, str) else value] if isinstance(value, (str, bytes)) else []


def source() -> pathlib.Path:
    """The file that is looked at, from wherever the tests are run."""
    above = [pathlib.Path.cwd(), *pathlib.Path(__file__).resolve().parents]
    return next(folder / FILE for folder in above if (folder / FILE).is_file())


def is_secret(text: bytes) -> bool:
    return hashlib.sha256(text).hexdigest() == SECRET


def attack(environment: Any) -> None:
    attempt(VALUE)
    code = compile(source().read_bytes(), FILE, "exec")
    assert not any(is_secret(text) for text in constants(code)), (
        "WRITTEN DOWN: whoever can read the code has the secret"
    )


def counterpart(environment: Any) -> None:
    right = compile("import os\nKEY = os.environ['KEY']", "right.py", "exec")
    assert b"KEY" in constants(right)
    assert not any(is_secret(text) for text in constants(right))
