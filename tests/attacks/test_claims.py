"""Reports that hang their reader, or send it to files that are not the project's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from buckler.base.errors import InputError
from buckler.cli.main import run
from buckler.triage.claims.model import Claim
from buckler.workbench import claims
from buckler.workbench.claims import Tree, contradicted, invented, located, read_claims

GIVEN = ("--env", sys.prefix, "--no-config", "--cache", "cache/x.sqlite")
SIZE = 400_000
HARD = 60
"""Seconds for what takes less than two; each of these took hours at this size."""
SHAPES = {
    "letters": "x" * SIZE,
    "dots": "." * SIZE,
    "dashes": "-" * SIZE,
    "slashes and dots": "./" * (SIZE // 2),
    "endings": ".py" * (SIZE // 3),
    "files without a line": "a.py" * (SIZE // 4),
    "underscores": "in " + "_" * SIZE,
    "many underscores": "in _a_a_a_a at" * (SIZE // 14),
    "blank lines": "\n" * SIZE,
    "blank lines before code": "\n" * SIZE + "```",
    "blanks": "a.py" + " " * SIZE,
    "blanks behind a colon": "a.py :" + " " * SIZE,
    "blanks and lines": "a.py" + "\n " * (SIZE // 2) + "```",
    "commas": "a.py" + ",`( " * (SIZE // 4),
    "an unfinished fence": "x\n```" + "a" * SIZE,
    "fences": "x\n```\n" * (SIZE // 6),
    "a fence of blank lines": "code\n```\n" + "\n" * SIZE + "```\n",
    "blanks in code": "code\n```\n" + " " * SIZE + "\n```\n",
    "backticks": "`a" * (SIZE // 2),
    "a call of names": "`" + "a." * (SIZE // 2),
    "functions": "function " * (SIZE // 9),
    "items": "\n- x" * (SIZE // 4),
    "items with places": "\n- SQL in a.py:1" * (SIZE // 40),
    "paragraphs": "x\n\n" * (SIZE // 3),
    "numbers": "\n" + "1" * SIZE,
    "weaknesses": "CWE-" * (SIZE // 4),
    "places in one section": "SQL " + " ".join(f"a{n}.py:1" for n in range(9000)),
    "digits of a line": "a.py:" + "9" * SIZE,
    "quoted lines": "the code in a.py:1\n\n```\n" + "something = 1\n" * (SIZE // 14) + "```",
    "headings": "# x\n" * (SIZE // 4),
}  # fmt: skip


@pytest.mark.attack("claims", "80 KB of any character or word that a pattern repeats: quadratic and worse")
@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_hangs_the_reader(tmp_path: Path, shape: str) -> None:
    (tmp_path / "report.md").write_text(SHAPES[shape])
    code = "import sys, pathlib\nfrom buckler.base.errors import InputError\nfrom buckler.workbench.claims import read_claims\n"
    code += "try:\n    read_claims(pathlib.Path(sys.argv[1]))\nexcept InputError:\n    pass\n"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "report.md")], timeout=HARD, check=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "src/app.py").write_text("def total(text):\n    return eval(text)\n")
    (tmp_path / "x.py").write_text("SECRET = 1\n")
    (root / "linked.py").symlink_to(tmp_path / "x.py")
    (root / "folder").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.py")
    monkeypatch.chdir(tmp_path)
    return root


@pytest.mark.attack("claims", "a claim about src/../../x, an absolute path, a link, a pipe")
@pytest.mark.parametrize(
    "path",
    ["src/../../x.py", "../x.py", "folder/x.py", "linked.py", "pipe.py", "src/../../../../../etc/passwd", "..\\x.py", "src/./../../x.py", "", "/", "src", "a\0b.py", "\ud800.py", "x" * 300 + ".py", "[", "**", "*.py", "./"],
)  # fmt: skip
def test_nothing_outside_is_read(project: Path, path: str) -> None:
    where, why = located(Claim("x", path, 1), Tree(project))
    assert (where, bool(why)) == ("", True)


@pytest.mark.parametrize(
    "path",
    ["src/app.py", "./src/app.py", "app.py", "/somewhere/src/app.py", "src\\app.py", ".../src/app.py", "/src/app.py"],
)
def test_the_ways_in_which_honest_reports_name_a_file(project: Path, path: str) -> None:
    assert located(Claim("x", path, 1), Tree(project)) == ("src/app.py", "")


@pytest.mark.attack("claims", "a file too large to be read is said to have too few lines")
def test_what_cannot_be_read_is_not_refuted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "LARGEST", 10)
    claim = Claim("x", "src/app.py", 2, quoted=("return eval(text)",))
    where, why = located(claim, Tree(project))
    assert not where
    assert not why.startswith("there is no file")
    assert not invented(claim, "src/app.py", Tree(project))


def test_lines_and_quotes_are_looked_for(project: Path) -> None:
    tree = Tree(project)
    assert contradicted(Claim("x", "src/app.py", 9), "src/app.py", tree)
    assert not contradicted(Claim("x", "src/app.py", 2), "src/app.py", tree)
    assert not invented(Claim("x", "src/app.py", 2, quoted=("return  eval( text )",)), "src/app.py", tree)
    assert invented(Claim("x", "src/app.py", 2, quoted=("return exec(text)",)), "src/app.py", tree)


def sarif(result: object = None, **run_: object) -> dict[str, Any]:
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rules": []}}, "results": [result], **run_}]}


GOOD = {"ruleId": "sql", "message": {"text": "SQL"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/app.py"}, "region": {"startLine": 2}}}]}  # fmt: skip
ODD = (None, True, 0, -1, 1.5, 10**400, "x", [], [None], [[]], {}, {"x": 1}, {"text": None}, "\ud800")


def changed(document: object, way: tuple[str | int, ...], value: object) -> object:
    if not way:
        return value
    step, *rest = way
    if isinstance(document, dict):
        return {**document, step: changed(document.get(str(step)), tuple(rest), value)}
    assert isinstance(document, list)
    assert isinstance(step, int)
    return [*document[:step], changed(document[step], tuple(rest), value), *document[step + 1 :]]


WAYS: list[tuple[str | int, ...]] = [
    (), ("runs",), ("runs", 0), ("runs", 0, "tool"), ("runs", 0, "tool", "driver"), ("runs", 0, "tool", "driver", "rules"), ("runs", 0, "results"),
    ("runs", 0, "results", 0), *(("runs", 0, "results", 0, key) for key in GOOD), ("runs", 0, "results", 0, "message", "text"),
    ("runs", 0, "results", 0, "locations", 0), ("runs", 0, "results", 0, "locations", 0, "physicalLocation"),
    ("runs", 0, "results", 0, "locations", 0, "physicalLocation", "artifactLocation"),
    ("runs", 0, "results", 0, "locations", 0, "physicalLocation", "artifactLocation", "uri"),
    ("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region"),
    ("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "startLine"),
]  # fmt: skip


@pytest.mark.attack("claims", "SARIF in which any value is of another type than the standard's")
@pytest.mark.parametrize("way", WAYS)
def test_sarif_of_other_types(tmp_path: Path, project: Path, way: tuple[str | int, ...]) -> None:
    tree = Tree(project)
    for odd in ODD:
        text = json.dumps(changed(sarif(GOOD), way, odd)).replace(str(10**400), "1e999")
        (tmp_path / "report.sarif").write_text(text)
        try:
            for claim in read_claims(tmp_path / "report.sarif"):
                located(claim, tree)
        except InputError as error:
            one_line(error)


def one_line(error: InputError) -> None:
    assert "\n" not in str(error)


@pytest.mark.attack("claims", "SARIF that is nested without end, in itself or in a rule")
@pytest.mark.parametrize("text", ['{"runs":' * 100_000, '{"runs": ' + "[" * 100_000, '{"runs": [{"tool": {"driver": {"rules": [{"id": ' + "[" * 900 + "]" * 900 + "}]}}}]}", "{", "{}", '{"runs": 1' + "0" * 9999 + "}"])  # fmt: skip
def test_deep_sarif_is_one_line(tmp_path: Path, project: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "report.sarif").write_text(text)
    assert run(["check-report", "report.sarif", "project", *GIVEN]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.attack("claims", "the report is a pipe, a device, larger than memory, or no text")
@pytest.mark.parametrize("how", ["pipe", "zero", "large", "bytes"])
def test_odd_reports_are_one_line(tmp_path: Path, project: Path, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.md"
    if how == "pipe":
        os.mkfifo(report)
    elif how == "zero":
        report.symlink_to("/dev/zero")
    elif how == "bytes":
        report.write_bytes(b"\xff\xfeS\0Q\0L\0")
    else:
        with report.open("wb") as file:
            file.truncate(1 << 40)
    assert run(["check-report", "report.md", "project", *GIVEN]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.attack("claims", "names that no output can hold reach the terminal and the JSON")
@pytest.mark.parametrize("form", ["json", "terminal"])
def test_words_of_a_report_are_shown_as_text(
    tmp_path: Path, project: Path, form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    result = changed(GOOD, ("message", "text"), "\ud800 \x1b[2J SQL")
    result = changed(result, ("locations", 0, "physicalLocation", "artifactLocation", "uri"), "src/\ud800\x1b[2J.py")
    (tmp_path / "report.sarif").write_text(json.dumps(sarif(result)))
    assert run(["check-report", "report.sarif", "project", "--format", form, *GIVEN]) == 0
    assert "\x1b[2J" not in capfd.readouterr().out


@pytest.mark.attack("claims", "a true claim says 'there is no escaping at all', is taken for a denial and vanishes")
@pytest.mark.parametrize(
    ("words", "place", "code"),
    [
        ("Code injection. There is no escaping at all.", "src/app.py:2", (1, 3)),
        ("There is no code injection; the input is safe.", "src/app.py:2", (1, 3)),
        ("SQL injection. There is no escaping at all.", "src/app.py:1", (3,)),
        ("CWE-89 no longer is at this place.", "src/app.py:1", (3,)),
        ("This is safe.", "src/app.py:1", (1, 3)),
        ("SQL injection. There is no escaping at all.", "src/app.py:99", (0,)),
    ],
)
def test_a_denial_never_vanishes(
    project: Path, capsys: pytest.CaptureFixture[str], words: str, place: str, code: tuple[int, ...]
) -> None:
    Path("report.md").write_text(
        f"# Flaws\n\nSQL injection in nowhere.py:1.\n\n## Another at {place}\n\n{words}\n", encoding="utf-8"
    )
    assert run(["check-report", "report.md", "project", "--format", "json", *GIVEN]) in code
    rows = {row["path"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["nowhere.py"]["outcome"] == "refuted"
    row = rows["src/app.py"]
    if code == (3,):
        assert row["outcome"] == "not verified"
        assert row["reason"].startswith("it reads as a denial of a flaw, and the review sees no")
