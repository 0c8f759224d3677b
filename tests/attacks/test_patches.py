"""A patch for `prove --patch` that wants more than to change text in plain files of the project."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from attacks.repositories import VULNERABLE, git
from buckler.base.errors import InputError
from buckler.cli.main import run
from buckler.prove.ladder.idle import idle
from buckler.prove.ladder.model import Change
from buckler.workbench.diffs import applied, patched_files

SECRET = "what only the user may read"
GIVEN = ("--env", sys.prefix, "--no-config", "--cache", "cache/x.sqlite")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "people.py").write_text(VULNERABLE)
    (tmp_path / "secret.txt").write_text(SECRET)
    (root / "linked.py").symlink_to(tmp_path / "secret.txt")
    (root / "linked").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.py")
    monkeypatch.chdir(tmp_path)
    return root


def hunk(name: str, new: str = "", line: str = "x = 1") -> str:
    return f'--- a/{name}\n+++ b/{new or name}\n@@ -1 +1,2 @@\n """People."""\n+{line}\n'


def link(to: object, name: str = "new.py") -> str:
    return (
        f"diff --git a/{name} b/{name}\nnew file mode 120000\nindex 0000000..1111111\n--- /dev/null\n+++ b/{name}\n"
        f"@@ -0,0 +1 @@\n+{to}\n\\ No newline at end of file\n"
    )


@pytest.mark.attack("patches", "a symbolic link brings a file of the user into the report")
def test_no_file_of_the_user_gets_into_a_report(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "theirs.diff").write_text(link(tmp_path / "secret.txt") + hunk("people.py"))
    assert run(["prove", "sql-injection", "project", "--patch", "theirs.diff", *GIVEN]) == 2
    said = capsys.readouterr()
    assert "symbolic link" in said.err
    assert SECRET not in said.out + said.err


REFUSED = {
    "a new link": (link("/etc/passwd"), "symbolic link"),
    "a link by its index line": ("diff --git a/people.py b/people.py\nindex 1111111..2222222 120000\n" + hunk("people.py"), "symbolic link"),
    "a file that becomes a link": ("diff --git a/people.py b/people.py\nold mode 100644\nnew mode 120000\n" + hunk("people.py"), "mode|link"),
    "a mode": ("diff --git a/people.py b/people.py\nold mode 100644\nnew mode 100755\n", "mode"),
    "a mode nobody knows": ("diff --git a/x.py b/x.py\nnew file mode 104755\n--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+x\n", "104755"),
    "a submodule": ("diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/sub\n@@ -0,0 +1 @@\n+Subproject commit " + "a" * 40 + "\n", "submodule"),
    "a submodule by its words": ("--- a/people.py\n+++ b/people.py\n@@ -1 +1 @@\n-Subproject commit a\n+Subproject commit b\n", "submodule"),
    "binary data": ("diff --git a/x.bin b/x.bin\nnew file mode 100644\nGIT binary patch\nliteral 3\nKcmZQzU|?im00961\n\nliteral 0\nHcmV?d00001\n", "binary"),
    "binary files": ("diff --git a/x.png b/x.png\nindex 1..2 100644\nBinary files a/x.png and b/x.png differ\n", "binary"),
    "an absolute path": ("--- /etc/hosts\n+++ /etc/hosts\n@@ -1 +1,2 @@\n 127.0.0.1\tlocalhost\n+x\n", "inside the project"),
    "an absolute path behind a letter": (hunk("/etc/hosts"), "inside the project"),
    "a path above": (hunk("../secret.txt"), "inside the project"),
    "a path above in the middle": (hunk("sub/../../secret.txt"), "inside the project"),
    "a quoted path above": ('--- "a/\\056\\056/secret.txt"\n+++ "b/\\056\\056/secret.txt"\n@@ -1 +1,2 @@\n x\n+y\n', "inside the project"),
    "a backslash": (hunk("..\\secret.txt"), "inside the project"),
    "a zero byte": ('--- "a/people.py\\000"\n+++ "b/people.py\\000"\n@@ -1 +1,2 @@\n x\n+y\n', "inside the project"),
    "git's own files": ("--- /dev/null\n+++ b/.git/hooks/pre-commit\n@@ -0,0 +1 @@\n+x\n", "git itself"),
    "git's own files in capitals": ("--- /dev/null\n+++ b/sub/.GIT/config\n@@ -0,0 +1 @@\n+x\n", "git itself"),
    "a link of the project": (hunk("linked.py"), "link"),
    "a folder that is a link": (hunk("linked/secret.txt"), "link"),
    "a pipe of the project": (hunk("pipe.py"), "regular file"),
    "a rename onto a file": ("diff --git a/people.py b/linked.py\nrename from people.py\nrename to linked.py\n", "link"),
    "a rename out": ("diff --git a/people.py b/people.py\nsimilarity index 100%\nrename from people.py\nrename to ../people.py\n", "inside the project"),
    "a copy from outside": ("diff --git a/people.py b/people.py\ncopy from ../secret.txt\ncopy to shown.py\n", "inside the project"),
    "a copy onto itself": ("diff --git a/people.py b/people.py\ncopy from people.py\ncopy to people.py\n", "without a change"),
    "a rename that its lines contradict": ("diff --git a/people.py b/b.py\nrename from people.py\nrename to b.py\n" + hunk("people.py", "c.py"), "named differently"),
    "a rename without a word": (hunk("people.py", "other.py"), "another name"),
    "a new file over an old one": ("--- /dev/null\n+++ b/people.py\n@@ -0,0 +1 @@\n+x\n", "there already"),
    "a file that is not there": (hunk("nowhere.py"), "no such file"),
    "one file twice": (hunk("people.py") + "diff --git a/people.py b/people.py\n" + hunk("people.py"), "twice"),
    "other lines": ("--- a/people.py\n+++ b/people.py\n@@ -1 +1,2 @@\n not there\n+x\n", "are others"),
    "lines that only end so": ("--- a/people.py\n+++ b/people.py\n@@ -1 +1,2 @@\n ple.\"\"\"\n+x\n", "are others"),
    "half a deletion": ("--- a/people.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-\"\"\"People.\"\"\"\n", "not all of it"),
    "nothing": ("", "no change"),
    "no diff": ("dear reader\n", "no change"),
    "a hunk of nothing": ("@@ -1 +1 @@\n-x\n+y\n", "changes no file"),
    "a hunk cut short": ("--- a/people.py\n+++ b/people.py\n@@ -1,9 +1,9 @@\n \"\"\"People.\"\"\"\n", "cut short"),
    "numbers beyond all": ("--- a/people.py\n+++ b/people.py\n@@ -1,99999999999999 +1 @@\n x\n", "no part of a diff"),
    "a merge": ("diff --cc people.py\n--- a/people.py\n+++ b/people.py\n@@@ -1,1 -1,1 +1,2 @@@\n", "merge"),
    "no names": ("--- \n+++ \n@@ -1 +1 @@\n-x\n+y\n", "names no file|inside the project"),
}  # fmt: skip


@pytest.mark.attack(
    "patches", "links, modes, submodules, binary data, paths that lead out, names that contradict each other"
)
@pytest.mark.parametrize("what", REFUSED)
def test_each_is_refused_in_one_sentence(project: Path, tmp_path: Path, what: str) -> None:
    text, words = REFUSED[what]
    (tmp_path / "theirs.diff").write_bytes(text.encode())
    with pytest.raises(InputError, match=words) as error:
        patched_files(project, tmp_path / "theirs.diff")
    assert "\n" not in str(error.value)
    assert (tmp_path / "secret.txt").read_text() == SECRET


@pytest.mark.attack("patches", "the patch is a pipe, a device, or larger than memory")
def test_what_is_no_file_is_not_read(project: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.diff")
    for name in (tmp_path / "pipe.diff", Path("/dev/zero")):
        with pytest.raises(InputError, match="regular file"):
            patched_files(project, name)
    with (tmp_path / "large.diff").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="larger"):
        patched_files(project, tmp_path / "large.diff")


@pytest.mark.attack("patches", "many hunks of the same lines, for a file of the same lines")
def test_looking_for_lines_takes_no_time(project: Path) -> None:
    (project / "same.py").write_text("x\n" * 500_000)
    text = "--- a/same.py\n+++ b/same.py\n" + "".join(f"@@ -{n} +{n} @@\n-y\n+z\n" for n in range(1, 2900))
    with pytest.raises(InputError, match="are others"):
        applied(project, text.encode())
    text = "--- a/same.py\n+++ b/same.py\n" + "".join(
        f"@@ -1,900 +{n},900 @@\n" + " x\n" * 899 + "-x\n+z\n" for n in range(1, 300)
    )
    assert b"z" in applied(project, text.encode()).new["same.py"]


# What honest patches need


@pytest.mark.parametrize("seed", range(25))
def test_what_git_makes_gives_what_git_gives(tmp_path: Path, seed: int) -> None:
    """Random trees and random changes of them, as `git diff` writes them."""
    chance = random.Random(seed)
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    ends = ["\n", "\r\n"]
    for name in ("a.py", "b.py", "sub/c d.py", "é.py", "long.py", "empty.py"):
        file = root / name
        file.parent.mkdir(exist_ok=True)
        count = 0 if name.startswith("empty") else 400 if name.startswith("long") else chance.randint(1, 30)
        rows = [
            f"{chance.choice('xyz')} = {chance.randint(0, 3)}{chance.choice(ends) if seed % 3 == 0 else ends[0]}"
            for _ in range(count)
        ]
        file.write_bytes("".join(rows).encode().removesuffix(chance.choice([b"\n", b"?"])))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    before = {p: p.read_bytes() for p in root.rglob("*.py")}
    for file, data in before.items():
        rows = data.splitlines(keepends=True)
        for _ in range(chance.randint(0, 4)):
            at = chance.randint(0, len(rows))
            rows[at : at + chance.randint(0, 2)] = [b"new = %d\n" % chance.randint(0, 99)] * chance.randint(0, 2)
        file.write_bytes(b"".join(rows))
    if chance.random() < 0.5:
        (root / "a.py").rename(root / "sub/moved.py")
    if chance.random() < 0.3:
        (root / "b.py").unlink()
    (root / "made.py").write_text("made = 1\n")
    git(root, "add", "-A")
    env = dict(os.environ, HOME="/nonexistent")
    context = f"-U{chance.choice([0, 1, 3])}"
    text = subprocess.run(
        ["git", "diff", "--cached", "-M", context, "HEAD"], cwd=root, capture_output=True, check=True, env=env
    ).stdout
    after = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*.py")}
    git(root, "reset", "-q", "--hard")
    change = applied(root, text)
    want = {p: d for p, d in after.items() if not (root / p).exists() or (root / p).read_bytes() != d}
    gone = {str(p.relative_to(root)): b"" for p in before if str(p.relative_to(root)) not in after}
    assert dict(change.new) == want | gone


def test_lines_may_have_moved_but_not_changed(project: Path) -> None:
    (project / "people.py").write_text("# one\n# two\n# three\n" + VULNERABLE)
    diff = "--- people.py\n+++ people.py\n@@ -3,1 +3,2 @@\n import sqlite3\n+import os\n"
    assert b"import sqlite3\nimport os\n" in applied(project, diff.encode()).new["people.py"]


def test_mail_around_a_patch_is_passed_over(project: Path) -> None:
    diff = (
        "From 1 Mon Sep 17\nSubject: [PATCH] x\n\n---\n people.py | 1 +\n\n"
        "diff --git a/people.py b/people.py\nindex 1..2 100644\n" + hunk("people.py") + "-- \n2.39.5\n\n"
    )
    assert b"x = 1" in applied(project, diff.encode()).new["people.py"]


# What changes nothing that runs


@pytest.mark.attack("patches", "comments, docstrings, documentation: nothing that runs is changed")
@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("a.py", "x = 1\n", "x = 1  # safe\n"),
        ("a.py", "def f():\n    return 1\n", 'def f():\n    """Safe."""\n    return (1)\n'),
        ("a.py", "def f():\n    return 1\n", "def f():\n    pass\n    'safe'\n    ...\n    return 1\n"),
        ("a.py", "def f(:\n", "def f(:  # safe\n"),
        ("new.py", "", "# safe\n"),
        ("README.md", "a", "b"),
        ("docs/a.png", "a", "b"),
        ("people.pyi", "x: int", "x: str"),
        ("a.py", "-" * 100_000 + "1", "-" * 100_000 + "1 # safe"),
    ],
)
def test_what_does_nothing_is_seen(path: str, old: str, new: str) -> None:
    assert idle(Change({path: old.encode()}, {path: new.encode()}))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [("a.py", "x = 1", "x = 2"), ("a.py", "", "import os"), ("a.py", "x = 'a'", "x = 'b'"), ("requirements.txt", "a", "b"), ("a.html", "a", "b"),
     ("a.py", "x: int", "x: str"), ("a.py", "def f(:\n", "def f(g:\n"), ("a.py", "x = 1", "")],
)  # fmt: skip
def test_what_does_something_is_not(path: str, old: str, new: str) -> None:
    assert not idle(Change({path: old.encode()}, {path: new.encode()}))


@pytest.mark.attack("patches", "a patch of words alone, for a real flaw")
def test_a_patch_of_words_is_never_a_fix(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pipe.py").unlink()
    (tmp_path / "theirs.diff").write_text(hunk("people.py", line="# safe now"))
    assert run(["prove", "sql-injection", "project", "--patch", "theirs.diff", *GIVEN]) == 1
    assert "changes nothing that is executed" in capsys.readouterr().out
