"""How long work tells somebody how far it is, without knowing who listens.

Example::

    progress.start(len(files), "reading")
    for file in files: ...; progress.advance()
    progress.finish()
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """One bar at a time: started, moved, finished."""

    def start(self, total: int, label: str) -> None: ...

    def advance(self, steps: int = 1) -> None: ...

    def finish(self) -> None: ...


class Silent:
    """Nobody listens."""

    __slots__ = ()

    def start(self, total: int, label: str) -> None: ...

    def advance(self, steps: int = 1) -> None: ...

    def finish(self) -> None: ...
