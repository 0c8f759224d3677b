"""What is older than the interpreter is tried with older ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from buckler.prove.environment import fit
from buckler.prove.environment.build import Environment, EnvironmentOptions

VERSIONS = {Path(f"python3.{minor}"): f"3.{minor}.1" for minor in (13, 11, 10, 9, 8)}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The interpreters that were tried; one release cannot be loaded with those after 3.9."""
    tried: list[str] = []

    def settled(project: Path, wishes: EnvironmentOptions, paths: Sequence[str]) -> tuple[Environment, list[str]]:
        python = wishes.python or Path("python3.11")
        tried.append(VERSIONS[python])
        late = VERSIONS[python] in ("3.10.1", "3.11.1", "3.13.1")
        why = ["AttributeError: module 'collections' has no attribute 'Mapping'"] if late else []
        return Environment(python, VERSIONS[python], ()), why

    monkeypatch.setattr(fit, "settled", settled)
    monkeypatch.setattr(fit, "interpreters", lambda: tuple(VERSIONS))
    monkeypatch.setattr(fit, "version_of", VERSIONS.__getitem__)
    return tried


def test_the_newest_that_loads_the_project_is_taken(asked: list[str], tmp_path: Path) -> None:
    made = fit.fitted(tmp_path, EnvironmentOptions(tmp_path), ["app.py"])
    assert made.version == "3.9.1"
    assert asked == ["3.11.1", "3.10.1", "3.9.1"]


def test_what_the_user_or_the_project_says_holds(asked: list[str], tmp_path: Path) -> None:
    fit.fitted(tmp_path, EnvironmentOptions(tmp_path, python=Path("python3.13")), ["app.py"])
    assert asked == ["3.13.1"]
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\n')
    assert fit.fitted(tmp_path, EnvironmentOptions(tmp_path), ["app.py"]).version == "3.11.1"
