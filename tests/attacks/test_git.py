"""A repository in the reviewed folder names programs, leads elsewhere, or is damaged: nothing of it runs, one line says what is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

import pytest

from attacks.repositories import VULNERABLE, committed, git, made, set_traps, sprung, without_blobs
from buckler.base.errors import InputError
from buckler.cli.main import run
from buckler.finding import evidence
from buckler.finding.evidence import Edit, Patch
from buckler.workbench.applying import apply_fix, ready
from buckler.workbench.revisions import read_revision
from buckler.workbench.selection import Inputs, Limits

GIVEN = ("--env", sys.prefix, "--no-config", "--cache", "cache/x.sqlite", "--quiet")
PATCH = Patch("Bind it", "Why.", (Edit("people.py", 0, 0, "# fixed\n"),), "")
TEST = evidence.TestFile("tests/test_people.py", "def test():\n    pass\n")


@pytest.fixture
def canaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where traps leave their names; a `git` of somebody's own on the path is one more."""
    folder = tmp_path / "canaries"
    folder.mkdir()
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@example.org\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def hostile(tmp_path: Path, canaries: Path) -> Path:
    return set_traps(made(tmp_path / "project"), canaries)


def old(repository: Path, revision: str = "main", parts: tuple[str, ...] = (".",)) -> dict[str, bytes]:
    inputs: Inputs = read_revision(revision, repository, Limits(), parts)
    return {file.path: file.read() for file in inputs.files}


def refused(call: Callable[[], object], words: str) -> str:
    with pytest.raises(InputError, match=words) as error:
        call()
    assert "\n" not in str(error.value)
    return str(error.value)


def outcome(repository: Path) -> str:
    """What is said of a repository that may be damaged where nobody looks; empty if it can be read."""
    try:
        old(repository, "HEAD")
    except InputError as error:
        return str(error)
    return ""


# Nothing of a repository runs


@pytest.mark.attack("git", "a partial clone names a program for its missing blobs")
def test_a_partial_clone_fetches_nothing(hostile: Path, canaries: Path) -> None:
    without_blobs(hostile)
    refused(lambda: old(hostile), "missing")
    assert sprung(canaries) == []


@pytest.mark.attack("git", "40 settings, 11 hooks and 10 aliases name a program, against every command")
@pytest.mark.parametrize(
    "command", ["review", "defend", "prove --patch", "verify", "fix --apply", "fix --branch", "check-report"]
)
def test_no_command_runs_what_a_repository_names(hostile: Path, canaries: Path, command: str, tmp_path: Path) -> None:
    (tmp_path / "some.diff").write_text(
        '--- a/people.py\n+++ b/people.py\n@@ -1,3 +1,4 @@\n """People."""\n \n import sqlite3\n+import os\n'
    )
    (tmp_path / "report.md").write_text("# SQL injection\n\nIn `people.py:10`.\n")
    rows = {
        "review": ["review", "project", "--changed-since", "HEAD~1", "--no-config", "--no-cache"],
        "defend": ["defend", "project", "--no-fix", "--evidence-dir", "evidence", *GIVEN],
        "prove --patch": ["prove", "sql-injection", "project", "--patch", "some.diff", *GIVEN],
        "verify": ["verify", "evidence", "project", *GIVEN],
        "fix --apply": ["fix", "sql-injection", "project", "--apply", "--force", *GIVEN],
        "fix --branch": ["fix", "sql-injection", "project", "--branch", "mend", "--force", *GIVEN],
        "check-report": ["check-report", "report.md", "project", *GIVEN],
    }
    if command == "verify":
        run(rows["defend"])
    assert run(rows[command]) in (0, 1, 3, 4)
    assert sprung(canaries) == []


@pytest.mark.attack("git", "settings name a program where changes are looked for and commits are made")
def test_looking_and_committing_run_nothing(hostile: Path, canaries: Path) -> None:
    assert ready(hostile, "mend")
    apply_fix(hostile, PATCH, "mend", TEST)
    assert sprung(canaries) == []


