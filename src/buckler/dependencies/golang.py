"""Files of Go: lines of words, some of them in blocks.

Example::

    list(directives(Text("go.mod", "require (\\n\\tgolang.org/x/text v0.3.0 // indirect\\n)\\n")))
    # [Directive("require", ("golang.org/x/text", "v0.3.0"), 2, "indirect")]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from buckler.dependencies.documents.text import Text

WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`|([^\s"`]+)')
VERSION = re.compile(r"(?:go)?(\d+(?:\.\d+)*(?:(?:rc|beta|alpha)\d+)?)(?:[-+]\S*)?$")
RELEASE = re.compile(r"\d+\.\d+(?:\.\d+|(?:rc|beta|alpha)\d+)")
"""A version of Go that is a release; one of two numbers is a version of the language."""
STANDARD_LIBRARY = "stdlib"
"""As the advisories of Go call it."""


@dataclass(slots=True, frozen=True)
class Directive:
    """One line, with the word of the block it stands in."""

    verb: str
    words: tuple[str, ...]
    line: int
    comment: str = ""

    @property
    def indirect(self) -> bool:
        return self.comment.partition(";")[0].strip() == "indirect"


def directives(text: Text) -> Iterator[Directive]:
    """Every line that says something."""
    block = ""
    for number, row in enumerate(text.lines, 1):
        code, _, comment = _divided(row)
        words = tuple(found[1] or found[2] or found[3] or "" for found in WORD.finditer(code))
        if not words:
            continue
        if block:
            if words == (")",):
                block = ""
            else:
                yield Directive(block, words, number, comment.strip())
        elif words[-1] == "(" and len(words) == 2:
            block = words[0]
        else:
            yield Directive(words[0], words[1:], number, comment.strip())


def _divided(row: str) -> tuple[str, str, str]:
    """Code and comment; the slashes of an address are no comment."""
    if row.lstrip().startswith("//"):
        return "", "//", row.lstrip()[2:]
    return row.partition(" //") if " //" in row else row.partition("\t//")


def version_of(written: str) -> str:
    """The version of Go that a directive names, empty if it names none."""
    found = VERSION.match(written)
    return found[1] if found is not None else ""


def is_release(version: str) -> bool:
    """Whether a version says which standard library comes with it."""
    return RELEASE.fullmatch(version) is not None
