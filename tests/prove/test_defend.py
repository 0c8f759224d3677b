"""From a folder to a proved fix, and what projects do that make that impossible."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from buckler.base.config import Config
from buckler.finding.evidence import Outcome
from buckler.finding.model import Grade
from buckler.prove.environment.build import EnvironmentOptions
from buckler.prove.sandbox import run as running
from buckler.workbench.applying import apply_fix
from buckler.workbench.defend import DefendOptions, defend
from buckler.workbench.review import Options
from buckler.workbench.single import choose, judge_diff
from buckler.workbench.verify import verify

VULNERABLE = '''"""People."""

import sqlite3


def find(name):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE person (name TEXT, age INTEGER)")
    connection.execute("INSERT INTO person VALUES ('anna', 7)")
    return connection.execute("SELECT age FROM person WHERE name = '" + name + "'").fetchall()
'''
TESTS = """from people import find


def test_find():
    assert find("anna") == [(7,)]
"""


def wishes(tmp_path):
    """The environment of these tests themselves, which has pytest; nothing is downloaded."""
    return EnvironmentOptions(tmp_path / "cache", given=Path(sys.prefix))


def project(tmp_path, **files):
    root = tmp_path / "project"
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path = path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def options(folder):
    return Options(config=Config(), cache=folder / "cache" / "cache.sqlite")


def defended(root, tmp_path, **more):
    return defend(root, options(tmp_path), DefendOptions(wishes(tmp_path), **more))


def contents(root):
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def fixed(tmp_path_factory):
    """One run over the vulnerable project, whose outcome several tests look at."""
    folder = tmp_path_factory.mktemp("fixed")
    root = project(folder, people=VULNERABLE, tests__test_people=TESTS)
    before = contents(root)
    outcome = defended(root, folder, bundles=folder / "evidence")
    assert contents(root) == before, "the project itself is never written"
    return folder, root, outcome


def test_a_flaw_is_shown_mended_and_shown_to_be_mended(fixed):
    _, _, outcome = fixed
    (defence,) = outcome.remediations
    assert defence.grade is Grade.FIXED
    outcomes = {r.name: r.outcome for r in (*defence.rungs, *defence.fix.rungs)}
    assert {n for n, o in outcomes.items() if o is Outcome.PROVED} == {
        "F1",
        "F2",
        "F3",
        "F4",
        "F5",
        *(f"P{n}" for n in range(9)),
    }
    assert "name = ?" in defence.fix.patch.diff


def test_the_emitted_test_stands_alone(fixed):
    _, _, outcome = fixed
    text = outcome.remediations[0].proof.test.text
    assert "buckler" not in text.lower()
    compile(text, "test.py", "exec")


def test_the_bundle_can_be_run_again(fixed, tmp_path):
    folder, root, outcome = fixed
    verified = verify(outcome.bundles[0], root, options(folder), DefendOptions(wishes(folder)))
    assert verified.outcome is Outcome.PROVED
    proved = [r.name for r in verified.rungs if r.outcome is Outcome.PROVED]
    assert proved == ["F1", "F2", "F3", "F4", "F5", *(f"P{n}" for n in range(9))], "all of it was done again"


def test_a_bundle_is_not_run_on_other_files(fixed, tmp_path):
    folder, _, outcome = fixed
    other = project(tmp_path, people=VULNERABLE + "\n# changed\n")
    verified = verify(outcome.bundles[0], other, options(folder), DefendOptions(wishes(folder)))
    assert verified.outcome is Outcome.NOT_VERIFIED
    assert "is not the file that was reviewed" in verified.rungs[0].reason


def test_a_second_run_repeats_nothing(fixed, monkeypatch):
    folder, root, outcome = fixed
    monkeypatch.setattr("buckler.workbench.defend.prove", lambda *_: pytest.fail("proved again"))
    assert defended(root, folder).remediations[0].grade is outcome.remediations[0].grade


def test_a_fix_is_written_only_where_nothing_is_lost(fixed, tmp_path):
    _, _, outcome = fixed
    copy = project(tmp_path, people=VULNERABLE)
    apply_fix(copy, outcome.remediations[0].fix.patch)
    assert "name = ?" in (copy / "people.py").read_text()


def test_a_patch_that_knows_the_attack_by_heart_does_not_hold(fixed, tmp_path):
    folder, root, outcome = fixed
    (defence,) = outcome.remediations
    line = VULNERABLE.splitlines().index("def find(name):") + 1
    diff = tmp_path / "known.diff"
    diff.write_text(
        "--- a/people.py\n+++ b/people.py\n"
        f"@@ -{line},2 +{line},4 @@\n def find(name):\n+    if name == {defence.proof.attack}:\n+        raise ValueError(name)\n"
        f" {VULNERABLE.splitlines()[line]}\n"
    )
    judged = judge_diff(choose(root, options(folder), "sql-injection"), diff, DefendOptions(wishes(folder))).patches[0]
    outcomes = {r.name: r for r in judged.rungs}
    assert outcomes["P2"].outcome is Outcome.PROVED
    assert outcomes["P5"].outcome is Outcome.REFUTED
    assert any("the same" in told for told in outcomes["P5"].details)
    assert not judged.holds


SAFE = VULNERABLE.replace('name = \'" + name + "\'")', 'name = ?", (name,))')


def test_a_safe_program_is_left_in_peace(tmp_path):
    assert SAFE != VULNERABLE
    assert defended(project(tmp_path, people=SAFE), tmp_path).remediations == []


HOSTILE = {
    "hangs": "import time\ntime.sleep(600)\n",
    "crashes the interpreter": "import ctypes\nctypes.string_at(0)\n",
    "leaves": "import os\nos._exit(3)\n",
    "deletes its own files": "import os, pathlib\nfor p in pathlib.Path(__file__).parent.glob('*.py'):\n    os.remove(p)\nraise SystemExit\n",
    "prints without end": "while True:\n    print('x' * 10000)\n",
    "kills everything it can": "import os, signal\nos.kill(-1, signal.SIGKILL)\n",
    "cannot be imported": "import there_is_no_such_module\n",
    "refuses in a sandbox": "import os\nif os.path.exists('/.buckler'):\n    raise SystemExit('not here')\n",
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_project_that_cannot_be_run_is_not_verified(tmp_path, how):
    root = project(tmp_path, people=HOSTILE[how] + VULNERABLE)
    before = contents(root)
    outcome = defended(root, tmp_path, seconds=5)
    (defence,) = outcome.remediations
    assert defence.grade is Grade.TRACED
    four = next(r for r in defence.rungs if r.name == "F4")
    assert four.outcome is Outcome.NOT_VERIFIED
    assert four.reason
    assert contents(root) == before


def test_without_a_sandbox_nothing_is_run_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "strongest", lambda: None)
    outcome = defended(project(tmp_path, people=VULNERABLE), tmp_path)
    (defence,) = outcome.remediations
    assert defence.grade is Grade.TRACED
    assert "no sandbox works" in next(r.reason for r in defence.rungs if r.name == "F4")


def test_the_command_leaves_nothing_behind(tmp_path):
    root = project(tmp_path, people=VULNERABLE)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "buckler", "defend", str(root), "--no-fix", "--no-config", "--env", sys.prefix]
    done = subprocess.run(
        [*command, "--cache", str(tmp_path / "cache" / "cache.sqlite")],
        env={**os.environ, "TMPDIR": str(scratch)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "1 finding: 1 reproduced" in done.stdout
    assert "[1/1] reproduced sql-injection people.py:10" in done.stderr
    assert not list(scratch.iterdir())


KEEPS_NOTES = """import pathlib


def send(text):
    folder = pathlib.Path.home() / ".notes"
    folder.mkdir(exist_ok=True)
    (folder / "last").write_text(text)
    return eval(text)
"""


def test_what_a_program_keeps_at_home_stays_out_of_the_developers(tmp_path):
    (defence,) = defended(project(tmp_path, notes=KEEPS_NOTES), tmp_path, fix=False).remediations
    assert defence.grade is Grade.REPRODUCED, "although its name is that of a function of the test"
    text = defence.proof.test.text
    assert "from notes import send as notes_send" in text
    (tmp_path / "project" / "test_it.py").write_text(text)
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "test_it.py"],
        cwd=tmp_path / "project", env={**os.environ, "HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "1 failed, 1 passed" in done.stdout
    assert not list(home.iterdir())


def test_a_reason_says_what_was_tried(tmp_path):
    text = "def go(text):\n    if text.count('x') > 10**9:\n        return eval(text)\n"
    (defence,) = defended(project(tmp_path, sums=text), tmp_path, fix=False).remediations
    four = next(r for r in defence.rungs if r.name == "F4")
    assert "tried" in four.reason
    assert any("`sums.go`, called directly" in told for told in four.details)
