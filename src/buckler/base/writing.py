"""Writing into a tree that somebody else made: never through a link, never into .git, all files or none.

Every folder on the way is opened without following links, so the name that was checked is the name that is written.
A file is put in place whole; if one cannot be, those before are put back.

Example::

    undo = write_all(project, {"shop/db.py": new, "tests/test_db.py": test})
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.files import inside

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
Undo = Callable[[], None]


def write_all(root: Path, files: Mapping[str, bytes]) -> Undo:
    """Write files below a folder; raises `InputError` and leaves everything as it was. Gives back what undoes it."""
    mutation_check: list[Undo] = []

    def undo() -> None:
        while mutation_check:
            with suppress(OSError):
                mutation_check.pop()()

    try:
        for path, data in files.items():
            _write(root, path, data, mutation_check)
    except OSError as error:
        undo()
        raise InputError(
            f"cannot be written: {error.strerror}", where=ascii(path), remedy="nothing was changed"
        ) from error
    except BaseException:
        undo()
        raise
    return undo


def _write(root: Path, path: str, data: bytes, mutation_check: list[Undo]) -> None:
    inside(root, path)
    parts = path.split("/")
    if any(part.lower() == ".git" for part in parts):
        raise InputError("is a file of git itself", where=ascii(path), remedy="nothing was changed")
    with _folder(root, parts[:-1], mutation_check) as folder:
        old, mode = _old(folder, parts[-1], path)
        _put(folder, parts[-1], data, mode)
    mutation_check.append(lambda: _back(root, parts, old, mode))


@contextmanager
def _folder(root: Path, parts: list[str], mutation_check: list[Undo]) -> Iterator[int]:
    """The folder at the end of a path, made where it is missing."""
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        made = root
        for part in parts:
            made /= part
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=here)
                mutation_check.append(made.rmdir)
            inner = os.open(part, FOLDER, dir_fd=here)
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)


def _old(folder: int, name: str, path: str) -> tuple[bytes | None, int]:
    """What is there now, None if nothing is; raises `InputError` if it is no regular file."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None, 0o666 & ~umask()
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InputError("is not a regular file", where=ascii(path), remedy="nothing was changed")
        return file.read(), stat.S_IMODE(status.st_mode)


def _put(folder: int, name: str, data: bytes, mode: int) -> None:
    temporary = f".{secrets.token_hex(8)}.tmp"
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode & 0o777)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _back(root: Path, parts: list[str], old: bytes | None, mode: int) -> None:
    with _folder(root, parts[:-1], []) as folder:
        if old is None:
            os.unlink(parts[-1], dir_fd=folder)
        else:
            _put(folder, parts[-1], old, mode)


def umask() -> int:
    """What a new file does not allow; asking for it means setting it for a moment."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
