"""How the ways of a project's code to what is vulnerable are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True, frozen=True)
class Wishes:
    """What was asked for; `workbench.reach` does it."""

    environments: tuple[Path, ...] = ()
    """Folders in which the packages are installed."""
    fetch: bool = False
    """Releases that are not at hand may be fetched from their registry."""
