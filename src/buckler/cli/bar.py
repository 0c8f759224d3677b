"""Progress drawn on a terminal; see `progress` for whether anybody is there to see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Bar:
    """One Rich bar after the other, each gone when it is done."""

    __slots__ = ("_rich", "_task")

    def __init__(self, rich: Progress) -> None:
        self._rich = rich
        self._task: TaskID | None = None

    def start(self, total: int, label: str) -> None:
        self.finish()
        self._task = self._rich.add_task(label, total=total)

    def advance(self, steps: int = 1) -> None:
        if self._task is not None:
            self._rich.advance(self._task, steps)

    def finish(self) -> None:
        if self._task is not None:
            self._rich.remove_task(self._task)
            self._task = None


@contextmanager
def bars() -> Iterator[Bar]:
    """Bars on stderr until the work is done."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as rich:
        yield Bar(rich)
