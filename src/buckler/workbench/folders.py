"""The files of a folder that are worth reviewing.

Links are never followed: a link inside the tree leads to a file that is read anyway, one that leads out
of it would let a hostile tree show us somebody's home folder. `.gitignore` files are obeyed, nearest last
word, as git does; how many files they hide is said in a notice.

Example::

    read_folder(Path("/src/shop"), Path("/src/shop"), Limits(), inputs)
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.files import read_regular
from buckler.base.source import HEAD, SourceFile, bare, language_of, language_of_script
from buckler.workbench.selection import (
    Inputs,
    Limits,
    Patterns,
    Selection,
    looks_minified,
    minified,
    too_large,
    tree_patterns,
)
from buckler.workbench.unread import kind_of, wanted

IGNORE_FILE = ".gitignore"
MAX_IGNORE_FILE = 1_000_000


@dataclass(slots=True, frozen=True)
class Ignore:
    """One `.gitignore` and the folder it stands in, relative to the folder being read."""

    folder: str
    spec: Patterns

    def verdict(self, path: str) -> bool | None:
        """True: ignored, False: expressly not, None: says nothing."""
        return self.spec.check_file(path[len(self.folder) :]).include


def read_folder(folder: Path, root: Path, limits: Limits, inputs: Inputs) -> None:
    """Add the files below `folder`, with paths relative to `root`."""
    selection = Selection(limits)
    prefix = "" if folder == root else folder.relative_to(root).as_posix() + "/"
    ignored: list[str] = []
    for entry, path in walk(folder, prefix, selection, inputs, ignored, ignore_files=limits.ignore_files):
        if selection.excludes_file(path):
            continue
        language = language_of(path) or (language_of_script(_head(entry)) if bare(path) else "")
        if language:
            _add(entry, path, language, limits, inputs)
        elif wanted(path, include_tests=limits.include_tests) and (kind := kind_of(path, _head(entry))):
            inputs.unread[kind] += 1
    if ignored:
        text = f"left out because .gitignore names them: {len(ignored)}, the first is {ignored[0]}"
        inputs.note("ignored", "", text, partial=False)


def walk(
    folder: Path, prefix: str, selection: Selection, inputs: Inputs, ignored: list[str], *, ignore_files: bool
) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Every file that no default, pattern or `.gitignore` leaves out; folders of code that are left out join `ignored`."""
    waiting: list[tuple[str, str, tuple[Ignore, ...]]] = [(str(folder), "", ())]
    while waiting:
        here, inner, ignores = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            inputs.note("unreadable", prefix + inner.rstrip("/"), _reason(error), partial=True)
            continue
        if ignore_files and any(entry.name == IGNORE_FILE for entry in entries):
            ignores = (*ignores, *_ignore_file(Path(here), inner, prefix, inputs))
        for entry in entries:
            path = inner + entry.name
            if _is_link(entry, path, prefix, folder, inputs):
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and selection.excludes_folder(prefix + path):
                continue
            if _ignored(f"{path}/" if is_folder else path, ignores):
                if is_folder or language_of(path):
                    ignored.append(prefix + path)
            elif is_folder:
                waiting.append((entry.path, f"{path}/", ignores))
            else:
                yield entry, prefix + path


def _ignore_file(folder: Path, inner: str, prefix: str, inputs: Inputs) -> list[Ignore]:
    file = folder / IGNORE_FILE

    def unused(reason: str) -> list[Ignore]:
        inputs.note("ignored", f"{prefix}{inner}{IGNORE_FILE}", f"not obeyed: {reason}", partial=False)
        return []

    if file.is_symlink():
        return unused("is a link")
    try:
        spec, slow = tree_patterns(read_regular(file, MAX_IGNORE_FILE).decode("utf-8", "replace").splitlines())
    except InputError as error:
        return unused(error.what)
    except ValueError:
        return unused("holds what is no pattern")
    if slow:
        unused(f"{len(slow)} patterns with too many stars")
    return [Ignore(inner, spec)]


def _ignored(path: str, ignores: tuple[Ignore, ...]) -> bool:
    for ignore in reversed(ignores):
        verdict = ignore.verdict(path)
        if verdict is not None:
            return verdict
    return False


def _is_link(entry: os.DirEntry[str], path: str, prefix: str, folder: Path, inputs: Inputs) -> bool:
    if not entry.is_symlink():
        return False
    target = os.path.realpath(entry.path)
    inside = Path(target).is_relative_to(os.path.realpath(folder))
    if not inside and (language_of(path) or Path(target).is_dir()):
        inputs.note("link", prefix + path, "leads out of the reviewed folder and was not followed", partial=False)
    return True


def _add(entry: os.DirEntry[str], path: str, language: str, limits: Limits, inputs: Inputs) -> None:
    try:
        status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            inputs.note("special", path, "not a regular file", partial=False)
            return
        if status.st_size > limits.max_file_size:
            inputs.notices.append(too_large(path, status.st_size, limits))
            return
        absolute = Path(entry.path)
        if language == "javascript" and looks_minified(language, absolute.read_bytes()):
            inputs.notices.append(minified(path))
            return
        os.close(os.open(entry.path, os.O_RDONLY))  # shows now whether we may
        inputs.files.append(SourceFile(path, language, absolute=absolute))
    except OSError as error:
        inputs.note("unreadable", path, _reason(error), partial=True)


def _head(entry: os.DirEntry[str]) -> bytes:
    """How a file begins; nothing of one that is not regular or cannot be read."""
    try:
        if not entry.is_file(follow_symlinks=False):
            return b""
        with Path(entry.path).open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def _reason(error: OSError) -> str:
    return error.strerror or "cannot be read"
