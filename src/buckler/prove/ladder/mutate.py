"""Reverts a patch piece by piece: every run of changed lines put back, and every added line taken out.

Lines that only import, explain or log something are left alone; nothing is learnt from their absence.

Example::

    for mutant in mutants({"a.py": old}, {"a.py": new}): ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from buckler.analysis.syntax.load import parse, syntax_errors

PASSIVE = re.compile(rb'\s*(#.*|import .*|from .* import .*|""".*"""|log\w*\.exception\("[^"]*"\)|)$')


@dataclass(slots=True, frozen=True)
class Mutant:
    """The patched files with one change reverted."""

    label: str
    files: dict[str, bytes]


def mutants(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Mutant]:
    for path, data in new.items():
        before, after = old.get(path, b"").splitlines(keepends=True), data.splitlines(keepends=True)
        for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag == "equal" or all(PASSIVE.match(line.rstrip(b"\r\n")) for line in (*before[a:b], *after[c:d])):
                continue
            text = b"".join([*after[:c], *before[a:b], *after[d:]])
            if parses(path, text):
                yield Mutant(f"{path}:{c + 1}" + (f"-{d}" if d > c + 1 else ""), {**new, path: text})
            if d - c > b - a and d - c > 1:
                yield from single(path, after, range(c, d), new)


def single(path: str, after: list[bytes], lines: range, new: Mapping[str, bytes]) -> Iterator[Mutant]:
    """One line of several taken out, where what is left still parses."""
    for at in lines:
        text = b"".join([*after[:at], *after[at + 1 :]])
        if not PASSIVE.match(after[at].rstrip(b"\r\n")) and parses(path, text):
            yield Mutant(f"{path}:{at + 1}", {**new, path: text})


def parses(path: str, text: bytes) -> bool:
    """By the grammar, because the project may be written for a newer interpreter than ours; anything goes in a page."""
    return not path.endswith(".py") or not syntax_errors(parse("python", text).root_node)
