"""Where the advisories are kept."""

from __future__ import annotations

from pathlib import Path

from buckler.store.cache import default_path


def default_database() -> Path:
    """The file of advisories beside the cache."""
    place = default_path(None)
    return (place.parent if place else Path()) / "advisories.db"
