"""Puts the copy of the project back as it was: what an attempt wrote, changed or removed does not meet the next one."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import Callable


def restore(layers: list[str], target: str) -> None:
    """Make `target` hold what the layers hold, later layers over earlier ones; what cannot be read stays as it is.

    A folder that only its owner may read looks empty to nobody, who runs here: then nothing is taken away.
    """
    wanted = {}
    folders = {"."}
    closed: list[OSError] = []
    for layer in layers:
        for folder, _, files in os.walk(layer, onerror=closed.append):
            inside = os.path.relpath(folder, layer)
            folders.add(inside)
            for name in files:
                wanted[os.path.normpath(os.path.join(inside, name))] = os.path.join(folder, name)
    for folder, _, files in () if closed else os.walk(target, topdown=False):
        inside = os.path.relpath(folder, target)
        for name in files:
            if os.path.normpath(os.path.join(inside, name)) not in wanted:
                quietly(os.remove, os.path.join(folder, name))
        if inside not in folders:
            quietly(os.rmdir, folder)
    for name, source in wanted.items():
        place = os.path.join(target, name)
        if not os.path.islink(source) and os.path.isfile(source) and state(source) != state(place):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            quietly(shutil.copy2, source, place)


def state(path: str) -> tuple[int, int] | None:
    """Size and time of a file, which a copy shares with its original until somebody writes to it."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def quietly(do: Callable[..., object], *given: str) -> None:
    with contextlib.suppress(OSError):
        do(*given)
