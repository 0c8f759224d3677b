"""The reviewed tree speaks about its own review: whatever that takes away is said, everywhere, and counts."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from buckler.base.config import Config
from buckler.base.source import SourceFile
from buckler.cli.main import run
from buckler.finding.model import Review
from buckler.workbench.engine import Order, run_engine
from buckler.workbench.review import Options, review_paths

FLAW = """import sqlite3
from flask import Flask, request
app = Flask(__name__)
@app.route("/")
def find():
    db = sqlite3.connect("x")
    db.execute("SELECT * FROM t WHERE n = '" + request.args["n"] + "'"){comment}
    return "found"
"""
BUCKLER = str(Path(sys.executable).with_name("buckler"))
RULE = "sql-injection"
TABLE = """package = "sqlite3"
[[callable]]
name = "sqlite3.Connection.execute"
clears = ["*"]
[[callable]]
name = "flask.request"
returns = "str"
"""
CONFIGURATIONS = {
    "disable": f'[rules]\ndisable = ["{RULE}"]\n',
    "exclude": 'exclude = ["*.py"]\n',
    "folder": 'exclude = ["/shop/"]\n',
    "size": "max-file-size = 10\n",
    "baseline": 'baseline = "known.json"\n',
    "severity": f'[rules.severity]\n{RULE} = "note"\n',
}
COMMENTS = [
    f"  # buckler: ignore[{RULE}] safe",
    f"  #buckler:ignore[{RULE}]",
    f"  # buckler:   ignore[ weak-hash , {RULE} ]  long ago until 2999-01-01",
    f"  # nosec # buckler: ignore[{RULE}] x",
    f"  # // buckler: ignore[{RULE}] x */",
]


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BUCKLER_CACHE", str(tmp_path / "cache" / "cache.sqlite"))


def tree(root: Path, config: str = "", comment: str = "") -> Path:
    """A project with one serious flaw, and what it says of itself."""
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "app.py").write_text(FLAW.format(comment=comment))
    if config:
        fingerprint = findings(root, "--untrusted")[0]["fingerprint"]
        row = {"fingerprint": fingerprint, "rule": RULE, "path": "shop/app.py", "title": "", "reason": "fine"}
        (root / "known.json").write_text(json.dumps({"version": 1, "findings": [row]}))
        (root / "buckler.toml").write_text(config)
    return root


def findings(root: Path, *options: str) -> list[dict[str, str]]:
    report = root.parent / "report.json"
    run(["review", str(root), "--output", str(report), "-q", *options])
    return [f for f in json.loads(report.read_text())["findings"] if f["rule"] == RULE]


def reviewed(root: Path, form: str, *options: str) -> tuple[int, str]:
    report = root.parent / "report"
    code = run(["review", str(root), "--format", form, "--output", str(report), "-q", *options])
    return code, report.read_text()


def defended(root: Path, form: str, *options: str) -> tuple[int, str]:
    report = root.parent / "report"
    code = run(["defend", str(root), "--no-install", "--format", form, "--output", str(report), "-q", *options])
    return code, report.read_text()


@pytest.mark.attack("configuration", "the tree's own configuration hides a critical flaw from the review")
@pytest.mark.parametrize("how", CONFIGURATIONS)
@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "json", "sarif"])
def test_what_the_trees_configuration_hides_is_said(tmp_path: Path, how: str, form: str) -> None:
    root = tree(tmp_path / "p", CONFIGURATIONS[how])
    for code, text in (reviewed(root, form), defended(root, form)):
        assert code == 3
        assert "1 critical finding is hidden by the tree's own configuration" in " ".join(
            text.replace("&#39;", "'").replace("&#x27;", "'").split()
        )
        assert "buckler.toml" in text


@pytest.mark.attack("configuration", "the tree's own configuration hides a flaw, and a program reads the report")
@pytest.mark.parametrize("how", CONFIGURATIONS)
def test_what_is_hidden_is_data(tmp_path: Path, how: str) -> None:
    root = tree(tmp_path / "p", CONFIGURATIONS[how])
    for make in (reviewed, defended):
        report = json.loads(make(root, "json")[1])
        (row,) = report["hidden"]
        assert (row["by"], row["where"], row["findings"]) == (
            "baseline" if how == "baseline" else "configuration", "buckler.toml", {"critical": 1},
        )  # fmt: skip
        (item,) = [s for s in report["suppressed"] if s["finding"]["rule"] == RULE]
        assert (item["accepted"], item["finding"]["severity"]) == (False, "critical")
        log = json.loads(make(root, "sarif")[1])["runs"][0]
        (result,) = [r for r in log["results"] if r["ruleId"] == RULE]
        (one,) = result["suppressions"]
        assert (one["kind"], one["status"]) == ("external", "underReview")
        assert "buckler.toml" in one["justification"]


@pytest.mark.attack("configuration", "a comment in the code hides a flaw")
@pytest.mark.parametrize("comment", COMMENTS)
def test_what_comments_hide_is_said(tmp_path: Path, comment: str) -> None:
    root = tree(tmp_path / "p", comment=comment)
    for make in (reviewed, defended):
        assert "1 critical finding is hidden by a comment in the reviewed tree" in " ".join(
            make(root, "terminal")[1].split()
        )
        report = json.loads(make(root, "json")[1])
        assert [(r["by"], r["findings"]) for r in report["hidden"]] == [("inline", {"critical": 1})]
        log = json.loads(make(root, "sarif")[1])["runs"][0]
        assert [s["kind"] for r in log["results"] for s in r["suppressions"]] == ["inSource"]
    assert len(findings(root, "--untrusted")) == 1


@pytest.mark.attack("configuration", "a tree raises the severity that fails its own review")
def test_a_tree_cannot_weaken_the_threshold(tmp_path: Path) -> None:
    root = tree(tmp_path / "p", 'fail-on = "critical"\n')
    (root / "shop" / "app.py").write_text(
        "import hashlib\ndef store(password):\n    return hashlib.md5(password).hexdigest()\n"
    )
    code, text = reviewed(root, "terminal")
    assert code == 1
    assert "fail at critical" in " ".join(text.split())
    assert reviewed(root, "terminal", "--config", str(root / "buckler.toml"))[0] == 0
    (root / "buckler.toml").write_text('fail-on = "note"\n')
    (root / "shop" / "app.py").write_text("import hashlib\nx = hashlib.md5(b'')\n")
    assert reviewed(root, "terminal", "--no-config")[0] == 0
    assert reviewed(root, "terminal")[0] == 1


@pytest.mark.attack("configuration", "a tree's own tables call a sink harmless")
@pytest.mark.attack("configuration", "a regular expression in a tree's own tables never ends")
def test_a_trees_own_tables_and_rules_are_not_used(tmp_path: Path) -> None:
    root = tree(tmp_path / "p", 'library-dirs = ["tables"]\nrules-dirs = ["rules"]\n')
    (root / "tables").mkdir()
    (root / "rules").mkdir()
    (root / "tables" / "x.toml").write_text("this would be an error")
    (root / "rules" / "x.md").write_text("this too")
    code, text = reviewed(root, "terminal")
    assert code == 1
    assert "its own tables and rules" in " ".join(text.split())
    assert len(findings(root)) == 1
    assert reviewed(root, "terminal", "--config", str(root / "buckler.toml"))[0] == 2


@pytest.mark.attack(
    "configuration", "a tree that is said to be untrusted hides a flaw by configuration, comment and .gitignore"
)
@pytest.mark.parametrize("how", CONFIGURATIONS)
def test_untrusted_uses_nothing_of_the_tree(tmp_path: Path, how: str) -> None:
    root = tree(tmp_path / "p", CONFIGURATIONS[how], COMMENTS[0])
    (root / ".gitignore").write_text("app.py\n")
    (found,) = findings(root, "--untrusted")
    assert found["severity"] == "critical"
    assert reviewed(root, "terminal", "--untrusted")[0] == 1
    assert "app.py" in reviewed(root, "terminal")[1]


@pytest.mark.attack(
    "configuration", "an archive, or a package somebody else published, brings its own configuration and comments"
)
@pytest.mark.parametrize("kind", ["archive", "unpacked", "installed"])
def test_other_peoples_packages_have_no_say(tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = tree(tmp_path / ("site-packages/p" if kind == "installed" else "p"), CONFIGURATIONS["disable"], COMMENTS[0])
    if kind == "unpacked":
        (root / "PKG-INFO").write_text("Name: p\n")
    elif kind == "archive":
        file = root.parent / "p.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for path in root.rglob("*"):
                archive.write(path, path.relative_to(root.parent))
        (root.parent / "buckler.toml").write_text(CONFIGURATIONS["disable"])
        root = file
    assert len(findings(root)) == 1
    assert run(["defend", str(root), "--no-install", "--no-fix", "--max-time", "0.000001", "--only", RULE]) == 4
    assert "not reached" in capsys.readouterr().out


@pytest.mark.attack("configuration", "the finding somebody asks for by name is hidden by the tree")
def test_every_verb_says_what_is_hidden(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tree(tmp_path / "p", CONFIGURATIONS["disable"])
    for verb in ("explain", "prove", "fix"):
        assert run([verb, RULE, str(root), "--no-install"]) == 2
        assert "hidden by the tree's own configuration" in capsys.readouterr().err
    (root / "shop" / "other.py").write_text("x = eval(input())\n")
    run(["explain", "code-injection", str(root)])
    assert "1 critical finding is hidden by the tree's own configuration" in " ".join(capsys.readouterr().out.split())


@pytest.mark.attack("configuration", "a tree hides the flaw that a report rightly claims")
def test_a_claim_is_held_against_the_code_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tree(tmp_path / "p", CONFIGURATIONS["exclude"], COMMENTS[0])
    report = tmp_path / "report.md"
    report.write_text("# SQL injection\n\n`find()` in shop/app.py, line 7, puts input into a query (CWE-89).\n")
    run(["check-report", str(report), str(root), "--no-install", "--format", "json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert row["finding"] is not None


def test_an_accepted_configuration_hides_without_a_word(tmp_path: Path) -> None:
    root = tree(tmp_path / "p", CONFIGURATIONS["disable"])
    code, text = reviewed(root, "json", "--config", str(root / "buckler.toml"))
    assert (code, json.loads(text)["hidden"]) == (0, [])


def test_a_tree_without_a_word_costs_nothing(tmp_path: Path) -> None:
    calls: list[int] = []

    def counted(files: Sequence[SourceFile], order: Order) -> Review:
        calls.append(len(files))
        return run_engine(files, order)

    root = tree(tmp_path / "p")
    for config in (Config(), Config(disable=(RULE,), exclude=("x/",), origin=root / "buckler.toml", trusted=False)):
        calls.clear()
        outcome = review_paths([root], Options(tree=config), engine=counted)
        assert calls == [1]
        assert len(outcome.review.hidden) == len(config.disable)


SLOW = "*a" * 12 + "*b"


@pytest.mark.attack("configuration", "a pattern in .gitignore or exclude takes years to match")
@pytest.mark.parametrize("where", [".gitignore", "buckler.toml"])
def test_a_pattern_cannot_hold_up_the_review(tmp_path: Path, where: str) -> None:
    root = tree(tmp_path / "p")
    (root / ("a" * 100 + ".py")).write_text("x = 1\n")
    (root / where).write_text(SLOW if where == ".gitignore" else f'exclude = ["{SLOW}"]\n')
    done = subprocess.run(
        [BUCKLER, "review", str(root), "--no-cache"], capture_output=True, check=False, timeout=60, text=True
    )
    assert done.returncode == 1
    assert "too many stars" in " ".join(done.stdout.split())