@pytest.mark.attack("git", "the project folder holds a program named git, and a multiprocessing.py")
def test_no_program_of_the_folder_is_taken_for_git(
    tmp_path: Path, canaries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = made(tmp_path / "project")
    (repository / "git").write_text(f"#!/bin/sh\ntouch '{canaries}/git'\n")
    (repository / "git").chmod(0o755)
    for name in ("multiprocessing", "json", "dulwich", "zlib", "sitecustomize", "buckler"):
        (repository / f"{name}.py").write_text(f"open({str(canaries / name)!r}, 'w')\n")
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    assert set(old(repository)) == {"people.py"}
    assert sprung(canaries) == []


# What honest repositories need


def test_every_name_of_a_revision(tmp_path: Path) -> None:
    repository = made(tmp_path / "project", a="one = 1\n")
    committed(repository, "two", a="two = 2\n")
    git(repository, "tag", "light")
    git(repository, "tag", "-a", "v1", "-m", "annotated")
    git(repository, "tag", "-a", "v1again", "-m", "a tag of a tag", "v1")
    committed(repository, "three", a="three = 3\n")
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    full, short = git(repository, "rev-parse", "HEAD~1"), git(repository, "rev-parse", "--short", "HEAD~1")
    git(repository, "switch", "-qc", "side/branch", "HEAD~1")
    git(repository, "switch", "-q", "main")
    git(repository, "merge", "-q", "--no-ff", "--no-edit", "-s", "ours", "side/branch") if False else None
    two = {"a.py": b"two = 2\n"}
    names = ["HEAD~1", "HEAD^", "@~", "main~1", "light", "v1", "v1again", "v1^{commit}", "v1^0", "tags/v1", "origin/main",
             "origin", "side/branch", "heads/side/branch", "refs/heads/side/branch", full, short, full[:12].upper()]  # fmt: skip
    for packed in (False, True):
        if packed:
            git(repository, "gc", "-q", "--aggressive")
        for name in names:
            assert old(repository, name) == two, (packed, name)
    assert old(repository, "main~2") == {"a.py": b"one = 1\n"}
    for name in (
        "main~3",
        "nonsense",
        "deadbeef",
        "HEAD:a.py",
        "--output=x",
        "HEAD^2",
        "main@{1}",
        "",
        "..",
        "main..side/branch",
        "\x00",
        "HEAD~99999999999999999999",
    ):
        refused(lambda name=name: old(repository, name), "revision")


def test_parents_of_merges(tmp_path: Path) -> None:
    repository = made(tmp_path / "project", a="one = 1\n")
    git(repository, "switch", "-qc", "side")
    committed(repository, "side", b="side = 1\n")
    git(repository, "switch", "-q", "main")
    committed(repository, "main", c="main = 1\n")
    git(repository, "merge", "-q", "--no-edit", "side")
    assert set(old(repository, "HEAD^1")) == {"a.py", "c.py"}
    assert set(old(repository, "HEAD^2")) == {"a.py", "b.py"}
    assert set(old(repository, "HEAD^2~1")) == {"a.py"}


def test_worktrees_submodules_alternates_and_separate_folders(tmp_path: Path) -> None:
    repository = made(tmp_path / "project", a="one = 1\n")
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "tree"))
    assert set(old(tmp_path / "tree", "HEAD")) == set(old(tmp_path / "tree", "main")) == {"a.py"}
    assert ready(tmp_path / "tree", "mend")
    git(tmp_path, "clone", "-q", "--shared", "project", "shared")
    assert set(old(tmp_path / "shared", "origin/main")) == {"a.py"}
    outer = made(tmp_path / "outer", top="top = 1\n")
    git(outer, "submodule", "--quiet", "add", str(repository), "inner")
    git(outer, "commit", "-qm", "with a submodule")
    assert set(old(outer, "HEAD")) == {"top.py"}
    assert set(old(outer / "inner", "HEAD")) == {"a.py"}
    assert ready(outer, "mend")
    assert ready(outer / "inner", "mend")
    git(tmp_path, "clone", "-q", "--separate-git-dir", str(tmp_path / "elsewhere"), "project", "separate")
    assert set(old(tmp_path / "separate", "HEAD")) == {"a.py"}


