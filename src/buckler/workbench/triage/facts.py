"""What is known of published flaws, for the engine: other names, exploitation, likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from buckler.triage.columns.engine import Engine


@dataclass(slots=True)
class Facts:
    """Rows of the tables of the same names in `columns.schema`."""

    names: Sequence[tuple[str, str]] = ()
    exploited: Sequence[tuple[str, str, bool]] = ()
    likelihood: Sequence[tuple[str, float, float]] = ()
    points: Sequence[tuple[str, str, bool, str]] = ()

    def fill(self, engine: Engine) -> None:
        engine.fill("names", self.names)
        engine.fill("exploited", self.exploited)
        engine.fill("likelihood", self.likelihood)
        engine.fill("points", self.points)


def known_facts(database: Path | None) -> Facts:
    """What `buckler data` knows; what nobody imported is unknown, not absent."""
    del database
    return Facts()
