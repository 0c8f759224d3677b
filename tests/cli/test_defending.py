"""`defend` and its single steps as scripts and people see them: reports, suggestions, and what a name may not do."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

from buckler.cli import single
from buckler.cli.main import run
from buckler.cli.options import current
from buckler.cli.screen import console
from buckler.finding.evidence import Patch, Remediation, VerifiedPatch
from buckler.report.formats import FORMATS
from buckler.workbench import defend as workbench

PROGRAM = '''"""Sums."""


def total(text):
    return eval(text)
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "sums"
    root.mkdir()
    (root / "sums.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return root


def defended(project: Path, *more: str) -> int:
    return run(["defend", str(project.name), "--env", sys.prefix, "--cache", "cache/x.sqlite", "--no-config", *more])


def test_the_suffix_of_a_report_is_enough(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert defended(project, "--output", "all.json", "--output", "all.md", "--no-fix") == 1
    (row,) = json.loads(Path("all.json").read_text())["findings"]
    assert row["grade"] == "reproduced"
    assert "sums.py:5" in Path("all.md").read_text()
    assert "1 finding: 1 reproduced." in capsys.readouterr().out


def test_a_report_without_a_known_format_is_refused_before_any_work(project: Path) -> None:
    assert defended(project, "--output", "all.docx") == 2


def test_ctrl_c_while_the_environment_is_made_leaves_a_report(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workbench, "fitted", interrupted)
    assert defended(project, "--output", "all.json") == 130
    written = json.loads(Path("all.json").read_text())
    (row,) = written["findings"]
    assert (row["rule"], row["severity"], row["grade"]) == ("code-injection", "medium", "not reached")
    assert (row["remediation"], written["not_reached"]) == (None, [row["fingerprint"]])
    assert "these 0 are kept" in capsys.readouterr().err


@pytest.mark.parametrize("form", [name for name, known in FORMATS.items() if known.complete])
def test_findings_that_were_not_reached_are_listed_and_count(
    project: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert defended(project, "--max-time", "0.000001", "--format", form, "--output", "report") == 4
    said = Path("report").read_text()
    assert "not reached" in said.lower().replace("_", " ")
    assert "sums.py" in said
    assert "medium" in said
    assert "1 finding: 1 not reached." in capsys.readouterr().out


def test_no_environment_is_made_once_the_time_is_over(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("an environment was made")

    monkeypatch.setattr(workbench, "fitted", never)
    assert defended(project, "--max-time", "0.000001") == 4


def test_without_a_terminal_the_long_start_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert defended(project, "--max-time", "0.000001") == 4
    assert "making the environment" in capsys.readouterr().err
    assert defended(project, "--max-time", "0.000001", "--quiet") == 4
    assert "making the environment" not in capsys.readouterr().err


def test_every_report_says_where_code_ran(project: Path) -> None:
    (project / "app.js").write_text(
        "const app = require('express')();\napp.get('/', (req, res) => { eval(req.query.q); });\n"
    )
    outputs = [word for name in ("all.txt", "all.sarif") for word in ("--output", name)]
    formats = ["--format", "terminal", "--format", "sarif"]
    assert defended(project, *formats, *outputs, "--no-fix", "--only", "sums.py") == 1
    for name in ("all.txt", "all.sarif"):
        assert "Code ran in" in Path(name).read_text()
    assert defended(project, *formats, *outputs, "--no-fix", "--only", "app.js") == 1
    for name in ("all.txt", "all.sarif"):
        assert "No code of the project was run." in Path(name).read_text()


def test_suggestions_can_be_typed_as_they_stand(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "code-injection", project.name, "--no-config", "--cache", "cache/x.sqlite"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{project.name}` tries the attack" in said


def test_a_fix_for_an_archive_is_shown_but_written_nowhere(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile("sums.zip", "w") as archive:
        archive.write(project / "sums.py", "sums/sums.py")
    given = ["sums.zip", "--env", sys.prefix, "--no-config", "--cache", "cache/x.sqlite"]
    assert run(["fix", "code-injection", *given, "--apply"]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert run(["fix", "code-injection", *given]) in (0, 1)
    assert "sums.py:5" in capsys.readouterr().out


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_where_there_is_no_patch_nothing_can_be_forced(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], force: tuple[str, ...]
) -> None:
    monkeypatch.setattr(
        single, "work", lambda chosen, *_: Remediation(chosen.finding, (), refused="the call is too odd")
    )
    given = ["fix", "code-injection", project.name, "--no-config", "--cache", "cache/x.sqlite", "--apply", *force]
    assert run(given) == 1
    said = capsys.readouterr().err
    assert "there is no patch for it: the call is too odd" in said
    assert "--force" not in said


def test_a_candidate_that_does_not_hold_is_not_applied(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = (VerifiedPatch(Patch("Bind it", "Why.", (), ""), (), ()),)
    monkeypatch.setattr(single, "work", lambda chosen, *_: Remediation(chosen.finding, (), patches=tried))
    assert run(["fix", "code-injection", project.name, "--no-config", "--cache", "cache/x.sqlite", "--apply"]) == 1
    assert "--force applies the best of them" in capsys.readouterr().err
    assert (project / "sums.py").read_text() == PROGRAM


def test_a_folder_of_bundles_says_what_each_is_about(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "more.py").write_text(PROGRAM)
    assert defended(project, "--evidence-dir", "evidence", "--no-fix") == 1
    capsys.readouterr()
    given = ["--env", sys.prefix, "--no-config", "--cache", "cache/x.sqlite"]
    run(["verify", "evidence", project.name, *given])
    said = " ".join(capsys.readouterr().out.split())
    assert "sums.py:5 code-injection" in said
    assert "more.py:5 code-injection" in said
    assert "2 bundles: 2 proved." in said
    assert "Code ran in" in said


def test_the_tests_of_a_report_are_written_where_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("report.md").write_text("# Remote code execution\n\n`eval` in sums.py, line 5, runs any code.\n")
    given = ["--env", sys.prefix, "--no-config", "--cache", "cache/x.sqlite"]
    assert run(["check-report", "report.md", project.name, *given, "--tests", "tests"]) == 1
    assert "1 claim: 1 proved." in capsys.readouterr().out
    (test,) = Path("tests").iterdir()
    assert "EXPLOITED" in test.read_text()


@pytest.mark.parametrize(
    ("typed", "meant"), [("reveiw", "review"), ("defned", "defend"), ("check_report", "check-report")]
)
def test_a_mistyped_command_is_told_the_one_meant(typed: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([typed]) == 2
    assert f"Did you mean '{meant}'?" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["review", "defend", "explain", "prove", "fix", "verify", "check-report"])
def test_every_command_tells_its_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "exit codes:" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["review", "defend", "explain", "prove", "fix"])
def test_every_command_writes_every_format(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"[{'|'.join(sorted(FORMATS))}]" in "".join(capsys.readouterr().out.split())


def test_csv_is_known_by_its_suffix(project: Path) -> None:
    assert defended(project, "--max-time", "0.000001", "--output", "all.csv") == 4
    assert "not reached,medium,code-injection" in Path("all.csv").read_text()


@pytest.mark.parametrize(("former", "now"), [("--for", "--audience"), ("--bundles=x", "--evidence-dir=x")])
def test_former_options_are_understood_for_one_release(
    former: str, now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert current(former) == now
    assert run(["defend", "--help"]) == 0
    assert former.partition("=")[0] + " " not in capsys.readouterr().out


def test_former_options_still_work(project: Path) -> None:
    assert defended(project, "--max-time", "0.000001", "--for", "manager", "--bundles", "evidence") == 4
    (project / "own.toml").write_text('package = "own"\n')
    assert run(["review", project.name, "--knowledge", project.name, "--no-config", "--no-cache"]) == 1


@pytest.mark.parametrize("command", ["review", "defend"])
def test_a_mistyped_rule_is_told_the_one_meant(project: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, project.name, "--rule", "code-injecton"]) == 2
    assert capsys.readouterr().err.endswith("buckler: no rule 'code-injecton'; did you mean 'code-injection'?\n")


def test_former_ids_of_rules_are_understood(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--no-config", "--no-cache"]
    assert run(["review", project.name, "--rule", "object-ownership", *given]) == 0
    assert run(["review", project.name, "--disable", "unsafe-deserialisation", *given]) == 1
    assert run(["explain-rule", "object-ownership"]) == 0
    assert "missing-ownership-check" in capsys.readouterr().out
    Path("buckler.toml").write_text('[rules]\ndisable = ["code-injecton"]\n')
    assert run(["review", project.name, "--config", "buckler.toml"]) == 2
    assert capsys.readouterr().err.startswith("buckler: buckler.toml: no rule 'code-injecton'; did you mean")


def test_no_name_drives_the_terminal() -> None:
    screen = console()
    screen.file = io.StringIO()
    screen.print("evil\x1b[2J\u202e.py")
    assert screen.file.getvalue() == "evil\\x1b[2J\\u202e.py\n"