def test_shallow_clones_and_folders_below(tmp_path: Path) -> None:
    repository = made(tmp_path / "project", sub__a="one = 1\n", b="b = 1\n")
    committed(repository, "two", sub__a="two = 2\n")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    assert old(tmp_path / "shallow/sub", "HEAD") == {"a.py": b"two = 2\n"}
    assert "shallow" in refused(lambda: old(tmp_path / "shallow", "HEAD~1"), "revision")
    assert old(repository / "sub", "HEAD~1") == {"a.py": b"one = 1\n"}
    assert old(repository, "HEAD~1", ("sub/a.py",)) == {"sub/a.py": b"one = 1\n"}


@pytest.mark.parametrize("option", ["--object-format=sha256"])
def test_formats_that_are_not_read_are_named(tmp_path: Path, option: str) -> None:
    (tmp_path / "project").mkdir()
    git(tmp_path / "project", "init", "-q", option)
    refused(lambda: old(tmp_path / "project", "HEAD"), "sha256")
    refused(lambda: ready(tmp_path / "project"), "sha256")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["config", "extensions.refStorage", "reftable"], "reftable"),
        (["update-index", "--split-index"], "split or sparse"),
        (["sparse-checkout", "set", "--sparse-index", "sub"], "split or sparse"),
    ],
)
def test_forms_that_are_not_written_are_named(tmp_path: Path, command: list[str], words: str) -> None:
    repository = made(tmp_path / "project", a="a = 1\n", sub__b="b = 1\n", other__c="c = 1\n")
    git(repository, *command)
    refused(lambda: ready(repository, "mend"), words)


def test_a_sparse_checkout_is_complete(tmp_path: Path, canaries: Path) -> None:
    repository = made(tmp_path / "project", people=VULNERABLE, sub__b="b = 1\n", other__c="c = 1\n")
    git(repository, "sparse-checkout", "set", "--no-sparse-index", "sub")
    assert not (repository / "other/c.py").exists()
    apply_fix(repository, PATCH, "mend")
    assert git(repository, "diff", "--name-only", "main", "HEAD") == "people.py"
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize("what", ["unborn", "merging"])
def test_where_no_branch_can_start(tmp_path: Path, what: str) -> None:
    repository = tmp_path / "project"
    if what == "unborn":
        repository.mkdir()
        git(repository, "init", "-q")
    else:
        made(repository)
        (repository / ".git/MERGE_HEAD").write_text(git(repository, "rev-parse", "HEAD") + "\n")
    refused(lambda: ready(repository, "mend"), "no commit yet|not finished")


@pytest.mark.attack("git", "a name in the configuration writes lines of the commit")
def test_a_name_is_one_line_of_a_commit(tmp_path: Path, canaries: Path) -> None:
    repository = made(tmp_path / "project")
    with (repository / ".git/config").open("a") as file:
        file.write('[user]\n\tname = "A\\nparent 0000000000000000000000000000000000000000"\n')
    apply_fix(repository, PATCH, "mend")
    assert git(repository, "log", "--format=%P", "-1") == git(repository, "rev-parse", "main")


