"""The files of an older revision, for saying which findings a change introduced.

Blobs are read with `git cat-file`, never checked out or archived: a hostile repository's filters, hooks
and file monitors stay unused. Only committed files are compared; a new untracked file is all new.

Example::

    old = read_revision("origin/main", current.root, Limits())
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.source import SourceFile, language_of
from buckler.workbench.selection import Inputs, Limits, Selection, looks_minified

# Settings a repository could use to run a program of its choice.
SAFE = ("-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never")
SECONDS = 120
REGULAR = (b"100644", b"100755")


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Run git in a folder; its own words become the error."""
    command = ["git", *SAFE, "-C", str(folder), "--no-pager", *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=False)
    except FileNotFoundError as error:
        raise InputError("git is not installed", remedy="--changed-since needs it") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(f"git did not answer in {SECONDS} s", where=str(folder)) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise InputError(said[-1] if said else "git failed", where=str(folder))
    return done.stdout


def apply_diff(folder: Path, diff: bytes) -> subprocess.CompletedProcess[bytes]:
    """Let git apply a diff to the files of a folder; it refuses paths that lead away."""
    command = ["git", *SAFE, "apply", "--whitespace=nowarn", "-"]
    try:
        return subprocess.run(command, cwd=folder, input=diff, capture_output=True, timeout=SECONDS, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise InputError("git is not installed or did not answer", remedy="patches are applied with it") from error


def commit_of(revision: str, folder: Path) -> str:
    """The full name of a commit; a revision that begins with `-` is not an option."""
    try:
        name = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except InputError as error:
        remedy = "give a branch, tag or commit of the repository the path lies in"
        raise InputError(f"no revision '{revision}'", where=str(folder), remedy=remedy) from error
    return name.decode().strip()


def read_revision(revision: str, root: Path, limits: Limits, parts: Sequence[str] = (".",)) -> Inputs:
    """The files in some parts of `root` as they were, with paths as in the review of today."""
    commit = commit_of(revision, root)
    inputs = Inputs(root=root, name=revision)
    selection = Selection(limits)
    wanted = [
        (path, blob)
        for path, blob, size in _tree(commit, root, parts)
        if language_of(path) and size <= limits.max_file_size and not selection.excludes(path)
    ]
    for (path, _), data in zip(wanted, _blobs([blob for _, blob in wanted], root), strict=True):
        language = language_of(path)
        if not looks_minified(language, data):
            inputs.files.append(SourceFile(path, language, data=data))
    return inputs


def _tree(commit: str, root: Path, parts: Sequence[str]) -> Iterator[tuple[str, bytes, int]]:
    """Path, blob and size of every regular file of these parts, relative to `root`, which is how git lists."""
    listing = git(root, "ls-tree", "-r", "-z", "--long", commit, "--", *parts)
    for row in listing.split(b"\0"):
        head, _, name = row.partition(b"\t")
        fields = head.split()
        if len(fields) == 4 and fields[0] in REGULAR and fields[1] == b"blob":
            yield name.decode("utf-8", "surrogateescape"), fields[2], int(fields[3])


def _blobs(names: list[bytes], root: Path) -> Iterator[bytes]:
    if not names:
        return
    answer = git(root, "cat-file", "--batch", given=b"\n".join(names) + b"\n")
    at = 0
    for name in names:
        end = answer.index(b"\n", at)
        head = answer[at:end].split()
        if len(head) != 3 or head[0] != name:
            raise InputError("git gave an answer that cannot be read", where=str(root))
        size = int(head[2])
        yield answer[end + 1 : end + 1 + size]
        at = end + size + 2
