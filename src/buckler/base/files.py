"""Reading what somebody else may have put there: only regular files, only so many bytes, only inside a folder.

A path that a report, bundle, patch or configuration names is that author's choice. It may lead out of the folder, be a
link, a pipe that never answers, a device that never ends, or larger than memory. Every reader of such a path goes
through these functions, so the answer is always the bytes or one sentence.

Example::

    read_regular(inside(project, "shop/db.py"), MOST)       # InputError for "../../etc/passwd", a link, /dev/zero, 9 GB
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from buckler.base.errors import InputError

CHUNK = 1 << 20
FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
"""Opening a pipe or a terminal must neither wait nor change anything."""


def read_regular(path: Path, most: int) -> bytes:
    """The bytes of a regular file of at most `most` bytes; raises `InputError` for anything else.

    A link at the very end is followed, because people name files so; `inside` refuses links where others choose.
    """
    try:
        descriptor = os.open(path, FLAGS)
        try:
            return _read(descriptor, path, most)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:  # a zero byte in the name
        raise InputError("is no file name", where=ascii(str(path))) from error


def _read(descriptor: int, path: Path, most: int) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise InputError("is not a regular file", where=str(path))
    if status.st_size > most:
        raise _too_large(path, most)
    # Some files of the kernel call themselves empty and regular, and a file may grow: what is read is counted.
    data = bytearray()
    while part := os.read(descriptor, CHUNK):
        data += part
        if len(data) > most:
            raise _too_large(path, most)
    return bytes(data)


def _too_large(path: Path, most: int) -> InputError:
    return InputError(f"is larger than {most:,} bytes", where=str(path), remedy="nothing of it was read")


def read_text(path: Path, most: int) -> str:
    """The same as UTF-8 text."""
    try:
        return read_regular(path, most).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", where=str(path)) from error


def inside(root: Path, relative: str) -> Path:
    """The path below a folder that an untrusted name means; raises `InputError` if it leads out or through a link.

    What does not exist is fine: it cannot lead anywhere. The folder itself may be reached through links.
    """
    parts = relative.split("/")
    if (
        not relative
        or "\0" in relative
        or "\\" in relative
        or ":" in parts[0]
        or any(p in ("", ".", "..") for p in parts)
    ):
        raise InputError(
            "is not a path inside the project", where=ascii(relative), remedy="only plain relative paths are read"
        )
    path = root
    for part in parts:
        path /= part
        try:
            link = path.is_symlink()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=ascii(relative)) from error
        if link:
            raise InputError("leads through a link", where=ascii(relative), remedy="links are not followed")
    return path


def read_in(root: Path, path: Path | str, most: int) -> bytes:
    """What a file of somebody's tree holds; nothing where there is none, it is a link, no regular file or larger."""
    relative = path if isinstance(path, str) else path.relative_to(root).as_posix()
    try:
        return read_regular(inside(root, relative), most)
    except InputError:
        return b""


def files_below(folder: Path) -> Iterator[Path]:
    """The regular files of a tree, in order; a link is neither followed nor taken for a file."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        if Path(place).is_symlink():
            return
        for name in sorted(names):
            file = Path(place) / name
            if stat.S_ISREG(file.lstat().st_mode):
                yield file
