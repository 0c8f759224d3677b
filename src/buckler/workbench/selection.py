"""What is read and what is left out: limits, default excludes, tests, minified files.

The same questions are asked of folders, archives and old revisions, so the answers stand here once.

Example::

    Selection(Limits(exclude=("migrations/",))).excludes("shop/migrations/0001.py")   # True
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.errors import ConfigError
from buckler.base.source import SourceFile
from buckler.finding.model import Notice

EXCLUDED_FOLDERS = frozenset({
    ".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    "__pycache__", "node_modules", "bower_components", "site-packages", "build", "dist", ".eggs",
})  # fmt: skip
EXCLUDED_NAMES = re.compile(r".*\.egg-info|.*\.min\.m?js|.*\.bundle\.js")
TEST_FOLDERS = frozenset({"tests", "test", "testing", "__tests__"})
TEST_NAMES = re.compile(
    r"test_.*\.py|.*_tests?\.py|tests\.py|conftest\.py|testing\.py|.*\.(?:test|spec)\.(?:[cm]?js|jsx)"
)

MOST_STARS = 3
"""In one part of a path, and of `**` in one pattern: each more multiplies what a hostile pattern costs."""

MINIFIED_SIZE = 5_000
MINIFIED_LINE = 500


@dataclass(slots=True, frozen=True)
class Limits:
    """How much to read, and what not to."""

    exclude: tuple[str, ...] = ()
    """Patterns as in `.gitignore`."""
    ignore_files: bool = True
    """Whether `.gitignore` files of the tree are obeyed."""
    include_tests: bool = False
    max_file_size: int = MAX_FILE_SIZE
    max_total: int = 1_000_000_000
    """Bytes unpacked from one archive."""
    max_members: int = 200_000
    max_ratio: int = 200
    """Bytes unpacked for each byte of archive, once past `free`."""
    free: int = 50_000_000


@dataclass(slots=True)
class Inputs:
    """The files of a review and what there is to say about the rest."""

    root: Path
    name: str
    files: list[SourceFile] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    """Files of code in languages that nothing here reads, by kind."""

    def note(self, kind: str, path: str, text: str, *, partial: bool) -> None:
        self.notices.append(Notice(kind, path, text, partial))


class Verdict(Protocol):
    """What patterns say of one path."""

    @property
    def include(self) -> bool | None: ...


class Patterns(Protocol):
    """Patterns as in `.gitignore`."""

    def match_file(self, file: str) -> bool: ...

    def check_file(self, file: str) -> Verdict: ...


def patterns(lines: Iterable[str]) -> Patterns:
    """Patterns from their text; what reads them is loaded only when there are some."""
    read: Patterns = import_module("pathspec").GitIgnoreSpec.from_lines(lines)
    return read


def tree_patterns(lines: Sequence[str]) -> tuple[Patterns, list[str]]:
    """Patterns that somebody else wrote, and those of them that would take too long to match."""
    slow = [text for text in lines if _stars(text) > MOST_STARS]
    return patterns([text for text in lines if text not in slow]), slow


def _stars(pattern: str) -> int:
    parts = pattern.split("/")
    return max(parts.count("**"), *(len(re.findall(r"\*+", part)) for part in parts))


class Selection:
    """Answers by path; compiled once per review."""

    __slots__ = ("_include_tests", "_own")

    def __init__(self, limits: Limits) -> None:
        try:
            self._own = patterns(limits.exclude) if limits.exclude else None
        except ValueError as error:
            raise ConfigError(f"not a pattern as in .gitignore: {error}", where="exclude") from error
        self._include_tests = limits.include_tests

    def excludes_folder(self, path: str) -> bool:
        """True for a folder nothing below which is wanted."""
        name = path.rsplit("/", 1)[-1]
        if name in EXCLUDED_FOLDERS or EXCLUDED_NAMES.fullmatch(name) or self._named(f"{path}/"):
            return True
        return name in TEST_FOLDERS and not self._include_tests

    def excludes_file(self, path: str) -> bool:
        """True for a file that is not wanted, given that its folders are."""
        name = path.rsplit("/", 1)[-1]
        if EXCLUDED_NAMES.fullmatch(name) or self._named(path):
            return True
        return not self._include_tests and TEST_NAMES.fullmatch(name) is not None

    def _named(self, path: str) -> bool:
        return self._own is not None and self._own.match_file(path)

    def excludes(self, path: str) -> bool:
        """True if the file or any folder above it is not wanted."""
        folders = path.split("/")[:-1]
        above = ("/".join(folders[: depth + 1]) for depth in range(len(folders)))
        return any(self.excludes_folder(folder) for folder in above) or self.excludes_file(path)


def too_large(path: str, size: int, limits: Limits) -> Notice:
    text = f"{size:,} bytes is above the limit of {limits.max_file_size:,}; raise max-file-size to review it"
    return Notice("too-large", path, text, partial=True)


def looks_minified(language: str, data: bytes) -> bool:
    """True for JavaScript nobody wrote: long, with very long lines."""
    if language != "javascript" or len(data) < MINIFIED_SIZE:
        return False
    return len(data) / (data.count(b"\n") + 1) > MINIFIED_LINE


def minified(path: str) -> Notice:
    text = "looks minified and was left out; name the file itself to review it"
    return Notice("minified", path, text, partial=False)
