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

LANGUAGES = {
    ".py": "python",
    ".pyi": "python",
    ".pyw": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".html": "template",
    ".htm": "template",
    ".jinja": "template",
    ".jinja2": "template",
    ".j2": "template",
    ".tpl": "template",
}

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
        return as_utf8(data) if self.language == "python" else data


def language_of(path: str) -> str:
    """The language a file name promises, empty if it is none of ours."""
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    return LANGUAGES.get(dot + ending.lower(), "") if stem else ""


@lru_cache(maxsize=65536)
def in_tests(path: str) -> bool:
    """Test, example and benchmark code, by the names of files and folders."""
    return TEST.search(path) is not None
