"""The copy of the project after an attempt: whatever was written, changed or removed is put back."""

import sys
from pathlib import Path

import pytest

from buckler.prove.sandbox import run as running
from buckler.prove.sandbox.model import SandboxSpec
from buckler.prove.sandbox.tiers import candidates, works
from buckler.prove.session import Session

WALLS = [walls for walls in candidates() if works(walls)]
STATE = """
import pathlib
report({p.as_posix(): p.read_text() if p.is_file() else None for p in sorted(pathlib.Path(".").rglob("*"))})
"""
SPOIL = """
import pathlib, shutil
pathlib.Path("data/new.txt").write_text("new")
pathlib.Path("app.py").write_text("other")
pathlib.Path("data/old.txt").unlink()
pathlib.Path("made/below").mkdir(parents=True)
pathlib.Path("made/below/file").write_text("x")
shutil.rmtree("gone")
"""


@pytest.mark.parametrize("walls", WALLS, ids=lambda walls: walls.tier.name.lower())
def test_what_an_attempt_did_is_undone(tmp_path, monkeypatch, walls):
    monkeypatch.setattr(running, "strongest", lambda: walls)
    for name, text in {"app.py": "x = 1\n", "data/old.txt": "old", "gone/away.txt": "away"}.items():
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(text)
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "app.py").write_text("x = 2\n")
    with Session.open(SandboxSpec(Path(sys.executable), tmp_path / "project", overlays=(overlay,))) as session:
        before = session.run(STATE).value
        assert before["app.py"] == "x = 2\n"
        session.run(SPOIL)
        assert session.run(STATE).value != before
        session.restore()
        assert session.run(STATE).value == before


@pytest.mark.parametrize("walls", WALLS, ids=lambda walls: walls.tier.name.lower())
def test_a_project_that_only_its_owner_may_read_is_not_taken_away(tmp_path, monkeypatch, walls):
    monkeypatch.setattr(running, "strongest", lambda: walls)
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "app.py").write_text("x = 1\n")
    (project / "data" / "old.txt").write_text("old")
    for place in (project / "data", project):
        place.chmod(0o700)
    with Session.open(SandboxSpec(Path(sys.executable), project)) as session:
        before = session.run(STATE).value
        assert set(before) >= {"app.py", "data/old.txt"}
        session.restore()
        assert session.run(STATE).value == before
