"""An import that is killed at any moment leaves a whole store, and the same command finishes it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPORTS = 12
ALERTS = 400
FEW, MANY = 4, 60


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    for number in range(REPORTS):
        rows = [
            {
                "check_id": f"R{n % 7}",
                "severity": "high",
                "file": f"m{number}/f{n}.py",
                "line": n,
                "message": f"says {n}",
            }
            for n in range(ALERTS)
        ]
        (folder / f"report{number:02}.json").write_text(json.dumps({"issues": rows}))
    return folder


def command(tmp_path: Path, store: str, *words: str) -> tuple[list[str], dict[str, str]]:
    env = os.environ | {
        "BUCKLER_TRIAGE": str(tmp_path / store),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "BUCKLER_CACHE": str(tmp_path / "cache.sqlite"),
    }
    return [sys.executable, "-m", "buckler", "triage", *words], env


def queue(tmp_path: Path, store: str) -> Any:
    words, env = command(tmp_path, store, "list", "--limit", "50", "--format", "json")
    found = json.loads(subprocess.run(words, env=env, check=True, capture_output=True).stdout)
    for problem in found["problems"]:
        problem.pop("new"), problem.pop("points"), problem["terms"].pop("new")
    return found


def killed_and_finished(tmp_path: Path, reports: Path, times: int) -> None:
    words, env = command(tmp_path, "whole.sqlite", "import", str(reports), "--quiet", "--project", "p")
    subprocess.run(words, env=env, check=True)
    words, env = command(tmp_path, "killed.sqlite", "import", str(reports), "--quiet", "--project", "p")
    chance = random.Random(7)
    for _ in range(times):
        with subprocess.Popen(words, env=env, start_new_session=True) as running:
            try:
                running.wait(chance.uniform(0.2, 2.5))
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
    subprocess.run(words, env=env, check=True)
    ours, whole = queue(tmp_path, "killed.sqlite"), queue(tmp_path, "whole.sqlite")
    assert ours == whole
    assert whole["alerts"] == REPORTS * ALERTS


def test_killed_some_times(tmp_path: Path, reports: Path) -> None:
    killed_and_finished(tmp_path, reports, FEW)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_many_times(tmp_path: Path, reports: Path) -> None:
    killed_and_finished(tmp_path, reports, MANY)
