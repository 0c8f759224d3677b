"""Trees whose links and odd files would have a fix written somewhere else, or only half of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buckler.base.errors import InputError
from buckler.base.writing import write_all
from buckler.finding import evidence
from buckler.finding.evidence import Edit, Patch
from buckler.store.baseline import write_baseline
from buckler.workbench.applying import apply_fix

PATCH = Patch("Bind it", "Why.", (Edit("src/people.py", 0, 0, "# fixed\n"),), "")
TEST = evidence.TestFile("tests/test_people.py", "def test():\n    pass\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "src/people.py").write_text("x = 1\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/people.py").write_text("mine\n")
    return root


def untouched(project: Path) -> bool:
    outside = project.parent / "outside"
    return [f.name for f in outside.iterdir()] == ["people.py"] and (outside / "people.py").read_text() == "mine\n"


def leftovers(project: Path) -> list[str]:
    return sorted(str(f.relative_to(project)) for f in project.rglob("*") if f.name.endswith(".tmp"))


@pytest.mark.attack("writing", "tests, a folder of the code, or a file of it is a link out of the tree")
@pytest.mark.parametrize("what", ["tests", "src", "src/people.py", "tests/test_people.py"])
@pytest.mark.parametrize("inner", [False, True])
def test_a_fix_is_not_written_through_links(project: Path, what: str, inner: bool) -> None:
    target = project / "inner" if inner else project.parent / "outside"
    target.mkdir(exist_ok=True)
    place = project / what
    if what.startswith("src"):
        (project / "src/people.py").rename(target / "people.py") if inner else (project / "src/people.py").unlink()
    if what == "src":
        (project / "src").rmdir()
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(target / "people.py" if what.endswith(".py") else target)
    with pytest.raises(InputError, match="link"):
        apply_fix(project, PATCH, test=TEST)
    assert untouched(project)
    assert not (target / "test_people.py").exists()
    if not what.startswith("src"):
        assert (project / "src/people.py").read_text() == "x = 1\n", "all of a fix or nothing"


@pytest.mark.attack("writing", "the second of two files cannot be written")
@pytest.mark.parametrize("how", ["folder", "pipe", "link", "file for a folder", "git", "out", "long"])
def test_all_files_or_none(project: Path, how: str) -> None:
    second = {
        "git": ".git/hooks/pre-commit",
        "out": "../x",
        "long": "y/" + "x" * 300,
        "file for a folder": "src/people.py/x",
    }.get(how, "second")
    if how == "folder":
        (project / "second").mkdir()
    elif how == "pipe":
        os.mkfifo(project / "second")
    elif how == "link":
        (project / "second").symlink_to("third")
    before = sorted(project.rglob("*"))
    with pytest.raises(InputError) as error:
        write_all(project, {"src/people.py": b"new", "made/deep/new.py": b"new", second: b"new"})
    assert "\n" not in str(error.value)
    assert (project / "src/people.py").read_text() == "x = 1\n"
    assert sorted(project.rglob("*")) == before, "folders that were made are gone too"


def test_what_is_written_and_taken_back(project: Path) -> None:
    (project / "src/people.py").chmod(0o750)
    undo = write_all(project, {"src/people.py": b"new", "made/new.py": b"new"})
    assert (project / "src/people.py").read_bytes() == (project / "made/new.py").read_bytes() == b"new"
    assert (project / "src/people.py").stat().st_mode & 0o777 == 0o750
    undo()
    assert (project / "src/people.py").read_text() == "x = 1\n"
    assert (project / "src/people.py").stat().st_mode & 0o777 == 0o750
    assert not (project / "made").exists()
    assert leftovers(project) == []


@pytest.mark.attack("writing", "a hard link to a file of the user is among the files that are changed")
def test_a_hard_link_is_replaced_and_not_written(project: Path) -> None:
    (project / "src/people.py").unlink()
    (project / "src/people.py").hardlink_to(project.parent / "outside/people.py")
    apply_fix(project, PATCH)
    assert untouched(project)
    assert (project / "src/people.py").read_text() == "# fixed\nmine\n"


@pytest.mark.attack(
    "writing", "--write-baseline names a link in the tree: a file elsewhere, a new one, another baseline"
)
@pytest.mark.parametrize("held", ["mine\n", None, '{"version": 1, "findings": []}\n'])
def test_a_baseline_is_not_written_through_a_link(project: Path, held: str | None) -> None:
    target = project.parent / "target.json"
    if held is not None:
        target.write_text(held)
    (project / "baseline.json").symlink_to(target)
    with pytest.raises(InputError, match="leads through a link"):
        write_baseline(project / "baseline.json", [])
    assert (target.read_text() if target.exists() else None) == held


@pytest.mark.attack("writing", "--write-baseline names a file that is no baseline, a pipe, a folder")
@pytest.mark.parametrize("what", ["code", "json", "empty", "pipe", "folder"])
def test_only_a_baseline_is_overwritten_by_one(project: Path, what: str) -> None:
    file = project / what
    texts = {"code": "x = 1\n", "json": '{"name": "shop"}\n', "empty": ""}
    if what in texts:
        file.write_text(texts[what])
    elif what == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    with pytest.raises(InputError, match="is no baseline, so it is not overwritten"):
        write_baseline(file, [])
    assert what not in texts or file.read_text() == texts[what]
    assert leftovers(project) == []


def test_a_baseline_is_written_anew(project: Path) -> None:
    file = project / "baseline.json"
    write_baseline(file, [])
    file.chmod(0o640)
    write_baseline(file, [])
    assert file.stat().st_mode & 0o777 == 0o640
