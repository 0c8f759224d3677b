"""`buckler triage` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from buckler.cli.main import run

SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "Lint", "rules": [{"id": "R1", "shortDescription": {"text": "A query made of text"}}, {"id": "R2"}]}},
            "results": [
                {"ruleId": "R1", "level": "error", "message": {"text": "A request reaches a query."},
                 "locations": [{"physicalLocation": {"artifactLocation": {"uri": f"shop/{name}.py"}, "region": {"startLine": 3}}}]}
                for name in ("a", "b")
            ],
        }
    ],
}  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUCKLER_TRIAGE", str(tmp_path / "store" / "triage.sqlite"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "lint.sarif").write_text(json.dumps(SARIF))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(["triage", *words]) == code
    return capsys.readouterr().out


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, "list", "--format", "json"))
    return found


def test_a_report_in_and_a_queue_out(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "empty" in said(capsys, "list")
    assert "2 alerts in 1 file" in said(capsys, "import", "lint.sarif")
    assert "nothing changed" in said(capsys, "import", "lint.sarif")
    found = listed(capsys)
    assert [(p["rank"], p["decision"], p["where"]) for p in found["problems"]] == [
        (1, "attend", "shop/a.py:3"),
        (2, "attend", "shop/b.py:3"),
    ]
    name = found["problems"][0]["id"]
    assert "how bad it is" in said(capsys, "why", name[:6])
    assert "A request reaches a query." in said(capsys, "show", name)


def test_decided_once_previewed_and_taken_back(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "import", "lint.sarif", "--quiet")
    words = ("decide", "--scope", "path=shop/a*", "--as", "accepted", "--reason", "tests only", "--author", "ada")
    assert "Would hide 1 problem" in said(capsys, *words, "--preview")
    assert not (shop / "buckler-triage.toml").exists()
    assert "Hides 1 problem" in said(capsys, *words)
    assert [p["where"] for p in listed(capsys)["problems"]] == ["shop/b.py:3"]
    said(capsys, *words, code=2)  # nothing is left in that scope
    assert "taken back" in said(capsys, "undo", "1")
    assert len(listed(capsys)["problems"]) == 2


def test_a_decision_that_expired_or_hides_everything_surfaces(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "import", "lint.sarif", "--quiet")
    (shop / "buckler-triage.toml").write_text(
        '[[decision]]\nas = "later"\npath = "shop/a.py"\nreason = "busy"\nauthor = "ada"\nuntil = 2020-01-01\n'
        '[[decision]]\nas = "accepted"\ntool = "Nobody"\nreason = "noise"\nauthor = "ada"\n'
    )
    found = listed(capsys)
    assert len(found["problems"]) == 2
    assert [(d["number"], d["why"].split()[0]) for d in found["decisions to look at"]] == [(1, "expired"), (2, "hides")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[decision]]\nas = 'nothing'\nreason = 'x'\nauthor = 'y'\npath = 'z'", "unknown decision 'nothing'"),
        ("[[decision]]\nas = 'later'\nreason = 'x'\nauthor = 'y'", "would hide everything"),
        ("[[decision]]\nas = 'later'\nauthor = 'y'\npath = 'z'", "'reason' is missing"),
        ("[[decision]]\nas = 'later'\nreason = 'x'\nauthor = 'y'\npath = 'z'\nuntil = 'soon'", "is no date"),
        ("decision = 3", "no list of tables"),
        ("[[decision", "cannot be read"),
    ],
)
def test_a_broken_file_of_decisions_is_one_sentence(
    shop: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    (shop / "buckler-triage.toml").write_text(text)
    assert run(["triage", "list"]) == 2
    assert words in capsys.readouterr().err


def test_what_is_not_recognized_changes_the_exit_code(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "odd.json").write_text('{"weather": "fine"}')
    (shop / "cut.sarif").write_text(json.dumps(SARIF)[:-40])
    found = json.loads(said(capsys, "read", "odd.json", "cut.sarif", "lint.sarif", "--format", "json", code=3))["files"]
    assert [(f["format"], f["alerts"]) for f in found] == [("unknown", 0), ("sarif", 2), ("sarif", 2)]
    assert "breaks off" in found[1]["skipped"][0]["why"]
    assert run(["triage", "read", "nowhere.json"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_lines_of_json_are_what_an_import_takes_in(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "read", "lint.sarif", "--jsonl").splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["shop/a.py", "shop/b.py"]


def test_an_unknown_format_is_guessed_and_the_guess_can_be_mended(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "own.json").write_text(
        json.dumps({"issues": [{"check_id": "X1", "level": "bad", "file": "a.py", "line": 3, "text": "odd"}]})
    )
    table = said(capsys, "read", "own.json", "--draft")
    (shop / "own.toml").write_text(table + '\n[severity]\nbad = "high"\n')
    (line,) = said(capsys, "read", "own.json", "--table", "own.toml", "--jsonl").splitlines()
    assert json.loads(line)["severity"] == "high" and json.loads(line)["rule"] == "X1"


def test_a_title_with_escapes_is_no_command_for_the_terminal(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = json.dumps(SARIF).replace("A query made of text", "\\u001b[31mred\\u001b]0;owned\\u0007")
    (shop / "lint.sarif").write_text(evil)
    said(capsys, "import", "lint.sarif", "--quiet")
    assert "\x1b" not in said(capsys, "list") and "\x1b" not in said(
        capsys, "show", listed(capsys)["problems"][0]["id"]
    )
