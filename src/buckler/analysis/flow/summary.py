"""What callers need to know about a function, in terms of its own labels.

Labels are described, not numbered, outside the function that made them: a parameter of that function, a cell
(a field of a class, a global, a variable shared with inner functions), or a source.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.value import Container, Part, Value

Label = tuple[str, ...]
"""("param", "0") | ("cell", key) | ("source", kind, name, routine, operation)."""


Shown = tuple[int, int, int]
"""Line, column and end column where a page puts a value out."""


@dataclass(slots=True, frozen=True)
class Reached:
    """What a sink is called."""

    name: str
    """Dotted name or a description; the file of a page, where a template puts the value out."""
    program: bool = False
    """It is told which program to run, and no command line."""
    shown: Shown | None = None

    @property
    def short(self) -> str:
        """The last two names, or the page without its folders."""
        return self.name.rpartition("/")[2] if self.shown else ".".join(self.name.split(".")[-2:])


@dataclass(slots=True, unsafe_hash=True)
class Latent:
    """A label reaches a sink here or further down; like all records made by the thousand, immutable by convention."""

    label: Label
    kinds: int
    """One bit: the rule."""
    operation: int
    """Operation of this function where it leaves for the sink: the sink itself or a call towards it."""
    place: int
    """Which argument of the operation carries it: the place in the function."""
    lead: str
    """Text before the hole, as far as known."""
    part: bool
    """The label is only part of what reaches the sink."""
    sink: tuple[str, int]
    """Routine and operation of the sink."""
    reached: Reached
    callee: str = ""
    """Routine called at `operation` when this is not the sink itself."""
    inner: Latent | None = None
    element: tuple[int, int | None] | None = None
    """When the label is a whole list and only some of its items matter at the sink: from, to."""


@dataclass(slots=True, frozen=True)
class Fact:
    """A flaw that needs no data flow."""

    rule: str
    operation: int
    note: str


@dataclass(slots=True, unsafe_hash=True)
class CellWrite:
    """A label flows into a cell at an operation; immutable by convention."""

    cell: Cell
    label: Label
    kinds: int
    operation: int


@dataclass(slots=True)
class Summary:
    """All of it, plus what was found inside."""

    labels: list[Label] = field(default_factory=list)
    result: Value | None = None
    """None when the function never returns normally."""
    returns: list[tuple[int, int, tuple[Part, ...]]] = field(default_factory=list)
    """Per return that carries taint: operation number of the terminator, taint, shape."""
    heap: dict[int, Container] = field(default_factory=dict)
    """Containers the result or the parameters hold."""
    effects: dict[int, dict[object, Value]] = field(default_factory=dict)
    """Per parameter: attributes or keys written on it; key None joins whatever else was put in."""
    ensures: dict[str, dict[int, int]] = field(default_factory=dict)
    """Outcome ("return", "true", "false") → parameter → rules it is clean for afterwards."""
    latents: list[Latent] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    writes: list[CellWrite] = field(default_factory=list)
    calls: list[tuple[int, tuple[Value, ...], int]] = field(default_factory=list)
    """Parameters that are called: (parameter, arguments in this function's labels, operation)."""
    abstract: bool = False
    """It only says that a subclass must do it."""
    idle: bool = False
    """A call changes nothing the caller tracks, and the result carries no taint."""
    mark: bytes = field(default=b"", compare=False)
    """Tells remembered summaries apart; empty for one made in this run."""


EMPTY = Summary(result=Value(), idle=True, mark=b"-")
