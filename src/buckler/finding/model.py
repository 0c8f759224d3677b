"""The nouns every part of Buckler shares; data only, no behavior beyond derived properties.

A `Finding` is the one thing that passes from the engine to whoever reads it. Its grade is derived from
the evidence attached to it and never stored on its own.

Example::

    Finding(rule="sql-injection", severity=Severity.HIGH, ..., flow=(Step(...), Step(...)))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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


class Move(StrEnum):
    """What one operation does with the data it carries; `explain.steps` has the words."""

    SOURCE = "source"
    """Untrusted data comes from what the action names."""
    PARAMETER = "parameter"
    READ = "read"
    """Read from a variable."""
    ASSIGNED = "assigned"
    CHOSEN = "chosen"
    """One of two values is taken."""
    CALL = "call"
    CALLS = "calls"
    """Nothing of the data's, but the program's way: what the action names is called."""
    LOADS = "loads"
    """A module is loaded, which runs it."""
    METHOD = "method"
    ATTRIBUTE = "attribute"
    ITEM = "item"
    """Taken out of a collection."""
    SLICE = "slice"
    EACH = "each"
    """An element while iterating."""
    TEXT = "text"
    """Becomes part of a string."""
    COMBINED = "combined"
    COLLECTED = "collected"
    """Put into a collection that is made here."""
    STORED_ATTRIBUTE = "stored-attribute"
    STORED_ITEM = "stored-item"
    STORED = "stored"
    """Kept in a field or global until another function reads it."""
    PASSED = "passed"
    """Passed to a function of the program."""
    REACHES = "reaches"
    """The sink."""
    SHOWN = "shown"
    """Put into a page by its template."""
    OPAQUE = "opaque"
    """Through syntax that is not understood."""


MIXES = frozenset({Move.TEXT, Move.COMBINED, Move.COLLECTED, Move.SHOWN})
"""Moves whose result is no longer the value alone."""
STORES = frozenset({Move.STORED, Move.STORED_ATTRIBUTE, Move.STORED_ITEM})


@dataclass(slots=True, frozen=True)
class Action:
    """What happens to the data at one operation, and the name that takes part in it as it stands in the code."""

    move: Move
    name: str = ""


@dataclass(slots=True, frozen=True)
class Step:
    """One line on the way of untrusted data from source to sink, with everything that happens to it there."""

    location: Location
    actions: tuple[Action, ...]
    code: str
    """The source line, stripped of indentation."""
    function: str = ""
    """Qualified name of the enclosing function, empty at module level."""

    def names(self, move: Move) -> list[str]:
        """The names that take part in moves of one kind, in their order."""
        return [action.name for action in self.actions if action.move is move]

    def does(self, moves: frozenset[Move]) -> bool:
        return any(action.move in moves for action in self.actions)


@dataclass(slots=True, frozen=True)
class Source:
    """Where untrusted data enters and who controls it."""

    kind: str
    """remote, api, cli, file, environment, database, network, archive, message, model."""
    name: str
    """What it is read from, or the name of the parameter that brings it."""
    parameter: bool = False
    """It comes in as a parameter."""
    function: str = ""
    """The function whose parameter it is, where callers of the package bring it."""


@dataclass(slots=True, frozen=True)
class Growth:
    """A string on which a regular expression takes long: `prefix + pump * n + suffix`."""

    pump: str
    prefix: str = ""
    suffix: str = ""
    degree: int = 0
    """The power of n by which the time grows; 0 where it doubles with each repetition."""

    @property
    def expression(self) -> str:
        """The string as a Python expression of `n`."""
        before = f"{self.prefix!r} + " if self.prefix else ""
        after = f" + {self.suffix!r}" if self.suffix else ""
        return f"{before}{self.pump!r} * n{after}"


class Reach(StrEnum):
    """Whether the project's code gets to the vulnerable function of a dependency; the worst first."""

    UNTRUSTED = "reachable with untrusted data"
    REACHABLE = "reachable"
    UNKNOWN = "unknown"
    NOT_REACHABLE = "not reachable"


