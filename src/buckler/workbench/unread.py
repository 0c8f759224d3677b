"""What looks like code and was not read, because nothing here knows its language: counted by kind and said once.

"No findings" may never mean more than was looked at. Code that nobody reads makes a review partial; scripts that build
and administer, which nearly every project has, are only counted. Which names promise which kind stands in `unread.toml`.

Example::

    kind_of("web/app.ts", b"export const x = 1")     # "TypeScript"
    notices({"TypeScript": 400})[0].text             # "400 TypeScript files were not read: Buckler reads ..."
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from buckler.base.counting import counted
from buckler.base.source import in_tests
from buckler.finding.model import UNREAD, Notice

READS = "Buckler reads Python and JavaScript"
ONLY_TYPES = (".d.ts", ".d.mts", ".d.cts")
"""Declarations; they carry no code."""
MARKUP = b"<"
"""Begins what is called `.ts` and is no TypeScript: the translations of Qt."""


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, tuple[str, bool]]:
    """The kind that each suffix promises, and whether a review is partial without it."""
    table = tomllib.loads(Path(__file__).with_name("unread.toml").read_text("utf-8"))
    return {
        suffix: (kind, group == "source")
        for group, rows in table.items()
        for kind, suffixes in rows.items()
        for suffix in suffixes
    }


def promised(path: str) -> str:
    """The kind of code that a name promises, empty if it is none, or one that is read."""
    name = path.rpartition("/")[2].lower()
    stem, dot, ending = name.rpartition(".")
    return kinds().get(dot + ending, ("", False))[0] if stem and not name.endswith(ONLY_TYPES) else ""


def kind_of(path: str, head: bytes) -> str:
    """The same for a file that begins like this: what is no text is no code."""
    kind = promised(path)
    if b"\0" in head or (kind == "TypeScript" and head.lstrip().startswith(MARKUP)):
        return ""
    return kind


def wanted(path: str, *, include_tests: bool) -> bool:
    """Whether a file of such a kind would have been reviewed."""
    return bool(promised(path)) and (include_tests or not in_tests(path))


def notices(unread: Mapping[str, int]) -> list[Notice]:
    """What to say of it, the most frequent kind first."""
    partial = {kind for kind, source in kinds().values() if source} if unread else set()
    groups = ({k: n for k, n in unread.items() if (k in partial) is which} for which in (True, False))
    return [
        Notice(UNREAD, "", f"{_listed(group)} not read: {READS}", which)
        for which, group in zip((True, False), groups, strict=True)
        if group
    ]


def _listed(group: Mapping[str, int]) -> str:
    """`400 TypeScript files and 1 Vue file were`."""
    ordered = sorted(group.items(), key=lambda item: (-item[1], item[0]))
    *first, last = [counted(number, f"{kind} file") for kind, number in ordered]
    words = f"{', '.join(first)} and {last}" if first else last
    return f"{words} {'was' if sum(group.values()) == 1 else 'were'}"
