"""What one function's analysis asked of the rest of the program and did to it, in order.

The analysis of a function depends on nothing but the answers it gets: values of cells, summaries of others, names.
A `ReplayTrace` keeps those answers beside the summary they led to. On the next run the tape is played: as long as every
answer is what it was then, what the function wrote is written again without looking into the function. At the first
answer that differs it is analysed after all; the answers before that come from the tape, because what they did has
been done. So a run that remembers goes through the very states that a run from nothing would, and finds the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from buckler.analysis.flow.summary import Summary

READ, WRITE, BOX, PUT, ASK, MAY, ENTER, GATE, ROUND = range(9)
"""Events: a cell read, written; a box read, written; a summary asked for; leave to specialise; an entry point
registered, asked about; a round over that was not the last."""

Event = tuple[Any, ...]
Key = tuple[str, Any]
"""(routine, context)"""


class ReplayMismatch(Exception):
    """A tape does not tell the story of the function it belongs to: nothing remembered can be trusted."""


@dataclass(slots=True)
class ReplayLog:
    """A tape being written. While `script` lasts, answers come from there."""

    script: list[Event] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    seen: dict[object, Any] = field(default_factory=dict)
    """Last answer by question: the same answer again leaves no event."""
    asked: set[object] = field(default_factory=set)
    """Names of the program that were asked about, see `program.signature`."""
    at: int = 0

    def note(self, question: object, answer: object, event: Event) -> None:
        self.seen[question] = answer
        self.events.append(event)

    def scripted(self, *question: object) -> Event | None:
        """The next event of the script if it answers this question, None if it was answered before."""
        event = self.script[self.at]
        if event[: len(question)] != question:
            return None
        self.events.append(event)
        self.at += 1
        if self.at == len(self.script):
            self.script = []
        return event

    def recall(self, question: object) -> Any:
        try:
            return self.seen[question]
        except KeyError:
            raise ReplayMismatch(str(question)) from None


@dataclass(slots=True)
class ReplayTrace:
    """A finished log with the summary it led to."""

    key: Key
    events: Sequence[Event]
    asked: tuple[object, ...]
    result: Summary
    again: bool = False
    """The function was asked for while its last round ran."""
    sound: bool = True
    """Worth keeping: the analysis did not fail."""
    table: Sequence[Any] = ()
    """Values and collections that the events of a remembered tape name by number, see `packing`; empty for one
    recorded in this run."""
