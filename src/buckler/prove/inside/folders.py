"""What lies in folders, as the program that runs here sees them."""

from __future__ import annotations

import os

MOST = 8


def names(folder: str) -> list[str]:
    """Names of the first files in a folder."""
    return sorted(name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)))[:MOST]


def home_is_used() -> bool:
    """Whether anything lies in the home folder, which is empty where nothing was written there."""
    return any(files for _, _, files in os.walk(os.path.expanduser("~")))
