"""Where the store of triage is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from buckler.base.errors import InputError
from buckler.store.triage.store import Store, open_store

VARIABLE = "BUCKLER_TRIAGE"


def default_store() -> str:
    """What the environment names, or a file among the user's data: unlike a cache, it cannot be made again."""
    if chosen := os.environ.get(VARIABLE):
        return chosen
    base = os.environ.get("XDG_DATA_HOME", "")
    folder = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return str(folder / "buckler" / "triage.sqlite")


@contextmanager
def opened(where: str) -> Iterator[Store]:
    """The store by path or URL; a file is made, with its folder."""
    if "://" not in where:
        try:
            Path(where).absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"the store cannot be used: {error.strerror}", where=where) from error
    with open_store(where) as store:
        yield store
