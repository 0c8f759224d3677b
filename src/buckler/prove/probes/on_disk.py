"""Files that hold what is sent, for code that takes a path."""

from __future__ import annotations

import os
import pathlib
import tempfile

SUFFIX = ""


def on_disk(data: bytes) -> str:
    """The path of a file that holds an archive."""
    handle, path = tempfile.mkstemp(SUFFIX)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return path


def in_folder(data: bytes, name: str) -> str:
    """The path of a folder in which an archive has that name."""
    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)
    return folder


def saved(value: str | bytes, ending: str = "", name: str = "") -> str:
    """The path of a file that holds it; a plain word names the file as well, so that its way can be followed."""
    file = pathlib.Path(tempfile.mkdtemp()) / (name or ((value if str(value).isalnum() else "one") + ending))  # type: ignore[operator]
    file.write_bytes(value if isinstance(value, bytes) else value.encode())
    return str(file)
