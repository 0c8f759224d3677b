"""A lockfile is written by its own tool, wherever the user has it installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from buckler.prove.environment.relock import NotLocked, Task, installation, relocked

SCRIPT = """import pathlib, sys
assert sys.prefix != sys.base_prefix
pathlib.Path("tool.lock").write_text(pathlib.Path("tool.toml").read_text() + sys.argv[1])
"""


@pytest.fixture
def tool(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package manager in a virtual environment of its own, linked into a folder of programs, as pipx does it."""
    place = tmp_path_factory.mktemp("home")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "venvs" / "tool"], check=True)
    script = place / "venvs" / "tool" / "bin" / "tool"
    script.write_text(f"#!{script.parent / 'python'}\n{SCRIPT}")
    script.chmod(0o755)
    (place / "bin").mkdir()
    (place / "bin" / "tool").symlink_to(script)
    (place / "secret").write_text("not for programs in the sandbox")
    monkeypatch.setenv("PATH", f"{place / 'bin'}:{os.environ['PATH']}")
    return script


def test_a_tool_in_an_environment_of_its_own_writes_the_lockfile(tool: Path) -> None:
    task = Task([["tool", "locked"]], "tool.toml")
    assert relocked({"tool.toml": b"wanted, "}, "tool.lock", task) == b"wanted, locked"


def test_only_its_environment_is_shown(tool: Path) -> None:
    environment, *base = installation(tool)
    assert environment == tool.parent.parent
    assert all(tool.parent.parent.parent not in folder.parents for folder in base)
    assert installation(Path("/bin/sh")) == ()


def test_one_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(NotLocked, match="nobody-has-this is not installed here"):
        relocked({"a": b""}, "a", Task([["nobody-has-this"]], "a"))
