"""A file to review, wherever it lives: on disk, in an archive, in an old revision.

Only disk files are read late; members of archives and blobs of revisions carry their bytes, so nothing
hostile is ever written to disk and a file can be sent to a worker process as it is.

Example::

    SourceFile("shop/db.py", "python", absolute=Path("/src/shop/db.py")).read()
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from buckler.base.encodings import as_utf8
from buckler.base.languages import LANGUAGES

TEMPLATES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".tpl")
BY_SUFFIX = {suffix: card.name for card in LANGUAGES.values() for suffix in card.suffixes}
BY_SUFFIX |= dict.fromkeys(TEMPLATES, "template")

HEAD = 2048
"""Bytes of a file that tell what it is."""
INTERPRETERS = {
    b"python": "python", b"pythonw": "python", b"pypy": "python", b"node": "javascript", b"nodejs": "javascript",
}  # fmt: skip

MANIFESTS = {name: card.name for card in LANGUAGES.values() for name in card.manifests}
"""Files without code that say by which names the files of a project are imported."""

TEST = re.compile(r"(?:^|/)(?:(?:__)?tests?(?:__)?|test_[^/]*|[^/]*[_.](?:test|spec)|conftest)(?:\.\w+$|/)", re.I)


@dataclass(slots=True, frozen=True)
class SourceFile:
    """`path` is relative to the root of the review with `/` separators; exactly one of the others is set."""

    path: str
    language: str
    absolute: Path | None = None
    data: bytes | None = None

    def read(self) -> bytes:
        """The bytes; raises OSError if the file has gone."""
        if self.data is not None:
            return self.data
        assert self.absolute is not None, self.path
        return self.absolute.read_bytes()

    def text(self) -> bytes:
        """The same as its language reads it, in UTF-8; raises OSError, too, for an encoding that is not read."""
        data = self.read()
        card = LANGUAGES.get(self.language)
        return as_utf8(data) if card is not None and card.declares_encoding else data


def language_of(path: str) -> str:
    """The language a file name promises, empty if it is none of ours."""
    name = path.rpartition("/")[2]
    if name in MANIFESTS:
        return MANIFESTS[name]
    stem, dot, ending = name.rpartition(".")
    return BY_SUFFIX.get(dot + ending.lower(), "") if stem else ""


def is_manifest(path: str) -> bool:
    return path.rpartition("/")[2] in MANIFESTS


def bare(path: str) -> bool:
    """Whether a file name has no suffix, as those of scripts."""
    return "." not in path.rpartition("/")[2]


def language_of_script(head: bytes) -> str:
    """The language of a file that begins like this, by its `#!` line; empty if it has none, or is no text."""
    if not head.startswith(b"#!") or b"\0" in head:
        return ""
    words = [word.removeprefix(b"-S") for word in head[2:].split(b"\n", 1)[0].split()]
    if words and words[0].endswith(b"/env"):
        words = [word for word in words[1:] if word and not word.startswith(b"-") and b"=" not in word]
    return INTERPRETERS.get(words[0].rpartition(b"/")[2].rstrip(b"0123456789."), "") if words else ""


@lru_cache(maxsize=65536)
def in_tests(path: str) -> bool:
    """Test, example and benchmark code, by the names of files and folders."""
    return TEST.search(path) is not None
