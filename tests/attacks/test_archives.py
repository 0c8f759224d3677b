"""Archives that show one thing to the review and another to what is run."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from buckler.cli.main import run
from buckler.finding.model import Notice
from buckler.workbench.inputs import collect
from buckler.workbench.selection import Limits
from buckler.workbench.unpack import as_folder

Rows = list[tuple[str, str]]
FLAW = "def total(text):\n    return eval(text)\n"
GIVEN = ("--env", sys.prefix, "--no-config", "--cache", "cache/x.sqlite")


def zipped(path: Path, rows: Rows) -> Path:
    with (
        pytest.warns(UserWarning, match="Duplicate name") if len({n for n, _ in rows}) < len(rows) else nullcontext(),
        zipfile.ZipFile(path, "w") as archive,
    ):
        for name, text in rows:
            archive.writestr(name, text)
    return path


def tarred(path: Path, rows: Rows) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, text in rows:
            info = tarfile.TarInfo(name.rstrip("/"))
            if name.endswith("/"):
                info.type = tarfile.DIRTYPE
            elif text.startswith("->"):
                info.type, info.linkname = tarfile.SYMTYPE, text[2:]
            else:
                info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()) if info.size else None)
    return path


def reviewed(path: Path) -> tuple[dict[str, bytes], list[Notice]]:
    inputs = collect([path], Limits())
    return {file.path: file.read() for file in inputs.files}, inputs.notices


def unpacked(path: Path) -> tuple[dict[str, bytes], list[Notice]]:
    notices: list[Notice] = []
    with as_folder(path, Limits(), notices) as folder:
        return {
            file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.py") if file.is_file()
        }, notices


CLASHES: dict[str, tuple[Rows, dict[str, bytes]]] = {
    "one name twice": ([("a.py", "x = 1"), ("a.py", "x = 2"), ("b.py", "")], {"a.py": b"x = 2", "b.py": b""}),
    "one name thrice": ([("a.py", "1"), ("a.py", "2"), ("a.py", "3")], {"a.py": b"3"}),
    "one name by other ways": ([("s/a.py", "1"), ("./s//a.py", "2")], {"s/a.py": b"2"}),
    "another case": ([("a.py", "1"), ("A.py", "2")], {"A.py": b"2"}),
    "another case of a folder": ([("s/a.py", "1"), ("S/a.py", "2")], {"S/a.py": b"2"}),
    "another form of letters": ([("é.py", "1"), ("e\u0301.py", "2")], {"e\u0301.py": b"2"}),
    "letters that look alike to file systems": ([("file.py", "1"), ("\ufb01le.py", "2")], {"\ufb01le.py": b"2"}),
    "a file and then a folder": ([("a.py", "1"), ("a.py/b.py", "2")], {"a.py": b"1"}),
    "a folder and then a file": ([("a.py/b.py", "1"), ("a.py", "2")], {"a.py/b.py": b"1"}),
    "a folder of its own and then a file": ([("a.py/", ""), ("a.py", "2"), ("b.py", "3")], {"b.py": b"3"}),
    "a file nobody reviews and a folder": ([("data", "1"), ("data/b.py", "2"), ("c.py", "3")], {"c.py": b"3"}),
}  # fmt: skip


@pytest.mark.attack("archives", "members whose names are equal, equal to some systems, or file and folder at once")
@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("what", CLASHES)
def test_review_and_defend_read_the_same(tmp_path: Path, kind: str, what: str) -> None:
    rows, want = CLASHES[what]
    # A folder beside it, so that none is taken for the only one.
    rows = [*rows, ("z/z.py", "z"), ("y/y.py", "y")]
    want = {**want, "z/z.py": b"z", "y/y.py": b"y"}
    path = zipped(tmp_path / "p.zip", rows) if kind == "zip" else tarred(tmp_path / "p.tar", rows)
    for read in (reviewed, unpacked):
        files, notices = read(path)
        assert files == want
        assert any(notice.partial for notice in notices), read


@pytest.mark.attack("archives", "a file is replaced by a link of the same name")
def test_a_link_takes_the_place_of_a_file(tmp_path: Path) -> None:
    path = tarred(tmp_path / "p.tar", [("a.py", "x"), ("a.py", "->/etc/passwd"), ("s/b.py", "y"), ("t/c.py", "z")])
    for read in (reviewed, unpacked):
        files, notices = read(path)
        assert sorted(files) == ["s/b.py", "t/c.py"]
        assert any(notice.partial for notice in notices)


@pytest.mark.attack("archives", "a harmless member first and a flaw second, or the other way round")
@pytest.mark.parametrize("order", [1, -1])
def test_defend_works_on_what_the_review_saw(
    tmp_path: Path, order: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [("sums/sums.py", "x = 1\n"), ("sums/sums.py", FLAW)][::order]
    zipped(tmp_path / "p.zip", rows)
    found = order == 1
    assert run(["review", "p.zip", "--no-cache", "--no-config"]) == (4 if found else 3)
    assert run(["defend", "p.zip", "--no-fix", *GIVEN]) == (4 if found else 3)
    said = capsys.readouterr().out
    assert said.count("two members of this name") == 2
    assert ("1 reproduced" in said) == found


@pytest.mark.attack("archives", "a member too large to be reviewed is missing where the rest is run")
def test_what_is_not_unpacked_is_said(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "p.zip",
        [("s/big.py", "#" * 200), ("s/data.bin", "#" * 200), ("s/a.py", ""), ("t/b.py", ""), ("../out.py", "")],
    )
    notices: list[Notice] = []
    with as_folder(path, Limits(max_file_size=100), notices) as folder:
        assert sorted(file.name for file in folder.rglob("*") if file.is_file()) == ["a.py", "b.py"]
    assert sorted((n.path, n.partial) for n in notices) == [
        ("../out.py", True),
        ("s/big.py", True),
        ("s/data.bin", False),
    ]


@pytest.mark.attack("archives", "a name too long for any file system")
def test_a_name_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", [("x" * 300 + ".py", ""), ("s/a.py", ""), ("t/b.py", "")])
    files, notices = unpacked(path)
    assert sorted(files) == ["s/a.py", "t/b.py"]
    assert [n.partial for n in notices] == [True]


@pytest.mark.attack("archives", "a true claim is refuted because its file was left out of an archive")
def test_what_was_not_unpacked_refutes_no_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    zipped(tmp_path / "p.zip", [("s/a", "x"), ("s/a/sums.py", FLAW), ("s/b.py", "y = 1"), ("t/c.py", "")])
    (tmp_path / "report.md").write_text("# Code injection\n\nIn `s/a/sums.py:2`.\n")
    assert run(["check-report", "report.md", "p.zip", *GIVEN]) == 3
    assert "cannot be a folder" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.attack("archives", "a pipe or a device with the name of an archive")
@pytest.mark.parametrize("name", ["pipe.zip", "zero.zip", "pipe.tar.gz"])
def test_what_is_no_file_is_no_archive(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name.startswith("pipe"):
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to("/dev/zero")
    assert run(["defend", name, *GIVEN]) == 2
    assert run(["review", name, "--no-cache", "--no-config"]) == 3
