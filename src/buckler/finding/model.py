"""The nouns every part of Buckler shares; data only, no behaviour beyond derived properties.

A `Finding` is the one thing that passes from the engine to whoever reads it. Its grade is derived from
the evidence attached to it and never stored on its own.

Example::

    Finding(rule="sql-injection", severity=Severity.HIGH, ..., flow=(Step(...), Step(...)))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How bad it is if true; ordered so that `max` is the worst."""

    NOTE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Grade(StrEnum):
    """The rung of evidence, each earned by a mechanical check."""

    CLAIMED = "claimed"
    MATCHED = "matched"
    TRACED = "traced"
    REPRODUCED = "reproduced"
    FIXED = "fixed"


@dataclass(slots=True, frozen=True, order=True)
class Location:
    """A stretch of one file; lines and columns count from 1, the end column is exclusive.

    `path` is relative to the root of what was reviewed, with `/` separators.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(slots=True, frozen=True)
class Step:
    """One hop of untrusted data on its way from source to sink."""

    location: Location
    text: str
    """What happens here, in a few words: "reads the query parameter", "passed to `run()`"."""
    code: str
    """The source line, stripped of indentation."""
    function: str = ""
    """Qualified name of the enclosing function, empty at module level."""


@dataclass(slots=True, frozen=True)
class Source:
    """Where untrusted data enters and who controls it."""

    kind: str
    """remote, api, cli, file, environment, database, network, archive, message, model."""
    text: str


@dataclass(slots=True, frozen=True)
class Finding:
    """One flaw at one place, with the path that leads there."""

    rule: str
    title: str
    severity: Severity
    cwe: tuple[int, ...]
    location: Location
    message: str
    """One sentence naming source and sink."""
    attacker: str
    """One plain sentence: what an attacker can do."""
    fix: str
    code: str
    """The source line at `location`."""
    function: str
    fingerprint: str
    """Stable under moved lines: hash of rule, path, function, normalised code and an ordinal."""
    flow: tuple[Step, ...] = ()
    """From source to sink; empty for findings without data flow."""
    source: Source | None = None
    approximations: tuple[str, ...] = ()
    """Marks of imprecision on the path: by-name, unknown-call, widened, ..."""
    language: str = ""

    @property
    def grade(self) -> Grade:
        return Grade.TRACED if self.flow else Grade.MATCHED


HIDDEN = "hidden"
"""The kind of notice which says what the reviewed tree itself took out of view."""
NO_SOURCE = "no-source"
"""The kind of notice which says that nothing was there to review."""


@dataclass(slots=True, frozen=True)
class Notice:
    """Something about the review itself a reader must know: a file skipped, a budget reached."""

    kind: str
    """unreadable, undecodable, too-large, syntax, archive, budget, worker, cache, suppression, ..."""
    path: str
    text: str
    partial: bool
    """True when part of the input was not reviewed because of it."""


@dataclass(slots=True, frozen=True)
class Suppressed:
    """A finding somebody decided not to see, and why."""

    finding: Finding
    reason: str
    by: str
    """inline, baseline, configuration."""
    where: str = ""
    """The file in which the reviewed tree itself decided so; empty for a decision of whoever asked for the review."""

    @property
    def accepted(self) -> bool:
        """Whether somebody stands for it: who asked for the review, or a comment beside the very line."""
        return not self.where or self.by == "inline"


@dataclass(slots=True)
class Review:
    """The result of one run of `buckler review`."""

    root: str
    """Display name of what was reviewed."""
    findings: list[Finding] = field(default_factory=list)
    """Worst first; among equals the most exposed and least guessed, then by path and line."""
    suppressed: list[Suppressed] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    files: int = 0
    lines: int = 0
    functions: int = 0
    broken: int = 0
    """Files with places that are no valid syntax; around them everything was reviewed."""
    languages: dict[str, int] = field(default_factory=dict)
    """Files per language."""
    opaque: dict[str, int] = field(default_factory=dict)
    """Syntax node kinds the front end did not understand, with counts."""
    seconds: float = 0.0
    rules: int = 0
    """Rules that were applied."""

    @property
    def partial(self) -> bool:
        return any(n.partial for n in self.notices)

    @property
    def hidden(self) -> list[Suppressed]:
        """What the reviewed tree itself took out of view."""
        return [item for item in self.suppressed if item.where]


@dataclass(slots=True, frozen=True)
class Rule:
    """A rule's head and prose, as loaded from its Markdown file (see docs/rule-format.md)."""

    id: str
    title: str
    family: str
    cwe: tuple[int, ...]
    severity: Severity
    kind: str
    message: str
    attacker: str
    fix: str
    prose: str
    references: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """Ids the rule had before; what was written with them still counts."""
    text: bool = True
    shape: str = "any"
    api: str = "any"
    context_words: str = ""
    """Words beside the place without which a finding is only of `default_severity`."""
    default_severity: Severity = Severity.LOW
    opt_in_words: str = ""
    """Words in a condition around the place that make it an option somebody asked for: the finding is a note."""
    harmless: str = ""
    """Words beside the place that name a protocol which leaves no choice, or a use that needs no more: a note."""
    answers: bool = False
    """Only an answer that a browser shows as a page is a flaw."""
    internal_names: str = ""
    """Words of a query that asks the database for names the program gave itself: the finding is a note."""
    purpose: str = ""
    """Names of parameters and functions which say that this is what they are for: the finding is a note."""