@pytest.mark.parametrize("what", ["index.lock", "refs/heads/mend.lock", "HEAD.lock"])
def test_a_commit_that_cannot_be_made_leaves_all_as_it_was(tmp_path: Path, canaries: Path, what: str) -> None:
    """Another git at work: the files are put back."""
    repository = made(tmp_path / "project")
    (repository / ".git" / what).write_text("")
    refused(lambda: apply_fix(repository, PATCH, "mend", TEST), ".")
    (repository / ".git" / what).unlink()
    assert git(repository, "status", "--porcelain") == ""
    assert not (repository / "tests").exists()
    assert git(repository, "rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert git(repository, "branch", "--list", "mend") == ""


def test_nobody_is_made_up_for_a_commit(tmp_path: Path, canaries: Path) -> None:
    repository = made(tmp_path / "project")
    (tmp_path / "home/.gitconfig").write_text("[user]\n\tname = A\n")
    refused(lambda: apply_fix(repository, PATCH, "mend"), "no email")
    assert b"fixed" not in (repository / "people.py").read_bytes()


@pytest.mark.attack("git", "a configuration or list of refs that takes its reader a long time")
@pytest.mark.parametrize(
    "text", ["[", "[a", "[a]\n", "\\\n", '"', '[a "', "a=\\\n", "[include]path=config\n", "\t", "\xff", "\0"]
)
def test_a_long_configuration_ends(tmp_path: Path, text: str) -> None:
    repository = made(tmp_path / "project")
    for name, size in (("config", 900_000), ("packed-refs", 3_000_000)):
        file = repository / ".git" / name
        kept = file.read_bytes() if file.exists() else b""
        file.write_bytes(text.encode("latin-1") * (size // len(text)))
        assert "did not end" not in outcome(repository)
        file.write_bytes(kept)


def test_a_folder_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    refused(lambda: old(tmp_path / "project", "HEAD"), "git repository")
    assert not ready(tmp_path / "project")
    refused(lambda: ready(tmp_path / "project", "mend"), "no git repository")


# Writing


def test_a_fix_is_a_commit_that_git_takes_for_its_own(tmp_path: Path, canaries: Path) -> None:
    repository = made(tmp_path / "project", people=VULNERABLE, sub__other="x = 1\n")
    (repository / "untracked.txt").write_text("mine")
    git(repository, "status")  # writes the index anew, with its extensions
    apply_fix(repository, PATCH, "mend/it", TEST)
    assert git(repository, "status", "--porcelain") == "?? untracked.txt"
    assert git(repository, "rev-parse", "--abbrev-ref", "HEAD") == "mend/it"
    assert git(repository, "log", "-1", "--format=%an <%ae>|%s|%b") == "A <a@example.org>|Bind it|Why."
    assert git(repository, "diff", "--stat", "--name-only", "main").split() == ["people.py", "tests/test_people.py"]
    assert git(repository, "show", "HEAD:people.py").startswith("# fixed")
    git(repository, "fsck", "--strict")
    committed(repository, "next", more="y = 2\n")
    assert git(repository, "ls-files").split() == [
        "more.py",
        "people.py",
        "sub/other.py",
        "tests/test_people.py",
        "untracked.txt",
    ]


def test_in_a_folder_below_and_in_a_worktree(tmp_path: Path, canaries: Path) -> None:
    repository = made(tmp_path / "project", sub__people=VULNERABLE)
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "tree"))
    apply_fix(tmp_path / "tree/sub", PATCH, "mend", TEST)
    assert git(tmp_path / "tree", "status", "--porcelain") == ""
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert "sub/people.py" in git(repository, "diff", "--name-only", "main", "mend")


@pytest.mark.parametrize("how", ["changed", "same size", "staged", "deleted", "added", "conflict", "link"])
def test_work_that_is_not_committed_is_never_touched(tmp_path: Path, how: str) -> None:
    repository = made(tmp_path / "project", people=VULNERABLE, other="x = 1\n")
    other = repository / "other.py"
    if how == "changed":
        other.write_text("x = 1000\n")
    elif how == "same size":
        status = other.stat()
        other.write_text("x = 2\n")
        os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    elif how == "staged":
        other.write_text("x = 1000\n")
        git(repository, "add", "-A")
    elif how == "deleted":
        other.unlink()
    elif how == "added":
        (repository / "new.py").write_text("")
        git(repository, "add", "-N", "new.py")
    elif how == "link":
        other.rename(tmp_path / "other.py")
        other.symlink_to(tmp_path / "other.py")
    else:
        git(repository, "switch", "-qc", "side")
        committed(repository, "side", other="x = 2\n")
        git(repository, "switch", "-q", "main")
        committed(repository, "main", other="x = 3\n")
        with pytest.raises(subprocess.CalledProcessError):
            git(repository, "merge", "-q", "side")
    said = refused(lambda: ready(repository), "not committed")
    assert ("new.py" if how == "added" else "other.py") in said


def test_touched_files_are_no_changes(tmp_path: Path) -> None:
    repository = made(tmp_path / "project")
    os.utime(repository / "people.py", (1, 1))
    (repository / "people.py").chmod(0o600)
    assert ready(repository, "mend")


@pytest.mark.parametrize(
    "name",
    [
        "main",
        "packed",
        "-x",
        "a b",
        "a..b",
        "x.lock",
        "HEAD",
        "@",
        "a/",
        "/a",
        "a\x00b",
        "a~1",
        "refs/../../x",
        "main/below",
        "refs/heads/q",
        "refs/tags/q",
    ],
)
def test_names_that_no_branch_may_have(tmp_path: Path, name: str) -> None:
    repository = made(tmp_path / "project")
    git(repository, "branch", "packed")
    git(repository, "pack-refs", "--all")
    refused(lambda: ready(repository, name), "branch")


def test_a_file_that_git_keeps_in_another_form_is_not_committed(tmp_path: Path, canaries: Path) -> None:
    """A filter or line endings: what is on disk is not what belongs into the repository."""
    repository = made(tmp_path / "project")
    git(repository, "config", "core.autocrlf", "true")
    (repository / "people.py").write_bytes(VULNERABLE.replace("\n", "\r\n").encode())
    git(repository, "add", "-A")
    assert git(repository, "status", "--porcelain") == ""
    refused(lambda: apply_fix(repository, PATCH, "mend"), "another form")
    assert git(repository, "branch", "--list", "mend") == ""
    assert b"fixed" not in (repository / "people.py").read_bytes()


# A repository that leads elsewhere


@pytest.mark.attack("git", ".git is a file that leads to another repository of the user")
def test_a_repository_elsewhere_is_not_written(tmp_path: Path, canaries: Path) -> None:
    mine = made(tmp_path / "mine")
    hostile = tmp_path / "project"
    hostile.mkdir()
    shutil.copy(mine / "people.py", hostile / "people.py")
    (hostile / ".git").write_text(f"gitdir: {mine}/.git\n")
    refused(lambda: apply_fix(hostile, PATCH, "mend"), "belongs to another folder")
    (hostile / ".git").unlink()
    (hostile / ".git").symlink_to(mine / ".git")
    refused(lambda: apply_fix(hostile, PATCH, "mend"), "link")
    (hostile / ".git").unlink()
    shutil.copytree(mine / ".git", hostile / ".git")
    (hostile / ".git/commondir").write_text(f"{mine}/.git\n")
    refused(lambda: apply_fix(hostile, PATCH, "mend"), "commondir")
    (hostile / ".git/commondir").unlink()
    git(hostile, "config", "core.worktree", str(mine))
    refused(lambda: apply_fix(hostile, PATCH, "mend"), "core.worktree")
    assert git(mine, "branch", "--list", "mend") == ""
    assert b"fixed" not in (mine / "people.py").read_bytes()


@pytest.mark.attack("git", "refs, objects, index or configuration are links, pipes or devices")
@pytest.mark.parametrize(
    "what",
    ["HEAD", "packed-refs", "config", "index", "refs/heads/main", "refs/heads", "objects", "objects/info/alternates"],
)
@pytest.mark.parametrize("how", ["link", "pipe", "zero"])
def test_odd_files_of_a_repository_are_refused_at_once(tmp_path: Path, canaries: Path, what: str, how: str) -> None:
    repository = made(tmp_path / "project")
    target = repository / ".git" / what
    kept = tmp_path / "kept"
    if target.exists():
        target.rename(kept)
    else:
        kept.write_text("")
    if how == "link":
        target.symlink_to(kept)
    elif how == "pipe":
        os.mkfifo(target)
    else:
        target.symlink_to("/dev/zero")
    if what != "index":
        refused(lambda: old(repository), "link|regular file|no git repository")
    refused(lambda: apply_fix(repository, PATCH, "mend"), "link|regular file|no git repository")


# Damage


def loose(repository: Path, kind: str, body: bytes, name: str = "", packed: bytes | None = None) -> str:
    data = f"{kind} {len(body)}\0".encode() + body
    name = name or sha1(data).hexdigest()
    file = repository / ".git/objects" / name[:2] / name[2:]
    file.parent.mkdir(exist_ok=True)
    if file.exists():
        file.chmod(0o644)
    file.write_bytes(zlib.compress(data) if packed is None else packed)
    return name


def tree_of(*rows: tuple[str, bytes, str]) -> bytes:
    return b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in rows)


