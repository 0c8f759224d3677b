"""Compiled code made ahead: for files that are reviewed, not for one that is too large for that."""

import sys
from pathlib import Path

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.scratch import RUN
from buckler.prove.environment import build as building
from buckler.prove.environment.build import EnvironmentOptions, build, compiled_project, refused
from buckler.prove.environment.kept import FOLDER

PYTHON = Path(sys.executable).resolve()


def test_a_file_too_large_to_be_reviewed_is_not_compiled(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text("x = 1\n")
    (project / "large.py").write_text("(\n" + "#" * MAX_FILE_SIZE)
    (tmp_path / "large.py").write_text("x = 1\n" + "#" * MAX_FILE_SIZE)
    assert refused(PYTHON, project) == 0
    (project / "large.py").write_bytes((tmp_path / "large.py").read_bytes())
    compiled_project(project, tmp_path / "code", PYTHON)
    assert [p.name.partition(".")[0] for p in (tmp_path / "code").rglob("*.pyc")] == ["app"]


def test_what_a_killed_run_left_beside_the_environments_is_swept(tmp_path, monkeypatch):
    left = tmp_path / "cache" / FOLDER / f"{RUN}killed"
    left.mkdir(parents=True)
    (left / "owner").touch()
    monkeypatch.setattr(building, "_installed", lambda *_: (None, ()))
    monkeypatch.setattr(building, "tools_for", lambda *_: ())
    (tmp_path / "p").mkdir()
    build(tmp_path / "p", EnvironmentOptions(tmp_path / "cache", python=PYTHON, install=False))
    assert not left.exists()
