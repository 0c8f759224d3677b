"""The one place that knows how the engine is called.

The rest of the workbench sees `Engine`: files in, `Review` out. Tests hand in one of their own.

Example::

    review = run_engine(inputs.files, Order(book, knowledge=(), cache=cache, jobs=0, progress=Silent()))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from buckler.analysis.knowledge.grammar import KnowledgeError
from buckler.base.errors import BrokenInvariant, InputError
from buckler.base.progress import Progress
from buckler.base.source import SourceFile
from buckler.finding.model import Review
from buckler.review.rulebook import RuleBook, RuleError, load_rules


class Memory(Protocol):
    """What the engine asks of a cache; `store.Cache` is one."""

    def get_many(self, layer: str, keys: Iterable[bytes]) -> dict[bytes, bytes]: ...

    def put_many(self, layer: str, values: Mapping[bytes, bytes]) -> None: ...


@dataclass(slots=True, frozen=True)
class Order:
    """Everything the engine needs beside the files."""

    rules: RuleBook
    knowledge: tuple[Path, ...]
    """Folders with tables of the user's own."""
    cache: Memory
    jobs: int
    """0: as many as there are cores."""
    progress: Progress


Engine = Callable[[Sequence[SourceFile], Order], Review]


def run_engine(files: Sequence[SourceFile], order: Order) -> Review:
    """Review the files."""
    try:
        review_tree = import_module("buckler.review.run").review_tree
    except ModuleNotFoundError as error:
        raise BrokenInvariant("this build has no analysis engine (buckler.review.run)") from error
    try:
        review = review_tree(
            files,
            rules=order.rules,
            knowledge=order.knowledge,
            cache=order.cache,
            jobs=order.jobs,
            progress=order.progress,
        )
    except KnowledgeError as error:
        raise InputError(str(error)) from error
    return cast(Review, review)


def read_rules(folders: Sequence[Path]) -> RuleBook:
    """The built-in rules and the user's own."""
    try:
        return load_rules(folders)
    except RuleError as error:
        raise InputError(str(error)) from error
