"""What one review works with, beside the modules of the program: handed from step to step as one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from buckler.analysis.languages.templates import Templates
from buckler.analysis.libraries.model import LibraryModels
from buckler.base.progress import Progress
from buckler.finding.model import Notice
from buckler.review.memory import Cache, NoCache
from buckler.review.rulebook import RuleBook


@dataclass(slots=True, frozen=True)
class Past:
    """Where results of earlier runs are, and what they depend on beside the files."""

    cache: Cache = field(default_factory=NoCache)
    digest: list[str] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)
    over: Mapping[str, str] = field(default_factory=dict)
    """Files found to take too much, with what it was."""


@dataclass(slots=True, frozen=True)
class ReviewContext:
    book: RuleBook
    tables: Mapping[str, LibraryModels]
    """Library models by language."""
    data: dict[str, bytes]
    """Bytes of the files by path, for findings to quote."""
    templates: Templates
    progress: Progress
    notices: list[Notice]
    """What a reader must know of the review itself; steps add to it."""
    past: Past
    keep: list[object] | None = None
    """Takes in objects that nobody needs to take apart before the process ends."""
