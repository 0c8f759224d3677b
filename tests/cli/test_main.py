"""The command as scripts see it: exit codes, files written, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from buckler.base.errors import ConfigError
from buckler.cli import review as module
from buckler.cli.main import run
from buckler.cli.outputs import Output, plan
from buckler.finding.evidence import Assessment
from buckler.finding.model import Notice, Review
from review_sample import RULES, review, weak_hash

CUT = Notice("too-large", "x.js", "too large", partial=True)


@pytest.fixture(autouse=True)
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUCKLER_CACHE", "off")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    return tmp_path


def answer(monkeypatch: pytest.MonkeyPatch, result: Review | BaseException) -> list[Any]:
    """Let the workbench answer this; what it was asked comes back."""
    asked: list[Any] = []

    def review_paths(*arguments: Any) -> Assessment:
        asked.append(arguments)
        if isinstance(result, BaseException):
            raise result
        return Assessment(result, RULES, Path.cwd())

    monkeypatch.setattr(module, "review_paths", review_paths)
    return asked


@pytest.mark.parametrize(
    ("result", "options", "code"),
    [
        (Review("x"), [], 0),
        (Review("x", findings=[weak_hash()]), [], 0),
        (Review("x", findings=[weak_hash()]), ["--fail-on", "low"], 1),
        (Review("x", notices=[CUT]), [], 3),
        (Review("x", findings=[weak_hash()], notices=[CUT]), [], 3),
        (review(), [], 4),
        (review(), ["--write-baseline", "b.json"], 0),
        (KeyboardInterrupt(), [], 130),
        (ConfigError("wrong"), [], 2),
    ],
)
def test_exit_codes(monkeypatch: pytest.MonkeyPatch, result: Any, options: list[str], code: int) -> None:
    answer(monkeypatch, result)
    assert run(["review", ".", *options]) == code


def test_an_error_of_ours_is_one_line_and_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answer(monkeypatch, ZeroDivisionError("oh"))
    assert run(["review", "."]) == 70
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Traceback" not in said
    log = Path(said.strip().rsplit(" ", 1)[1])
    assert "ZeroDivisionError: oh" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["review"],
        ["review", "none"],
        ["nonsense"],
        ["review", ".", "--fail-on", "bad"],
        ["explain-rule", "none"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    assert run(arguments) == 2


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["review", "--help"], ["cache", "path"], ["cache", "show"], ["cache", "clear"]],
)
def test_harmless_words(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 0
    assert capsys.readouterr().out


def test_environments_are_weighed_and_deleted_only_if_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "environments" / "one"
    made.mkdir(parents=True)
    (made / "buckler-missing.json").write_text("[]")
    (made / "a.py").write_bytes(b"x" * 1998)
    file = str(tmp_path / "cache.sqlite")
    assert run(["cache", "show", "--cache", file]) == 0
    assert f"2.0 kB  {made.parent}" in capsys.readouterr().out
    run(["cache", "clear", "--cache", file])
    assert made.is_dir()
    run(["cache", "clear", "--cache", file, "--environments"])
    assert not made.exists()


def test_folders_of_somebody_else_beside_the_cache_stay(tmp_path: Path) -> None:
    for name in ("environments/production", "metadata/one"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "settings.toml").write_text("x = 1")
    run(["cache", "clear", "--cache", str(tmp_path / "cache.sqlite"), "--environments"])
    assert (tmp_path / "environments/production/settings.toml").is_file()
    assert (tmp_path / "metadata/one/settings.toml").is_file()


@pytest.mark.parametrize(("formats", "outputs", "planned"), [
    (["terminal", "html", "sarif"], ["a", "b"], {("html", "a"), ("sarif", "b"), ("terminal", "-")}),
    (["html", "terminal"], ["a"], {("html", "a"), ("terminal", "-")}),
    (["terminal"], ["a"], {("terminal", "a")}),
    (["json", "html"], ["a", "b"], {("json", "a"), ("html", "b")}),
])  # fmt: skip
def test_the_terminal_needs_no_file(formats: list[str], outputs: list[str], planned: set[tuple[str, str]]) -> None:
    assert {(one.format, one.target) for one in plan(formats, outputs)} == planned


def test_reports_go_where_they_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer(monkeypatch, review())
    pairs = [
        "--format",
        "sarif",
        "--output",
        "r.sarif",
        "--format",
        "html",
        "--output",
        "r.html",
        "--output",
        "r.md",
    ]
    run(["review", ".", *pairs])
    assert json.loads(Path("r.sarif").read_text())["version"] == "2.1.0"
    assert Path("r.html").read_text().startswith("<!doctype html>")
    assert Path("r.md").read_text().startswith("# Security review")
    assert capsys.readouterr().out.startswith("3 findings (1 critical, 1 high, 1 low)")
    assert sorted(p.name for p in Path().iterdir()) == ["a.py", "r.html", "r.md", "r.sarif"]


def test_json_on_stdout_is_only_json(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    answer(monkeypatch, review())
    run(["review", ".", "--format", "json"])
    assert json.loads(capfdbinary.readouterr().out)["root"] == "examples/shop"


def test_a_report_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, review())
    assert run(["review", ".", "--output", "none/r.json"]) == 2


def test_plans() -> None:
    assert plan([], []) == [Output("terminal")]
    assert plan(["json"], []) == [Output("json")]
    assert plan(["json", "html"], ["a"]) == [Output("json", "a"), Output("html")]
    assert plan([], ["a.md"]) == [Output("markdown", "a.md")]
    for formats, outputs in ((["json", "html"], []), ([], ["a.docx"]), (["json", "html"], ["a", "a"])):
        with pytest.raises(ConfigError):
            plan(formats, outputs)


def test_configuration_and_command_line_together(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, Review("x", findings=[weak_hash()]))
    Path("buckler.toml").write_text('fail-on = "low"\njobs = 3\nexclude = ["old/"]\n')
    assert run(["review", ".", "--exclude", "new/"]) == 1
    assert run(["review", ".", "--fail-on", "high"]) == 0
    assert run(["review", ".", "--no-config"]) == 0
    config, tree = asked[0][1].config, asked[0][1].tree
    assert (config.exclude, config.trusted) == (("new/",), True)
    assert (tree.jobs, tree.exclude, tree.trusted) == (3, ("old/",), False)
    Path("mine.toml").write_text("jobs = 5\n")
    run(["review", ".", "--config", "mine.toml"])
    assert asked[-1][1].config.jobs == 5
    assert asked[-1][1].config.trusted


SCRIPT = """
import sys
from pathlib import Path
from review_sample import RULES, review
from buckler.cli import review as module
from buckler.finding.evidence import Assessment
sample = review()
sample.findings = sample.findings * 500
module.review_paths = lambda *_: Assessment(sample, RULES, Path("."))
from buckler.cli.main import main
main()
"""


def test_a_reader_who_leaves_early() -> None:
    place = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    command = [sys.executable, "-c", SCRIPT, "review", "."]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": place}
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(), said) == (4, b"")


def test_every_option_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    run(["review", "--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {code} " in text for code in (0, 1, 2, 3, 4, 70, 130))


def test_off_is_no_name_of_a_cache_file(quiet_place: Path) -> None:
    assert run(["review", "a.py", "--no-config", "--cache", "off"]) == 0
    assert not (quiet_place / "off").exists()


def test_a_file_is_not_named_like_another_format() -> None:
    with pytest.raises(ConfigError, match="html was asked for in a file that is named otherwise"):
        plan(["html"], ["out.sarif"])
    assert plan(["html"], ["page.txt.bak"])[0].target == "page.txt.bak"
