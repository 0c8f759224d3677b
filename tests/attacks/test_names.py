"""File names that are no UTF-8, or hold whatever else a file system allows, in trees that are reviewed and defended."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from buckler.cli.main import run
from buckler.report.formats import FORMATS

FLAW = "def total(text):\n    return eval(text)\n"
NAMES = [
    b"caf\xe9.py",
    b"d\xff/app.py",
    b"\xed\xa0\x80.py",
    b"new\nline.py",
    b"::error::x.py",
    b"\xe2\x80\xae.py",
    b"a\\b.py",
    b"'\"$(x).py",
    b"-rf.py",
]


@pytest.fixture(params=NAMES, ids=ascii)
def tree(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which one file has such a name; the page beside it too."""
    monkeypatch.setenv("BUCKLER_CACHE", str(tmp_path / "cache.sqlite"))
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "p"
    root.mkdir()
    file = os.fsdecode(os.fsencode(root) + b"/" + request.param)
    Path(file).parent.mkdir(exist_ok=True)
    Path(file).write_text(FLAW)
    Path(f"{file}.html").write_text("<p>{{ x|safe }}</p>{% if %}")
    (root / "plain.py").write_text(FLAW)
    return root


@pytest.mark.attack("names", "a file name that is no UTF-8 is reviewed")
def test_every_format_and_the_cache_bear_it(tree: Path) -> None:
    for _ in range(2):
        for name in FORMATS:
            assert run(["review", str(tree), "--format", name, "--output", f"out.{name}", "-q"]) in (1, 4)
            Path(f"out.{name}").read_bytes().decode("utf-8")
    assert run(["review", str(tree)]) in (1, 4)
    assert len({f["location"]["path"] for f in json.loads(Path("out.json").read_text())["findings"]}) == 2
    run(["review", str(tree), "--write-baseline", "known.json"])
    assert run(["review", str(tree), "--baseline", "known.json", "-q"]) in (0, 3)


@pytest.mark.attack("names", "a file name that is no UTF-8 is in a project that is defended")
@pytest.mark.parametrize(
    "tree", [*NAMES[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[2:])], indirect=True, ids=ascii
)
def test_defend_and_its_steps_bear_it(tree: Path) -> None:
    (own,) = [str(p) for p in tree.rglob("*.py") if p.name != "plain.py"]
    given = [str(tree), "--env", sys.prefix, "-q"]
    forms = ("json", "markdown", "html", "sarif", "terminal")
    outputs = [word for form in forms for word in ("--format", form, "--output", f"out.{form}")]
    assert run(["defend", *given, *outputs, "--evidence-dir", "evidence"]) in (1, 3, 4)
    for form in forms:
        Path(f"out.{form}").read_bytes().decode("utf-8")
    name = os.path.relpath(own, tree)
    for verb in (["explain"], ["prove"], ["fix", "--patch-dir", "patches"]):
        assert run([verb[0], f"{name}:2", *given, *verb[1:]]) in (0, 1, 2, 3)
    Path("r.md").write_bytes(
        b"# Code injection\n\n`total` in " + os.fsencode(name) + b":2 (CWE-94)\n\nand in plain.py:2 (CWE-94)\n"
    )
    assert run(["check-report", "r.md", *given]) in (0, 1, 2, 3)


@pytest.mark.attack("names", "the folder under review has a name that is no UTF-8")
def test_the_folder_itself(tree: Path) -> None:
    other = Path(os.fsdecode(os.fsencode(tree) + b"\xe9"))
    tree.rename(other)
    for name in FORMATS:
        assert run(["review", str(other), "--format", name, "--output", f"out.{name}", "-q"]) in (1, 4)
    assert run(["defend", str(other), "--env", sys.prefix, "--no-fix", "--output", "d.html"]) in (1, 3, 4)
