"""From the paths on a command line to the files of a review.

A path is a folder, a file, or an archive (sdist, wheel, zip). Whatever could not or should not be read
leaves a `Notice`; nothing here raises because of what a reviewed tree contains, only because a path named
on the command line does not exist. Files named directly are read whatever their name.

Example::

    inputs = collect([Path("services/shop")], Limits())
    inputs.files[0].path        # "shop/app.py"
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.source import HEAD, SourceFile, is_manifest, language_of, language_of_script
from buckler.finding.model import NO_SOURCE, UNREAD
from buckler.workbench.archives import is_archive, read_archive
from buckler.workbench.folders import read_folder
from buckler.workbench.selection import Inputs, Limits, too_large
from buckler.workbench.unread import notices

__all__ = ["Inputs", "Limits", "collect", "decode", "root_of", "shown_path", "speaks_to_us"]


def collect(paths: Sequence[Path], limits: Limits) -> Inputs:
    """All files to review under these paths, in path order, each once."""
    for path in paths:
        if not path.exists():
            raise InputError("no such file or folder", where=str(path))
    root = root_of(paths)
    inputs = Inputs(root=root, name=name_of(paths))
    for path in paths:
        _add(path, root, limits, inputs)
    unique = {file.path: file for file in inputs.files}
    inputs.files = [unique[key] for key in sorted(unique)]
    inputs.notices += notices(inputs.unread)
    explained = any(notice.partial and notice.kind != UNREAD for notice in inputs.notices)
    if not explained and all(file.language == "template" or is_manifest(file.path) for file in inputs.files):
        inputs.note(NO_SOURCE, "", "no Python or JavaScript here besides tests and what is left out", partial=True)
    return inputs


def root_of(paths: Sequence[Path]) -> Path:
    """The folder paths are shown relative to: the folder given, or the nearest common one."""
    folders = [path.absolute() if path.is_dir() else path.absolute().parent for path in paths]
    return Path(os.path.commonpath([os.path.normpath(folder) for folder in folders]))


def shown_path(path: Path, root: Path) -> str:
    """A path as seen from the root, `.` for the root itself."""
    return Path(os.path.normpath(path.absolute())).relative_to(root).as_posix()


def name_of(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return os.path.normpath(paths[0]) if str(paths[0]) != "." else Path.cwd().name
    return ", ".join(str(path) for path in paths)


def _add(path: Path, root: Path, limits: Limits, inputs: Inputs) -> None:
    absolute, shown = Path(os.path.normpath(path.absolute())), shown_path(path, root)
    if path.is_dir():
        read_folder(absolute, root, limits, inputs)
    elif not path.is_file():
        inputs.note("special", shown, "not a regular file", partial=True)
    elif is_archive(path.name):
        read_archive(absolute, "" if absolute.parent == root else f"{shown}/", limits, inputs)
    else:
        _add_file(absolute, shown, limits, inputs)


def _add_file(absolute: Path, shown: str, limits: Limits, inputs: Inputs) -> None:
    language = language_of(shown) or _language_of_script(absolute)
    if not language:
        inputs.note("unknown-language", shown, "not Python, JavaScript, a template or an archive", partial=True)
        return
    try:
        size = absolute.stat().st_size
        with absolute.open("rb"):
            pass
    except OSError as error:
        inputs.note("unreadable", shown, error.strerror or "cannot be read", partial=True)
        return
    if size > limits.max_file_size:
        inputs.notices.append(too_large(shown, size, limits))
    else:
        inputs.files.append(SourceFile(shown, language, absolute=absolute))


def _language_of_script(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return language_of_script(file.read(HEAD))
    except OSError:
        return ""


def speaks_to_us(file: SourceFile) -> bool:
    """Whether our name is in the file at all; hardly any file's lines need to be looked at one by one."""
    try:
        return b"buckler" in file.text()
    except OSError:
        return False


def decode(file: SourceFile) -> list[str]:
    """The lines of a file for reading comments; damage is replaced, absence is emptiness."""
    try:
        return file.text().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
