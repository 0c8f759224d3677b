"""Which versions an advisory means, by the algorithm of the OSV schema.

The events of a range are brought into order and read from the lowest up: `introduced` opens, `fixed` closes before
itself, `last_affected` closes after itself, `limit` cuts off what is above it. What comes out is a few spans of keys.

Example::

    spans("npm", (Event(Bound.INTRODUCED, "0"), Event(Bound.FIXED, "1.2.3")))     # one: below 1.2.3
    affects(affected, "1.2.2")                                                    # True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from buckler.dependencies.advisories.versions import Key, key, listed
from buckler.dependencies.model import Affected, Bound, Event

START = "0"
"""As `introduced`: before every version."""
NO_LIMIT = "*"


@dataclass(slots=True, frozen=True)
class Span:
    """A stretch of versions; None is open towards that side."""

    low: Key | None
    high: Key | None
    closed: bool = False
    """The upper end belongs to it."""

    def holds(self, version: Key) -> bool:
        if self.low is not None and version < self.low:
            return False
        return self.high is None or version < self.high or (self.closed and version == self.high)

    @property
    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.high < self.low or (self.high == self.low and not self.closed)


def affects(affected: Affected, version: str) -> bool:
    """Whether a version is listed, or lies in one of the ranges; one that cannot be compared can only be listed."""
    place = key(affected.ecosystem, version)
    if place is None:
        return version in affected.versions
    if any(span.holds(place) for events in affected.ranges for span in spans(affected.ecosystem, events)):
        return True
    return listed(affected.ecosystem, version, affected.versions)


@lru_cache(maxsize=1 << 16)
def spans(ecosystem: str, events: tuple[Event, ...]) -> tuple[Span, ...]:
    """The stretches that a range is made of; none if it is impossible (see `impossible`)."""
    places = [(_place(ecosystem, event), event) for event in events if event.version != NO_LIMIT]
    if any(place is None for place, _ in places):
        return ()
    limits = [place for place, event in places if event.bound is Bound.LIMIT and place is not None]
    found = [span for span in _walk(places) if not span.empty]
    if limits and len(limits) == sum(event.bound is Bound.LIMIT for event in events):
        found = [cut for span in found if not (cut := _cut(span, max(limits))).empty]
    return tuple(found)


def impossible(ecosystem: str, events: tuple[Event, ...]) -> str:
    """What makes no sense in a range, empty if all does; its spans are those of the schema's algorithm anyway."""
    starts: list[Key] = []
    ends: list[Key] = []
    for event in events:
        if event.version == NO_LIMIT:
            continue
        place = _place(ecosystem, event)
        if place is None:
            return f"{event.version!r} is no version of {ecosystem}"
        (starts if event.bound is Bound.INTRODUCED else ends).append(place)
    if not starts:
        return "a range without 'introduced'"
    if (ends and min(ends) < min(starts)) or not spans(ecosystem, events):
        return "a range that ends before it begins"
    return ""


def _place(ecosystem: str, event: Event) -> Key | None:
    """The key of an event; an empty one, below every other, for the start."""
    if event.bound is Bound.INTRODUCED and event.version == START:
        return ()
    return key(ecosystem, event.version)


def _walk(places: list[tuple[Key | None, Event]]) -> list[Span]:
    found: list[Span] = []
    low: Key | None = None
    for place, event in sorted(places, key=lambda item: item[0] or ()):
        if event.bound is Bound.INTRODUCED:
            low = place if low is None else low
        elif event.bound is not Bound.LIMIT and low is not None:
            found.append(Span(low or None, place, event.bound is Bound.LAST_AFFECTED))
            low = None
    if low is not None:
        found.append(Span(low or None, None))
    return found


def _cut(span: Span, limit: Key) -> Span:
    return span if span.high is not None and span.high < limit else Span(span.low, limit)
