"""Where the repository of a folder is, and whether its files are such that they can be read.

Configuration is looked at for four names only: the format of objects and refs, and where the working tree is. A link, a
pipe or a device among the files that are read is refused before anything is opened.

Example::

    repository = repository_of(Path("/src/shop/api"))     # found in /src/shop
    repository.top, repository.own, repository.common
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from dulwich.config import ConfigFile

from buckler.base.errors import InputError
from buckler.base.files import read_regular

MOST_CONFIG = 1 << 20
MOST_ALTERNATES = 20
READ = ("HEAD", "packed-refs", "index", "config", "shallow", "ORIG_HEAD", "MERGE_HEAD")
"""What is read of a repository beside whole folders."""
NO_SUPPORT = "its {what} is {value}, which is not read"


@dataclass(slots=True, frozen=True)
class Repository:
    """A repository and the working tree that a folder lies in."""

    top: Path
    """The root of the working tree."""
    own: Path
    """What belongs to this working tree: HEAD and index."""
    common: Path
    """What all working trees share: objects, refs, configuration."""
    config: ConfigFile
    foreign: str = ""
    """Why nothing may be written there; empty if it is the repository of this folder."""


def repository_of(folder: Path) -> Repository | None:
    """The repository a folder lies in, None if there is none; raises `InputError` if it cannot be read."""
    resolved = folder.resolve()
    for top in (resolved, *resolved.parents):
        dot = top / ".git"
        try:
            mode = dot.lstat().st_mode
        except OSError:
            continue
        if stat.S_ISLNK(mode):
            raise InputError("is a link", where=str(dot), remedy="links are not followed")
        if stat.S_ISREG(mode):
            return _linked(top, dot)
        if not stat.S_ISDIR(mode):
            raise InputError("is not a regular file", where=str(dot))
        if os.path.lexists(dot / "HEAD"):
            if os.path.lexists(dot / "commondir"):
                raise InputError("holds a commondir that leads elsewhere", where=str(dot))
            return _checked(Repository(top, dot, dot, _config(dot)))
    return None


def _linked(top: Path, dot: Path) -> Repository:
    """A linked worktree, a submodule, or a repository whose folder is kept apart."""
    own = top / _line(dot).removeprefix("gitdir: ")
    if not own.is_dir():
        raise InputError("leads to no repository", where=str(dot))
    own = own.resolve()
    common = (own / _line(own / "commondir")).resolve() if (own / "commondir").exists() else own
    config = _config(common)
    if (own / "gitdir").exists():
        back = (own / _line(own / "gitdir")).resolve()
    else:
        moved = _value(config, "core", "worktree")
        back = (own / moved).resolve() / ".git" if moved else Path()
    foreign = "" if back == dot else "belongs to another folder"
    return _checked(Repository(top, own, common, config, foreign))


def _line(file: Path) -> str:
    return os.fsdecode(read_regular(file, 8192).removesuffix(b"\n"))


def _checked(repository: Repository) -> Repository:
    for name in ("refs", "objects"):
        _all_plain(repository.common / name)
    for folder in {repository.own, repository.common}:
        for name in READ:
            _plain(folder / name)
    for objects in alternates(repository.common / "objects"):
        _all_plain(objects)
    for what, section, name, known in (
        ("object format", "extensions", "objectformat", "sha1"),
        ("format of refs", "extensions", "refstorage", "files"),
    ):
        value = _value(repository.config, section, name) or known
        if value.lower() != known:
            raise InputError(
                NO_SUPPORT.format(what=what, value=ascii(value[:20])),
                where=str(repository.common),
                remedy=f"only {known} is",
            )
    moved = _value(repository.config, "core", "worktree")
    if moved and (repository.common / moved).resolve() != repository.top and repository.own == repository.common:
        return _foreign(repository, "its core.worktree names another folder")
    return repository


def _foreign(repository: Repository, why: str) -> Repository:
    return Repository(repository.top, repository.own, repository.common, repository.config, why)


def _plain(path: Path) -> os.stat_result | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        raise InputError("is a link", where=str(path), remedy="links inside a repository are not followed")
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise InputError("is not a regular file", where=str(path))
    return status


def _all_plain(folder: Path) -> None:
    """Every file below, by its kind alone; raises `InputError` at the first that is none."""
    status = _plain(folder)
    if status is not None and not stat.S_ISDIR(status.st_mode):
        raise InputError("is not a folder", where=str(folder))
    waiting = [folder] if status is not None else []
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif not entry.is_file(follow_symlinks=False):
                    _plain(Path(entry.path))


def alternates(objects: Path) -> list[Path]:
    """Folders of objects that this one borrows from, and those that they do."""
    out: list[Path] = []
    waiting = [objects]
    while waiting:
        here = waiting.pop()
        file = here / "info" / "alternates"
        _plain(here / "info")
        if _plain(file) is None:
            continue
        for line in read_regular(file, MOST_CONFIG).splitlines():
            borrowed = (here / os.fsdecode(line)).resolve()
            if line and not line.startswith(b"#") and borrowed != objects and borrowed not in out:
                out.append(borrowed)
                waiting.append(borrowed)
        if len(out) > MOST_ALTERNATES:
            raise InputError(f"borrows from more than {MOST_ALTERNATES} folders of objects", where=str(objects))
    return out


def _config(common: Path) -> ConfigFile:
    """The configuration without what it includes."""
    _plain(common / "config")
    try:
        return ConfigFile.from_file(BytesIO(read_regular(common / "config", MOST_CONFIG)), expand_includes=False)
    except ValueError as error:
        raise InputError("its configuration cannot be read", where=str(common / "config")) from error


def _value(config: ConfigFile, section: str, name: str) -> str:
    try:
        return os.fsdecode(config.get((section.encode(),), name.encode()))
    except KeyError:
        return ""