def commit_of(repository: Path, tree: str, *parents: str) -> str:
    lines = [
        f"tree {tree}",
        *(f"parent {p}" for p in parents),
        "author A <a@b> 1 +0000",
        "committer A <a@b> 1 +0000",
        "",
        "x",
    ]
    return loose(repository, "commit", "\n".join(lines).encode())


@pytest.mark.attack("git", "a tree contains itself, or parents go round")
def test_circles_are_left(tmp_path: Path) -> None:
    repository = made(tmp_path / "project")
    name = "ab" * 20
    loose(repository, "tree", tree_of(("40000", b"again", name)), name)
    refused(lambda: old(repository, commit_of(repository, name)), "damaged")
    commit = "cd" * 20
    body = f"tree {git(repository, 'rev-parse', 'HEAD^{tree}')}\nparent {commit}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx"
    loose(repository, "commit", body.encode(), commit)
    refused(lambda: old(repository, f"{commit}~1000000000"), "damaged|revision")
    tag = "ef" * 20
    loose(repository, "tag", f"object {tag}\ntype tag\ntag x\ntagger A <a@b> 1 +0000\n\nx".encode(), tag)
    refused(lambda: old(repository, tag), "damaged|revision")
    (repository / ".git/refs/heads/round").write_text("ref: refs/heads/round\n")
    refused(lambda: old(repository, "round"), "revision")


