"""A file outside every folder of the application, and every path that is used meanwhile."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest

SUFFIX = ""
"""What the code puts after a name."""
USES = {
    "open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.chmod", "os.link",
    "os.symlink", "os.truncate", "os.utime", "shutil.rmtree", "shutil.copyfile", "shutil.move", "shutil.copytree",
}  # fmt: skip
WATCHING: list[list[str]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if WATCHING and event in USES:
        paths = [os.fsdecode(a) for a in arguments[:2] if isinstance(a, (str, bytes, os.PathLike))]
        WATCHING[0].extend(os.path.abspath(path) for path in paths if "\0" not in path)  # no system opens those


sys.addaudithook(_watch)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that nobody was meant to reach, outside every folder of the application."""
    file = tmp_path / "outside" / ("4711" + SUFFIX)
    file.parent.mkdir()
    file.write_text("0815-4711")
    return file


@pytest.fixture
def used() -> Iterator[list[str]]:
    """Every path that is opened, listed, made, moved or removed from here on."""
    WATCHING.insert(0, [])
    yield WATCHING[0]
    WATCHING.clear()
