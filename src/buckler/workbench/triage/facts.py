"""What is known of published flaws, for the engine: other names, exploitation, likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buckler.dependencies.advisories.database import open_database
from buckler.dependencies.exploitation import facts
from buckler.triage.columns.engine import Engine
from buckler.workbench.data import database_file, exploitation_file, ready


@dataclass(slots=True)
class Facts:
    """Rows of the tables of the same names in `columns.schema`."""

    names: Sequence[tuple[str, str]] = ()
    exploited: Sequence[Sequence[Any]] = ()
    likelihood: Sequence[Sequence[Any]] = ()
    points: Sequence[Sequence[Any]] = ()

    def fill(self, engine: Engine) -> None:
        engine.fill("names", self.names)
        engine.fill("exploited", self.exploited)
        engine.fill("likelihood", self.likelihood)
        engine.fill("points", self.points)


def known_facts(database: Path | None, *, names: bool = False) -> Facts:
    """What `buckler data` knows; what nobody imported is unknown, not absent. Other names only count at an import."""
    path = database_file(database)
    known = exploitation_file(path)
    others: list[tuple[str, str]] = []
    if names:
        with open_database(ready(path)) as advisories:
            others = sorted(advisories.names().items())
    return Facts(others, *(facts(known, kind) for kind in ("kev", "epss", "ssvc")))
