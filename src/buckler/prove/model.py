"""How an attack gets in, what is sent, and how its effect is told: the parts every emitted test is put together from.

An `EntryDriver` is code that carries one value to the entry point; an `Attack` is an expression for such a value; an
`Oracle` brings the code that tells the effect. The same code is run to find out what works and printed as the test.

Example::

    EntryDriver(entry="GET /search, query parameter `q`", exposure=Exposure.REMOTE,
             imports=("from shop.app import app",), send='return app.test_client().get("/search", query_string={"q": value})')
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from buckler.finding.evidence import Exposure, ProofKind
from buckler.finding.model import Growth

SAYS: dict[ProofKind, str] = {
    ProofKind.EXPLOIT: "EXPLOITED",
    ProofKind.PROPERTY: "VIOLATED",
    ProofKind.CONFIGURATION: "WRITTEN DOWN",
}
"""The word by which the assertion of a test says what it has seen."""


@dataclass(slots=True, frozen=True)
class EntryDriver:
    """A way in: statements that send one `value` to the entry point."""

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
    source: str = ""
    """The text of that file."""
    literal: str | bytes | None = None
    """The literal at the place of the finding, if one stands there."""


@dataclass(slots=True, frozen=True)
class Oracle:
    """How one kind of effect is told, as code for a test file.

    The body of a test is `attack`, with `VALUE` for the expression that is sent; it must end in an assertion whose
    words begin with what `SAYS` has for what is shown. `benign` is the body that shows ordinary input still works.
    """

    name: str
    shown: ProofKind
    effect: str
    """What the attack did, in words."""
    imports: tuple[str, ...]
    helpers: str
    fixtures: tuple[str, ...]
    """Fixtures that the attack takes."""
    attack: str
    attacks: Callable[[SinkContext], list[Attack]]
    benign: Callable[[SinkContext], list[Attack]]
    """Ordinary values, the best first."""
    counterpart: str = ""
    """Body of a test that shows the watch is silent about code that does it right, and speaks about code that does not.
    Needed where ordinary input is all that is sent, so that ordinary input cannot be the control."""
    fresh: str = ""
    """What a sound repair changes in an answer, in words; the words of the answer are then not held against before."""
    domain: str = "[a-z]{1,8}( [a-z]{1,8})?"
    """A regular expression for ordinary values, from which a patch is compared with what was there before."""
    needs: tuple[str, ...] = ()
    """Fixtures that ordinary input needs as well."""
    same: str = "{}"
    """Expression around a text that comes back, under which equal texts mean the same to their reader."""


def encoded(approach: EntryDriver, value: str) -> str:
    """The expression for a value with the approach's encoding around it."""
    return approach.encoding.replace("{}", value)