@dataclass(slots=True, frozen=True)
class DependencyFacts:
    """What is known of a flaw that somebody published, and of the release that has it."""

    purl: str
    """The release, as the package URL standard writes it."""
    advisory: str
    """What the flaw is called first: CVE, GHSA, ..."""
    aliases: tuple[str, ...] = ()
    """Its other names."""
    fixed: str = ""
    """The smallest later version of which nothing is known; empty if there is none."""
    chain: tuple[str, ...] = ()
    """Package URLs from what the project asks for itself to this release."""
    scope: str = "runtime"
    """What the release is needed for: runtime, optional, development, build."""
    reach: Reach = Reach.UNKNOWN
    reason: str = ""
    """What was searched, or why nobody knows."""
    path: tuple[Step, ...] = ()
    """Calls from an entry of the project to the vulnerable function."""
    symbols: tuple[str, ...] = ()
    """The vulnerable functions, dotted."""


@dataclass(slots=True, frozen=True)
class Facts:
    """What was seen at the place of a finding, for whoever fixes or proves it; nobody reads it from its sentences."""

    sink: str = ""
    """Dotted name of what is called or reached, empty where there is none."""
    growth: Growth | None = None
    growths: tuple[Growth, ...] = ()
    """More such strings, where it is not known which expression is used."""
    dependency: DependencyFacts | None = None


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
    facts: Facts = Facts()
    approximations: tuple[str, ...] = ()
    """Marks of imprecision on the path: by-name, unknown-call, widened, ..."""
    language: str = ""

    @property
    def grade(self) -> Grade:
        return Grade.TRACED if self.flow else Grade.MATCHED

    @property
    def way(self) -> tuple[Step, ...]:
        """The way of untrusted data or, of a flaw in a dependency that no data was followed to, of the calls."""
        return self.flow or (self.facts.dependency.path if self.facts.dependency else ())


HIDDEN = "hidden"
"""The kind of notice which says what the reviewed tree itself took out of view."""
NO_SOURCE = "no-source"
UNREAD = "unread"
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
    packages: int = 0
    """Releases that were held against advisories."""

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
    about: str = ""
    """path, url, argument or command, whose checks the analysis knows; empty for anything else."""
    denied: tuple[str, ...] | None = None
    """Texts an exploit cannot do without: a value known not to contain one is harmless. None: as is usual."""
    removed: tuple[str, ...] | None = None
    """Texts of which it is enough to take them out everywhere. None: as is usual."""
    safe_characters: str | None = "-"
    """Beside letters, digits and `_` what a harmless text may hold; None if any word can do harm."""
    feared_characters: str = ""
    """A text that holds none of these is harmless, whatever else it holds."""
    bounded: bool = False
    """A limit on the value settles it."""
    own_user: bool = False
    """It matters even where the data comes from whoever started the program."""
    becomes: str = ""
    """The rule that is broken instead where the argument is a command line for a shell."""
    chosen_with: str = ""
    """The rule about a file's name: who breaks it chooses what stands in the file too."""
    secret: bool = False
    """It is about secrets that go out."""
    api: str = "any"
    context_words: str = ""
    """Words beside the place without which a finding is only of `default_severity`."""
    default_severity: Severity = Severity.LOW
    opt_in_words: str = ""
    """Words in a condition around the place that make it an option somebody asked for: the finding is a note."""
    harmless: str = ""
    """Words beside the place that name a protocol which leaves no choice, or a use that needs no more: a note."""
    known_as: tuple[str, ...] = ()
    """Parts of words, in lower case, by which reports of people and other tools name it."""
    related: tuple[str, ...] = ()
    """Other weaknesses that make this one grave where they meet."""
    trusts_store: bool = False
    """It says little of what the program itself has put into its store."""
    formed_by_libraries: bool = False
    """It is about text that libraries put together and quote by themselves, in calls nobody here knows."""
    answers: bool = False
    """Only an answer that a browser shows as a page is a flaw."""
    internal_names: str = ""
    """Words of a query that asks the database for names the program gave itself: the finding is a note."""
    purpose: str = ""
    """Names of parameters and functions which say that this is what they are for: the finding is a note."""
    by_language: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Sentences that are said otherwise about a language, by their name: `{"javascript": {"fix": …}}`."""

    def in_language(self, language: str) -> Rule:
        """The rule as it speaks about a language."""
        said = self.by_language.get(language)
        if not said:
            return self
        return replace(self, attacker=said.get("attacker", self.attacker), fix=said.get("fix", self.fix))