@pytest.mark.attack("git", "a tree of trees that double on every level")
def test_a_tree_that_multiplies_is_left(tmp_path: Path) -> None:
    repository = made(tmp_path / "project")
    tree = loose(
        repository,
        "tree",
        tree_of(*(("100644", b"%d.py" % n, git(repository, "rev-parse", "HEAD:people.py")) for n in range(9))),
    )
    for _ in range(40):
        tree = loose(repository, "tree", tree_of(*(("40000", b"d%d" % n, tree) for n in range(9))))
    refused(lambda: old(repository, commit_of(repository, tree)), "more than")


@pytest.mark.attack("git", "entries of a tree named .., .git, with a slash, empty or absolute")
@pytest.mark.parametrize("name", [b"..", b".", b".git", b".GIT", b"a/b.py", b"/etc/passwd", b"", b"../x.py"])
def test_names_that_lead_out_of_a_tree(tmp_path: Path, name: bytes) -> None:
    repository = made(tmp_path / "project")
    blob = git(repository, "rev-parse", "HEAD:people.py")
    inner = loose(repository, "tree", tree_of(("100644", b"x.py", blob)))
    for mode, sha in (("100644", blob), ("40000", inner)):
        tree = loose(repository, "tree", tree_of((mode, name, sha)))
        refused(lambda tree=tree: old(repository, commit_of(repository, tree)), "name")


@pytest.mark.attack("git", "objects that are cut short, of a wrong size or kind, or no zlib")
@pytest.mark.parametrize(
    "packed",
    [b"", b"x", zlib.compress(b"blob 5\0xy"), zlib.compress(b"blob -1\0x"), zlib.compress(b"blob x\0x"), zlib.compress(b"blob"),
     zlib.compress(b"odd 1\0x"), zlib.compress(b"blob 1\0x")[:-4], zlib.compress(b"commit 1\0x"), zlib.compress(b"blob 999999999999999999999\0x")],
)  # fmt: skip
@pytest.mark.parametrize("what", ["HEAD", "HEAD^{tree}", "HEAD:people.py"])
def test_damaged_objects_are_one_line(tmp_path: Path, packed: bytes, what: str) -> None:
    repository = made(tmp_path / "project")
    loose(repository, "", b"", git(repository, "rev-parse", what), packed)
    refused(lambda: old(repository), "damaged|missing|revision")


@pytest.mark.attack("git", "an object that is small outside and endless inside")
def test_a_bomb_in_an_object_is_bounded(tmp_path: Path) -> None:
    repository = made(tmp_path / "project")
    packer = zlib.compressobj(9)
    body = [packer.compress(b"blob 1073741824\0")]
    zeros = bytes(1 << 24)
    body += [packer.compress(zeros) for _ in range(64)]
    loose(repository, "", b"", git(repository, "rev-parse", "HEAD:people.py"), b"".join(body) + packer.flush())
    refused(lambda: old(repository), "damaged|too large|memory")


