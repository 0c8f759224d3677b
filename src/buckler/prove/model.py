"""How an attack gets in, what is sent, and how its effect is observed: the parts every emitted test is put together from.

An `EntryDriver` is code that carries one value to the entry point; an `Attack` is an expression for such a value; an
`Oracle` brings the code that tells the effect. The same code is run to find out what works and printed as the test.

Example::

    EntryDriver(entry="GET /search, query parameter `q`", exposure=Exposure.REMOTE,
             imports=("from shop.app import app",), send='return app.test_client().get("/search", query_string={"q": value})')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from buckler.finding.evidence import Exposure, ProofKind
from buckler.finding.model import Growth
from buckler.prove.cutting import parameters
from buckler.prove.probe_file import ProbeFile

SAYS: dict[ProofKind, str] = {
    ProofKind.EXPLOIT: "EXPLOITED",
    ProofKind.PROPERTY: "VIOLATED",
    ProofKind.CONFIGURATION: "WRITTEN DOWN",
}
"""The word by which the assertion of a test says what it has seen."""


@dataclass(slots=True, frozen=True)
class EntryDriver:
    """An entry driver: statements that send one `value` to the entry point."""

    entry: str
    exposure: Exposure
    imports: tuple[str, ...]
    send: str
    """Body of `send(value)`, ending in `return …`."""
    setup: str = ""
    """Statements at the top of the test file, after the imports."""
    text: str = "str(answer)"
    """Expression for all the text that comes back, of an `answer`."""
    status: str = ""
    """Expression for the status of an answer; empty when it has none."""
    headers: str = ""
    """Expression for a mapping with the headers of an answer."""
    cookies: str = ""
    """Expression for the lines of an answer that set cookies; empty when it has none."""
    fixtures: tuple[str, ...] = ()
    """Fixtures of the project that `send` takes before `value`."""
    folder: str = ""
    """Where those fixtures are found: the folder of the project's tests."""
    assumptions: tuple[str, ...] = ()
    encoding: str = "{}"
    """Expression around the value: what the code takes off again before using it."""
    kind: str = "str"
    """`str` or `bytes`: what the entry point takes."""


@dataclass(slots=True, frozen=True)
class Attack:
    """One thing to send: an expression that may use the fixtures of its oracle."""

    value: str
    """A Python expression."""
    label: str
    """What is special about it, in a few words."""


@dataclass(slots=True, frozen=True)
class SinkContext:
    """What was seen when a mark travelled to the line: what attacks are cut to fit."""

    approach: EntryDriver
    mark: str
    events: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Audit events that held the mark, with their arguments as text."""
    code: str = ""
    """The source line at the sink."""
    near: tuple[str, ...] = ()
    """The statement around the sink and what leads to it."""
    neighbours: tuple[str, ...] = ()
    """Names of files in the folder that the mark was put behind, if it was."""
    path: str = ""
    """The file of the finding."""
    function: str = ""
    """The function of the finding; empty at the top of a file."""
    growth: Growth | None = None
    """The string the review names for a slow regular expression."""
    growths: tuple[Growth, ...] = ()
    """More such strings, whose time grows in the same manner."""
    source: str = ""
    """The text of that file."""
    literal: str | bytes | None = None
    """The literal at the place of the finding, if one stands there."""


@dataclass(slots=True, frozen=True)
class Probe:
    """Functions of a probe file that become tests, with the constants of the file set to what this proof is about.

    The test is the body of `attack`, in which `VALUE` of `probes/sending.py` stands for what is sent and `BENIGN` for
    benign input; it must end in an assertion whose words begin with what `SAYS` has for what is shown. The parameters
    are the fixtures it takes.
    """

    file: Path
    attack: str = "attack"
    counterpart: str = ""
    """The test that shows that the watch reports code that does it wrong, and nothing for code that does it right.
    Needed where benign input is all that is sent, so that benign input cannot be the control."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Expressions for constants of the file, by name."""
    watches: bool = False
    """It tells of calls; only those count that the line of the finding makes."""

    @property
    def functions(self) -> tuple[str, ...]:
        return (self.attack, self.counterpart) if self.counterpart else (self.attack,)

    @property
    def fixtures(self) -> tuple[str, ...]:
        """Fixtures that the attack takes."""
        return parameters(ProbeFile.load(self.file), self.attack)


Choice = Callable[[SinkContext], list[Attack]]
"""What is sent, once it is known what the sink looks like."""


@dataclass(slots=True, frozen=True)
class Oracle:
    """How one kind of effect is observed, and what is sent to cause it."""

    shown: ProofKind
    effect: str
    """What the attack did, in words."""
    probe: Probe
    attacks: Choice
    benign: Choice
    """Benign values, the best first."""
    imports: tuple[str, ...] = ()
    """What the expressions of values mention, beside fixtures."""
    fresh: str = ""
    """What a sound repair changes in an answer, in words; the words of the answer are then not held against before."""
    domain: str = "[a-z]{1,8}( [a-z]{1,8})?"
    """A regular expression for benign values, from which a patch is compared with what was there before."""
    needs: tuple[str, ...] = ()
    """Fixtures that benign input needs as well."""
    same: str = "{}"
    """Expression around a text that comes back, under which equal texts mean the same to their reader."""


class Place(Enum):
    """Where what a finding is about does its harm."""

    LINE = "the line itself"
    DECORATED = "the function below a decorator"
    FUNCTION = "the whole function"
    USE = "the first use of what the line makes"


class Way(Enum):
    """Which entry points are tried."""

    ANY = "requests, command lines and calls"
    START = "the start of the program"
    PRINCIPALS = "requests of a user who has logged in and of an unauthenticated user"


@dataclass(slots=True, frozen=True)
class ProofRecipe:
    """What the room of a weakness says about proving it."""

    oracles: Callable[[SinkContext], list[Oracle]]
    """The effects to look for, the first that fits best."""
    by_line: bool = False
    """It is about what a line does with any input: the line has to run, nothing has to travel there."""
    compares: bool = False
    """The line makes a comparison; that it runs is not enough, as something before it in the line may decide."""
    which: int = 0
    """Which of the comparisons of its line is meant, which depends on the finding."""
    place: Place = Place.LINE
    way: Way = Way.ANY
    document: str = ""
    """Ending of the files that hold the attack, where that is a document, which many functions want in a file."""
    archive: bool = False
    """What is untrusted is a member of an archive."""
    afresh: bool = False
    """It is about how an application is set up, which shows in the answer to any request of a new one."""
    header: str = ""
    """The header in which the value is sent, where only a browser's own says anything."""
    with_cookie: bool = False
    """The request is that of somebody who has a cookie; without one there is nothing to protect."""
    slashes: bool = False
    """Slashes of the value stay slashes in an address."""


Recipes = Callable[[str], "ProofRecipe | None"]
"""How to prove a weakness, by its id."""


def always(*oracles: Oracle) -> ProofRecipe:
    """A recipe with the same oracles for every sink."""
    return ProofRecipe(lambda _: [*oracles])


def texts(*rows: tuple[str, str]) -> Choice:
    """The same texts for every sink: (what is sent, what is special about it)."""
    return lambda _: [Attack(repr(text), label) for text, label in rows]


def filled(*rows: tuple[str, str]) -> Choice:
    """The same with fixtures in braces: `touch {marker}`."""
    return lambda _: [Attack(f"f{text!r}", label) for text, label in rows]


def encoded(approach: EntryDriver, value: str) -> str:
    """The expression for a value with the approach's encoding around it."""
    return approach.encoding.replace("{}", value)
