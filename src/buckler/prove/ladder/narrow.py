"""The part of a large change that stops the attack: whatever can be left out without the test noticing is left out.

A release changes thousands of lines for many reasons; a reader wants to see the few that matter here, and each rung
of the ladder says something only about those.

Example::

    core = narrowed(Change(old, new), {"shop/files.py"}, stops)     # stops(files) runs the test on a copy with these files
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from buckler.prove.ladder.mutate import mutants, parses

MOST_TRIES = 60
Files = Mapping[str, bytes]


@dataclass(slots=True, frozen=True)
class Part:
    """One run of changed lines: those from `a` to `b` became those from `c` to `d`."""

    path: str
    a: int
    b: int
    c: int
    d: int


@dataclass(slots=True)
class Search:
    """What is asked, and how often it may still be asked."""

    old: Files
    new: Files
    stops: Callable[[Files], bool]
    left: int = MOST_TRIES

    def enough(self, parts: Sequence[Part]) -> bool:
        return self.holds(self.with_only(parts))

    def holds(self, files: Files) -> bool:
        if self.left <= 0 or not files or not all(parses(path, data) for path, data in files.items()):
            return False
        self.left -= 1
        return self.stops(files)

    def with_only(self, parts: Sequence[Part]) -> dict[str, bytes]:
        """The files with these parts of the change and no other."""
        out: dict[str, bytes] = {}
        for path in dict.fromkeys(part.path for part in parts):
            before, after = (files.get(path, b"").splitlines(keepends=True) for files in (self.old, self.new))
            for part in sorted((p for p in parts if p.path == path), key=lambda p: -p.a):
                before[part.a : part.b] = after[part.c : part.d]
            out[path] = b"".join(before)
        return out


def narrowed(old: Files, new: Files, near: Collection[str], stops: Callable[[Files], bool]) -> dict[str, bytes] | None:
    """The changed files with the least of the change that is still enough; None when the whole is not."""
    search = Search(old, new, stops)
    every = parts_of(old, new)
    close = [part for part in every if part.path in near]
    if not search.enough(every):
        return None
    kept = close if search.enough(close) else every
    size = max(len(kept) // 2, 1)
    while True:
        fewer = without(search, kept, size)
        if size == 1 and len(fewer) == len(kept):
            break
        kept, size = fewer, max(min(size, len(fewer)) // 2, 1)
    return pared(search, search.with_only(kept))


def parts_of(old: Files, new: Files) -> list[Part]:
    out = []
    for path, data in new.items():
        lines = old.get(path, b"").splitlines(keepends=True), data.splitlines(keepends=True)
        codes = SequenceMatcher(None, *lines, autojunk=False).get_opcodes()
        out += [Part(path, a, b, c, d) for tag, a, b, c, d in codes if tag != "equal"]
    return out


def without(search: Search, parts: list[Part], size: int) -> list[Part]:
    """Leave out runs of so many parts where the rest is enough."""
    at = 0
    while at < len(parts):
        rest = [*parts[:at], *parts[at + size :]]
        if rest and search.enough(rest):
            parts = rest
        else:
            at += size
    return parts


def pared(search: Search, files: dict[str, bytes]) -> dict[str, bytes]:
    """Line by line, until each one that is left is needed."""
    while True:
        old = {path: search.old.get(path, b"") for path in files}
        fewer = next((m.files for m in mutants(old, files) if search.holds(m.files)), None)
        if fewer is None:
            return {path: data for path, data in files.items() if data != old[path]}
        files = fewer