@pytest.mark.attack("git", "a pack or its index with any byte changed, or cut anywhere")
def test_a_damaged_pack_is_one_line(tmp_path: Path) -> None:
    repository = made(tmp_path / "project", a="x = 1\n" * 300)
    committed(repository, "two", a="x = 1\n" * 300 + "y\n")
    git(repository, "gc", "-q", "--aggressive")
    for pattern in ("*.pack", "*.idx"):
        (file,) = (repository / ".git/objects/pack").glob(pattern)
        whole = file.read_bytes()
        file.chmod(0o644)
        for cut in (0, 5, 20, len(whole) // 2, len(whole) - 1):
            file.write_bytes(whole[:cut])
            refused(lambda: old(repository), ".")
        for at in range(8, len(whole) - 20, max(1, len(whole) // 6)):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            assert "\n" not in outcome(repository)
        file.write_bytes(whole)


@pytest.mark.attack("git", "a delta that is its own base")
def test_a_delta_of_itself_ends(tmp_path: Path) -> None:
    repository = made(tmp_path / "project")
    name = git(repository, "rev-parse", "HEAD:people.py")
    file = repository / ".git/objects" / name[:2] / name[2:]
    file.unlink()
    entry = bytes([0x70 | 4]) + bytes.fromhex(name) + zlib.compress(b"\x01\x01\x01x")
    head = b"PACK" + (2).to_bytes(4, "big") + (1).to_bytes(4, "big")
    pack = head + entry
    check = sha1(pack).digest()
    fan = b"".join((1 if n >= int(name[:2], 16) else 0).to_bytes(4, "big") for n in range(256))
    index = (
        b"\xfftOc"
        + (2).to_bytes(4, "big")
        + fan
        + bytes.fromhex(name)
        + zlib.crc32(entry).to_bytes(4, "big")
        + len(head).to_bytes(4, "big")
        + check
    )
    folder = repository / ".git/objects/pack"
    (folder / f"pack-{'a' * 40}.pack").write_bytes(pack + check)
    (folder / f"pack-{'a' * 40}.idx").write_bytes(index + sha1(index).digest())
    refused(lambda: old(repository), "damaged|missing|did not end")


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def offset(number: int) -> bytes:
    """A distance in a pack, as git writes it."""
    out = [number & 127]
    while number := number >> 7:
        number -= 1
        out.insert(0, number & 127 | 128)
    return bytes(out)


def chain(repository: Path, base: bytes, length: int) -> str:
    """A pack in which each object is the one before with a byte more; the name of the last."""
    entries = bytearray(b"PACK" + (2).to_bytes(4, "big") + (length + 1).to_bytes(4, "big"))
    size = len(base)
    at = len(entries)
    head = varint(size >> 4) if size > 15 else b""
    entries += bytes([0x30 | size & 15 | (128 if head else 0)]) + head + zlib.compress(base)
    for number in range(length):
        here = len(entries)
        have = size + number
        sizes = bytes(have >> shift & 255 for shift in (0, 8, 16))
        delta = varint(have) + varint(have + 1) + b"\xf0" + sizes + b"\x01#"
        entries += bytes([0x60 | len(delta)]) + offset(here - at) + zlib.compress(delta)
        at = here
    pack = bytes(entries) + sha1(entries).digest()
    git(repository, "index-pack", "--stdin", given=pack)
    data = base + b"#" * length
    return sha1(b"blob %d\0" % len(data) + data).hexdigest()


@pytest.mark.attack("git", "an object at the end of thousands of deltas, small ones and large ones")
@pytest.mark.parametrize(("size", "length"), [(20, 6000), (70_000, 3000)])
def test_a_long_chain_of_deltas_is_read(tmp_path: Path, size: int, length: int) -> None:
    repository = made(tmp_path / "project")
    blob = chain(repository, b"#" * size, length)
    tree = loose(repository, "tree", tree_of(("100644", b"long.py", blob)))
    assert old(repository, commit_of(repository, tree)) == {"long.py": b"#" * (size + length)}


@pytest.mark.attack("git", "an index with any byte changed, or cut anywhere")
def test_a_damaged_index_is_one_line(tmp_path: Path) -> None:
    repository = made(tmp_path / "project")
    file = repository / ".git/index"
    whole = file.read_bytes()
    for damaged in [whole[:cut] for cut in (0, 3, 11, 12, 40, len(whole) - 1)] + [
        whole[:n] + b"\xff" + whole[n + 1 :] for n in (0, 5, 9, 20, 60, 72)
    ]:
        file.write_bytes(damaged)
        refused(lambda: ready(repository, "mend"), ".")
