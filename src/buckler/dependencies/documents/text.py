"""The text of a manifest, and where in it something stands.

Every requirement cites its line, so every parser here keeps lines. Files of strangers come in any encoding: a
`requirements.txt` written by a Windows shell is UTF-16, and a byte that is no UTF-8 becomes the replacement character,
which no package name may hold.

Example::

    text = Text("requirements.txt", "flask==2.0\\nrequests\\n")
    text.location(2)     # Location("requirements.txt", 2, 1, 2, 9)
    text.code(2)         # "requests"
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from functools import cached_property

from buckler.finding.model import Location

LONGEST_CODE = 300
"""Letters of a line that are kept; a minified lockfile is one line."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""A byte order mark and the encoding it announces; the longer ones before those they begin with."""


class Damaged(ValueError):
    """A file is not of its format; the message says what is wrong, `line` where, if that is known."""

    def __init__(self, what: str, line: int = 0) -> None:
        self.line = line
        super().__init__(what)


class Text:
    """A decoded file; lines count from 1."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @classmethod
    def of(cls, path: str, data: bytes) -> Text:
        """Decodes; raises `Damaged` for what is no text."""
        return cls(path, decoded(data))

    @cached_property
    def lines(self) -> list[str]:
        """Divided at line feeds only, as every parser here counts."""
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for line in self.lines:
            starts.append(at)
            at += len(line) + 1
        return starts

    def line_at(self, offset: int) -> int:
        """The line in which a letter stands."""
        return bisect_right(self._starts, offset)

    def location(self, line: int) -> Location:
        """All of a line but its indentation."""
        row = self._row(line)
        bare = row.strip()
        column = len(row) - len(row.lstrip()) + 1
        return Location(self.path, max(line, 1), column, max(line, 1), column + len(bare))

    def code(self, line: int) -> str:
        return self._row(line).strip()[:LONGEST_CODE]

    def _row(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""


def decoded(data: bytes) -> str:
    """The text without byte order mark; raises `Damaged` if it holds zero bytes, as no text does."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            break
    else:
        text = data.decode("utf-8", "replace")
    if "\0" in text:
        raise Damaged("is not text: it holds zero bytes", text.count("\n", 0, text.index("\0")) + 1)
    return text
