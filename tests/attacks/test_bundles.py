"""A bundle of evidence written by an attacker: it overwrites nothing, reads nothing outside, and proves nothing by itself."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attacks.repositories import VULNERABLE
from buckler.base.errors import InputError
from buckler.cli.main import run
from buckler.workbench.evidence import read_claim

GIVEN = ("--env", sys.prefix, "--no-config", "--cache", "cache/x.sqlite")
CLEAN = VULNERABLE.replace('\'" + name + "\'")', '?", (name,))')
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project and an honest bundle with a fix."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "project").mkdir()
    (folder / "project/people.py").write_text(VULNERABLE)
    here = Path.cwd()
    os.chdir(folder)
    try:
        assert run(["defend", "project", "--evidence-dir", "evidence", "--quiet", *GIVEN]) == 0
    finally:
        os.chdir(here)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of them, in which the bundle is called `bundle`."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    next((tmp_path / "evidence").iterdir()).rename(tmp_path / "bundle")
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim/file").write_text("mine")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def changed(folder: Path, change: Change) -> dict[str, Any]:
    """The bundle with another evidence, whose own files are made to fit it."""
    file = folder / "bundle/evidence.json"
    data: dict[str, Any] = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data))
    return data


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def agreeing(folder: Path, data: dict[str, Any]) -> None:
    """Test, patch and statement as the evidence has them."""
    bundle = folder / "bundle"
    (bundle / Path(data["proof"]["test"]["path"]).name).write_text(data["proof"]["test"]["text"])
    (bundle / "fix.patch").write_text(data["patches"][0]["patch"]["diff"])
    subjects = [{"name": name, "digest": {"sha256": digest}} for name, digest in data["patched"].items()]
    (bundle / "statement.json").write_text(json.dumps({"predicate": {"result": "PASSED"}, "subject": subjects}))


def verified(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    capsys.readouterr()
    code = run(["verify", "bundle", "project", *GIVEN, *more])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_an_honest_bundle_is_proved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = verified(capsys)
    assert code == 0
    assert said.strip().splitlines()[-2] == "proved"
    assert said.strip().splitlines()[-1].startswith("Code ran in ")


# Where a bundle leads


PATHS = [
    "{}/victim/file",
    "../victim/file",
    "../victim/new",
    "sub/../../victim/file",
    "linked/file",
    "link.py",
    ".",
    "",
    "a\\b",
    "/dev/zero",
    "pipe.py",
]


@pytest.mark.attack(
    "bundles", "absolute or ../ paths of edits, tests and statements overwrite or create files of the user"
)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("where", ["edits", "test", "files", "finding", "patched"])
def test_no_path_leads_out(folder: Path, path: str, where: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = path.format(folder)
    (folder / "project/linked").symlink_to(folder / "victim")
    (folder / "project/link.py").symlink_to(folder / "victim/file")
    os.mkfifo(folder / "project/pipe.py")

    def change(data: dict[str, Any]) -> None:
        if where == "edits":
            data["patches"][0]["patch"]["edits"] = [{"path": path, "start": 0, "end": 4, "text": "evil"}]
            data["patched"] = {path: sha256(b"evil")}
            data["patches"][0]["patch"]["diff"] = ""
        elif where == "test":
            data["proof"]["test"]["path"] = path
        elif where == "files":
            data["project"]["files"][path] = sha256(b"mine")
        elif where == "patched":
            data["patched"] = {path: sha256(b"evil")}
        else:
            data["finding"]["location"]["path"] = path
            data["finding"]["flow"] = []

    data = changed(folder, change)
    if where != "test":
        agreeing(folder, data)
    code, said = verified(capsys)
    assert code in (1, 2, 3)
    assert "proved" not in said.splitlines()
    assert (folder / "victim/file").read_text() == "mine"
    assert [file.name for file in (folder / "victim").iterdir()] == ["file"]


@pytest.mark.attack("bundles", "files of the bundle are links to files of the user, pipes, devices, or without end")
@pytest.mark.parametrize("name", ["evidence.json", "fix.patch", "statement.json", "test"])
@pytest.mark.parametrize("how", ["link", "zero", "pipe", "large", "folder", "bytes"])
def test_odd_files_of_a_bundle(folder: Path, name: str, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = next((folder / "bundle").glob("test_*.py")) if name == "test" else folder / "bundle" / name
    text = file.read_bytes()
    file.unlink()
    if how == "link":
        (folder / "victim/copy").write_bytes(text)
        file.symlink_to(folder / "victim/copy")
    elif how == "zero":
        file.symlink_to("/dev/zero")
    elif how == "pipe":
        os.mkfifo(file)
    elif how == "folder":
        file.mkdir()
    elif how == "bytes":
        file.write_bytes(b"\xff\xfe" + text)
    else:
        with file.open("wb") as out:
            out.truncate(1 << 40)
    code, said = verified(capsys)
    assert code in (1, 2)
    assert len([line for line in said.splitlines() if line.strip()]) <= 5
    assert "proved" not in said.splitlines()


@pytest.mark.attack(
    "bundles", "links in the folder for evidence, under names known beforehand, lead to files of the user"
)
@pytest.mark.parametrize("name", ["", "evidence.json", "fix.patch", "statement.json"])
def test_evidence_is_not_written_through_links(
    folder: Path, made: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fingerprint = next((made / "evidence").iterdir()).name
    target = folder / "new" / fingerprint / name
    target.parent.mkdir(parents=True)
    target.symlink_to(folder / "victim" / ("file" if name else ""))
    assert run(["defend", "project", "--evidence-dir", "new", "--quiet", *GIVEN]) == 2
    assert "link" in capsys.readouterr().err
    assert (folder / "victim/file").read_text() == "mine"
    assert [file.name for file in (folder / "victim").iterdir()] == ["file"]


@pytest.mark.attack("bundles", "links under the names that tests and patches will have lead to files of the user")
@pytest.mark.parametrize("option", ["--patch-dir", "--tests", "--output"])
def test_nothing_is_written_through_links(
    folder: Path, made: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = next((made / "evidence").iterdir())
    test = next(bundle.glob("test_*.py")).name
    (folder / "out").mkdir()
    (folder / "report.md").write_text("# SQL injection\n\nIn `people.py:10`.\n")
    if option == "--patch-dir":
        (folder / f"out/{bundle.name[:8]}-1.patch").symlink_to(folder / "victim/file")
        code = run(["fix", "sql-injection", "project", "--patch-dir", "out", "--quiet", *GIVEN])
    elif option == "--tests":
        (folder / "out" / test).symlink_to(folder / "victim/file")
        code = run(["check-report", "report.md", "project", "--tests", "out", "--quiet", *GIVEN])
    else:
        (folder / "out/t.py").symlink_to(folder / "victim/file")
        code = run(["prove", "sql-injection", "project", "--output", "out/t.py", "--quiet", *GIVEN])
    assert code == (1 if option == "--output" else 2), capsys.readouterr()
    assert (folder / "victim/file").read_text() == "mine"


# What a bundle says


@pytest.mark.attack("bundles", "an invented flaw in a clean project, with a test that always fails by the right words")
def test_an_invented_flaw_is_not_proved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert CLEAN != VULNERABLE
    (folder / "project/people.py").write_text(CLEAN)

    def change(data: dict[str, Any]) -> None:
        data["project"]["files"] = {"people.py": sha256(CLEAN.encode())}
        data["proof"]["test"]["text"] = (
            "def test_it():\n    raise AssertionError('EXPLOITED: the query had another structure')\n"
        )
        data["grade"] = "reproduced"

    agreeing(folder, changed(folder, change))
    for name in ("fix.patch", "statement.json"):
        (folder / "bundle" / name).unlink()
    code, said = verified(capsys)
    assert code == 3
    assert "the review does not find this" in said
    assert "proved" not in said.splitlines()


@pytest.mark.attack("bundles", "a real flaw under another rule, line or fingerprint")
@pytest.mark.parametrize("what", ["rule", "line", "fingerprint", "path"])
def test_a_finding_that_the_review_does_not_make(folder: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "project/other.py").write_text("x = 1\n")

    def change(data: dict[str, Any]) -> None:
        finding = data["finding"]
        data["project"]["files"]["other.py"] = sha256(b"x = 1\n")
        if what == "rule":
            finding["rule"] = "command-injection"
        elif what == "line":
            finding["location"]["line"] = 3
        elif what == "path":
            finding["location"]["path"] = "other.py"
        else:
            finding["fingerprint"] = "0" * 32

    changed(folder, change)
    code, said = verified(capsys)
    assert (code, "the review does not find this" in said) == (3, True)


@pytest.mark.attack("bundles", "no file is said to have been reviewed, so that none can differ")
def test_a_bundle_about_no_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(folder, lambda data: data["project"].update(files={}))
    code, said = verified(capsys)
    assert (code, "is not the file that was reviewed" in said) == (3, True)


@pytest.mark.attack("bundles", "the printed patch is another one than the change that was tested")
def test_the_patch_that_is_shown_is_the_one_that_is_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def change(data: dict[str, Any]) -> None:
        patch = data["patches"][0]["patch"]
        patch["diff"] = (
            patch["diff"].replace(" import sqlite3", " import sqlite3\n+import backdoor").replace("@@ -7", "@@ -3")
        )

    agreeing(folder, changed(folder, change))
    code, said = verified(capsys)
    assert (code, "is not the change that was tested" in said) == (1, True)


@pytest.mark.attack("bundles", "a change that fixes nothing, with a test that passes once it sees it")
def test_a_change_that_fixes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from buckler.fix.patch import difference  # noqa: PLC0415 - the module under test is loaded by the command

    new = VULNERABLE.replace('"""People."""', '"""Peoples."""').encode()

    def change(data: dict[str, Any]) -> None:
        patch = data["patches"][0]["patch"]
        patch["edits"] = [{"path": "people.py", "start": 0, "end": len(VULNERABLE), "text": new.decode()}]
        patch["diff"] = difference("people.py", VULNERABLE.encode(), new)
        data["patched"] = {"people.py": sha256(new)}
        data["proof"]["test"]["text"] = (
            "import people\n\ndef test_it():\n    if people.__doc__ == 'People.':\n        raise AssertionError('EXPLOITED: the query')\n"
        )

    agreeing(folder, changed(folder, change))
    code, said = verified(capsys)
    assert code == 1
    assert "nothing that is executed" in said


@pytest.mark.attack("bundles", "the bundle's test shows nothing although the flaw is there")
def test_a_test_that_shows_nothing_takes_the_verdict_away(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    agreeing(folder, changed(folder, lambda data: data["proof"]["test"].update(text="def test_it():\n    pass\n")))
    code, said = verified(capsys)
    assert (code, "third-party code" in said) == (1, True)


@pytest.mark.attack("bundles", "a patch lies beside evidence that claims none, and is not looked at")
@pytest.mark.parametrize("name", ["fix.patch", "statement.json"])
def test_nothing_lies_there_unseen(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    changed(folder, lambda data: data.update(grade="reproduced"))
    for other in {"fix.patch", "statement.json"} - {name}:
        (folder / "bundle" / other).unlink()
    code, said = verified(capsys)
    assert (code, f"{name} is not what the evidence says" in said) == (1, True)


# Form


def places(value: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document."""
    yield way
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:2]):
            yield from places(inner, (*way, number))


