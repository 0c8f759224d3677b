"""The one place that knows how the engine is called.

The rest of the workbench sees `Engine`: files in, `Review` out. Tests hand in one of their own.

Example::

    review = run_engine(inputs.files, Order(book, libraries=(), cache=cache, jobs=0, progress=Silent()))
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from buckler.analysis.libraries.load import LibraryError, Resolve, find_libraries
from buckler.analysis.syntax.load import GRAMMARS
from buckler.base.errors import ConfigError, InputError
from buckler.base.progress import Progress
from buckler.base.source import SourceFile
from buckler.finding.model import Review
from buckler.review.memory import Cache
from buckler.review.rulebook import RuleBook, RuleError
from buckler.review.run import review_tree
from buckler.weaknesses.registry import rulebook


@dataclass(slots=True, frozen=True)
class Order:
    """Everything the engine needs beside the files."""

    rules: RuleBook
    libraries: tuple[Path, ...]
    """Folders with tables of the user's own."""
    cache: Cache
    jobs: int
    """0: as many as there are cores."""
    progress: Progress


LISTED = "'buckler rules' lists them"
Engine = Callable[[Sequence[SourceFile], Order], Review]


_LAST: list[object] = []
"""Objects of the review before, freed only when another begins: the command line ends without taking them apart."""


def kept() -> list[object]:
    if _LAST:
        _LAST.clear()
        gc.collect()  # the command line leaves the collector off, and two programs need not fit into memory
    return _LAST


def run_engine(files: Sequence[SourceFile], order: Order) -> Review:
    """Review the files."""
    try:
        named = rule_named(order.rules)
        spoken = sorted({file.language for file in files} & GRAMMARS.keys())
        return review_tree(
            files,
            book=order.rules,
            tables={language: find_libraries(language, order.libraries, named) for language in spoken},
            cache=order.cache,
            jobs=order.jobs,
            progress=order.progress,
            keep=kept(),
        )
    except LibraryError as error:
        raise InputError(str(error)) from error


def read_rules(folders: Sequence[Path]) -> RuleBook:
    """The built-in rules and the user's own."""
    try:
        return rulebook(folders)
    except RuleError as error:
        raise InputError(str(error)) from error


def rule_named(book: RuleBook) -> Resolve:
    """What a library model means by the id of a rule."""

    @cache
    def resolve(rule: str) -> str:
        for _, near in book.unknown([rule]):
            raise LibraryError(f"there is no rule '{rule}'; " + (f"did you mean '{near}'?" if near else LISTED))
        return book.current(rule)

    return resolve


def current_ids(book: RuleBook, ids: Iterable[str], where: str = "") -> tuple[str, ...]:
    """Ids as the rules are called now; raises `ConfigError` for one that no rule has or had, with the nearest."""
    named = tuple(ids)
    for rule, near in book.unknown(named):
        remedy = f"did you mean '{near}'?" if near else LISTED
        raise ConfigError(f"no rule '{rule}'", where=where, remedy=remedy)
    return tuple(map(book.current, named))
