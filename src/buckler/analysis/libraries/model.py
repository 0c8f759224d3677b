"""What libraries do, as typed rows; the format is described in docs/library-format.md.

Rows are looked up by dotted name. `LibraryModels` is the merged result of all tables of one language; the
engine asks it for `callables["subprocess.run"]` and never for a library by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Scalar = str | int | float | bool | None


@dataclass(slots=True, frozen=True)
class Argument:
    """Which arguments a row speaks of.

    `positions` and `names` are alternatives for the same parameter; `start` means "from this position
    on"; `every` is all of them, `keywords` every keyword argument, `receiver` is self, `result` the value
    returned. `path` narrows to a key inside an argument that is an object or dictionary.
    """

    positions: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    start: int | None = None
    every: bool = False
    keywords: bool = False
    receiver: bool = False
    result: bool = False
    path: tuple[str, ...] = ()
    """Keys to follow inside the argument: `1.tls.verify` is `options["tls"]["verify"]`; `@0` is the key
    that argument 0 holds, if it is constant; `*` is each item on its own."""


@dataclass(slots=True, frozen=True)
class Wanted:
    """One acceptable outcome of a condition: a constant, or a test by name with its operand."""

    test: str
    """equals, absent, present, constant, dynamic, list, text, type, fact, nofact, re, below, lead, nolead, tainted,
    number."""
    operand: Scalar = None


@dataclass(slots=True, frozen=True)
class Condition:
    """`argument` must satisfy any of `wanted`."""

    argument: Argument
    wanted: tuple[Wanted, ...]


Conditions = tuple[Condition, ...]


@dataclass(slots=True, frozen=True)
class Element:
    """Part of a container: `keys`, `values`, or items from `start` to `stop` (exclusive, None is open)."""

    kind: str
    start: int = 0
    stop: int | None = None


@dataclass(slots=True, frozen=True)
class Sink:
    argument: Argument
    rule: str
    element: Element | None = None
    when: Conditions = ()
    unless: Conditions = ()
    note: str = ""
    template: Argument | None = None
    """Argument that names a template; only those keys count that it puts out raw."""


@dataclass(slots=True, frozen=True)
class Misuse:
    rule: str
    when: Conditions = ()
    unless: Conditions = ()
    at: Argument | None = None
    note: str = ""


@dataclass(slots=True, frozen=True)
class Guard:
    argument: Argument
    accepts: str
    """true, false, return."""
    clears: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Flow:
    origin: Argument
    target: Argument


@dataclass(slots=True, frozen=True)
class HigherOrder:
    argument: Argument
    given: tuple[Argument, ...]
    result: bool = True


@dataclass(slots=True, frozen=True)
class Route:
    handler: str
    """decorated, self-decorated, argument; for types: class."""
    argument: Argument | None = None
    parameters: str = ""
    response: str = "none"
    types: tuple[tuple[str, str], ...] = ()
    """(position or name, type)."""


@dataclass(slots=True, frozen=True)
class Callable:
    name: str
    when: Conditions = ()
    returns: str = ""
    source: str = ""
    flow: tuple[Flow, ...] = ()
    value: Argument | None = None
    text: tuple[Argument | str, ...] = ()
    clears: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    sinks: tuple[Sink, ...] = ()
    misuse: tuple[Misuse, ...] = ()
    guards: tuple[Guard, ...] = ()
    calls: tuple[HigherOrder, ...] = ()
    route: Route | None = None
    evaluate: str = ""
    loose: bool = False
    never: bool = False
    """A call does not come back."""
    items: str = ""
    """Type of what indexing or iterating the result gives."""
    opens: Argument | None = None
    """The result is what stands in the file that this argument names."""
    writes: tuple[Argument, ...] = ()
    """What is written to keys of the receiver: each keyword by its name, each entry of a map by its key."""


@dataclass(slots=True, frozen=True)
class Value:
    name: str
    type: str = ""
    source: str = ""
    facts: tuple[str, ...] = ()
    misuse: tuple[Misuse, ...] = ()
    flow: bool = True
    clears: tuple[str, ...] = ()
    items: str = ""
    """Type of what indexing or iterating the value gives."""
    routed: bool = False
    """Part of the address that the route itself fixes, so no source where the route has no variable part."""
    guards: tuple[Guard, ...] = ()
    """What reading it as a condition says about the thing it is read of, and about what that was made from."""


@dataclass(slots=True, frozen=True)
class Assign:
    name: str
    module: str = ""
    sinks: tuple[Sink, ...] = ()
    misuse: tuple[Misuse, ...] = ()


@dataclass(slots=True, frozen=True)
class Type:
    name: str
    bases: tuple[str, ...] = ()
    handlers: tuple[str, ...] = ()
    route: Route | None = None
    abstract: bool = False
    """Raising it says that a subclass must do the work."""
    items: str = ""
    """Type of what indexing or iterating an instance gives."""
    attributes: str = ""
    """Type of an attribute that nothing else describes."""
    keeps: bool = False
    """What is set on one instance is read from any: what a request or an application carries along."""


@dataclass(slots=True, frozen=True)
class Parameter:
    name: str
    type: str = ""
    source: str = ""
    when_imports: str = ""
    position: int | None = None
    beside: str = ""
    """Another parameter the function must have."""


@dataclass(slots=True, frozen=True)
class Result:
    """By convention, what a method of this name returns goes to a sink."""

    name: str
    """Regular expression on the method's own name."""
    rule: str
    when_imports: str = ""


@dataclass(slots=True, frozen=True)
class Example:
    """A row's own sample; `origin` is `file:line` for error messages."""

    origin: str
    code: str
    file: str = ""
    template: str = ""
    """Text of `page.html` beside the code."""


@dataclass(slots=True)
class LibraryModels:
    """All tables of one language merged, by dotted name."""

    language: str
    callables: dict[str, tuple[Callable, ...]] = field(default_factory=dict)
    loose: dict[str, tuple[Callable, ...]] = field(default_factory=dict)
    """Rows marked loose, by the last component of their name."""
    values: dict[str, Value] = field(default_factory=dict)
    assigns: dict[str, tuple[Assign, ...]] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    parameters: dict[str, tuple[Parameter, ...]] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    digest: str = ""
    """Hash of all table texts; part of every cache key."""