ODD = (None, True, 0, -1, 1e300, 10**30, "", "x", "\ud800", "../x", [], [None], {}, {"x": None}, [[]])
NAMES = ("format", "finding", "project", "proof", "patches", "patched", "grade")


@pytest.mark.attack("bundles", "any value of a bundle is of another type, missing, huge or no text")
def test_every_form_is_read_or_refused(folder: Path) -> None:
    file = folder / "bundle/evidence.json"
    whole = json.loads(file.read_text())
    tried = 0
    for way in places({name: whole[name] for name in NAMES}):
        for odd in (*ODD, ...):
            data = copy.deepcopy(whole)
            inner: Any = {"": data}
            for step in ("", *way)[:-1]:
                inner = inner[step]
            last = ("", *way)[-1]
            if odd is ... and isinstance(inner, dict):
                del inner[last]
            elif odd is not ...:
                inner[last] = odd
            file.write_text(
                json.dumps(next(iter(data.values())) if False else data)
                if way
                else json.dumps(None if odd is ... else odd)
            )
            tried += 1
            try:
                read_claim(folder / "bundle", folder / "project")
            except InputError as error:
                one_line(error)
    assert tried > 1000


def one_line(error: InputError) -> None:
    assert "\n" not in str(error)


@pytest.mark.attack("bundles", "JSON that is nested without end, holds numbers without end, or is none")
@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, '{"a":' * 200_000, "", "nul", "\ufeff{}", "1" * 10_000, '{"format": ' + "1" * 10_000 + "}", "NaN", '{"format": 1, "format": 2}', '{"format": true}', '"\\ud800"'],
)  # fmt: skip
def test_what_is_no_evidence(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bundle/evidence.json").write_text(text)
    code, said = verified(capsys)
    assert code == 2
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "edits",
    [
        [{"path": "people.py", "start": 5, "end": 1, "text": ""}],
        [{"path": "people.py", "start": 0, "end": 10**7, "text": ""}],
        [
            {"path": "people.py", "start": 0, "end": 9, "text": ""},
            {"path": "people.py", "start": 3, "end": 5, "text": ""},
        ],
        [{"path": "nowhere.py", "start": 0, "end": 0, "text": ""}],
    ],
)
@pytest.mark.attack("bundles", "edits that overlap, run backwards, lie outside a file or in none")
def test_edits_that_cannot_be_made(
    folder: Path, edits: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    def change(data: dict[str, Any]) -> None:
        data["patches"][0]["patch"]["edits"] = edits

    agreeing(folder, changed(folder, change))
    assert verified(capsys)[0] == 2
