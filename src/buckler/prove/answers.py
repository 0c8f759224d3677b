"""What comes back from inside a sandbox, read as rows of known shape: code under review may have written any of it.

Each question has a row type here; a row of another shape is dropped, an answer of another shape is none. Names that
go into the code of a test must be names. Nothing a project says can therefore end Buckler, or put words of its own
where a test has code.

Example::

    rows_of([{"file": "app.py"}, 7], CommandRow)     # []
    shaped(["one"], list[str])                       # ["one"]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, NotRequired, TypedDict, TypeVar

import msgspec

T = TypeVar("T")
MOST_ROWS = 5000
Name = Annotated[str, msgspec.Meta(pattern=r"\A[^\W\d]\w*\Z", max_length=200)]
"""One identifier."""
Dotted = Annotated[str, msgspec.Meta(pattern=r"\A(?:[^\W\d]\w*(?:\.[^\W\d]\w*)*)?\Z", max_length=400)]
"""Identifiers with dots between them, or nothing."""
Import = Annotated[str, msgspec.Meta(pattern=r"\A(?:from [\w.]+ )?import [\w.]+\Z", max_length=400)]
"""A statement that imports one thing."""


ParameterRow = TypedDict("ParameterRow", {
    "name": Name, "reads": list[str], "kind": str, "default": bool, "annotation": str, "is": Dotted,
    "flag": bool | None, "number": bool, "class": NotRequired[Name], "module": NotRequired[Dotted],
    "expression": NotRequired[Dotted], "fields": NotRequired[dict[Name, str]],
})  # fmt: skip
"""A parameter of a function, by `signatures.py`; `is` is the whole name of its class, `fields` what that needs."""


class OwnerRow(TypedDict):
    """The class of a method."""

    name: str
    abstract: bool
    parameters: list[Any]


DescribedRow = TypedDict("DescribedRow", {
    "static": bool, "class": bool, "owner": OwnerRow | None, "property": NotRequired[bool], "loaded": list[str],
    "async": bool, "generator": bool, "async_generator": bool, "parameters": list[Any],
    "begins": list[str], "ends": list[str], "endings": list[str], "names": list[str],
})  # fmt: skip
"""What it takes to call a function, by `signatures.py` and `wanted.py`."""

SlotRow = TypedDict("SlotRow", {"in": str, "name": str, "type": str, "required": bool, "filler": str})
"""A parameter of a web operation, by `schemas.py`; `in` says where it is sent."""


class RouteRow(TypedDict):
    """One address of a web application, by `routes.py`."""

    address: str
    methods: list[str]
    kinds: dict[str, str]
    file: str
    line: int
    end: int
    name: str
    constants: list[str]
    parameters: NotRequired[list[Any]]
    module: NotRequired[Dotted]
    wrappers: NotRequired[list[tuple[str, str, int, int]]]
    dependencies: NotRequired[list[tuple[Dotted, str, str]]]
    owner: NotRequired[tuple[str, str]]


class ApplicationRow(TypedDict):
    """A web application, by `discover.py`."""

    module: Dotted
    attribute: Name
    call: bool
    framework: str
    routes: list[Any]
    made: NotRequired[tuple[Import, str]]
    imports: NotRequired[list[Import]]


class FoundRow(TypedDict):
    """Everything that was discovered."""

    found: list[Any]
    failed: dict[str, str]


class OptionRow(TypedDict):
    """A parameter of a command, by `commands.py`."""

    name: str
    words: list[str]
    required: bool
    text: bool
    flag: bool
    filler: str


class LineRow(TypedDict):
    """A command line that a parser understands."""

    path: list[str]
    parameters: list[OptionRow]


class CommandRow(LineRow):
    """A command of click or typer."""

    module: Dotted
    attribute: Name
    kind: str
    file: str
    line: int
    end: int


class PassRow(TypedDict):
    """What would let a request pass, by `refusals.py`."""

    kind: str
    name: NotRequired[str]
    value: NotRequired[str]
    library: NotRequired[str]
    owner: NotRequired[Dotted]
    target: NotRequired[Dotted]


class EachRow(TypedDict):
    """How one of many benign inputs was answered, and which watched lines ran meanwhile."""

    status: int | None
    text: str
    error: str
    ran: dict[str, list[int]]


class OnceRow(EachRow):
    """How one benign input was answered."""

    sent: str | None


class TestRow(TypedDict):
    """How one test ended."""

    outcome: str
    text: str
    seen: NotRequired[dict[str, Any]]


class ErrorRow(TypedDict):
    """An exception."""

    type: str
    text: str
    where: list[str]


@dataclass(slots=True)
class SeenRow:
    """What was seen of the watched lines: numbers by file, marks near a line, what was done with a mark."""

    ran: dict[str, list[int]] = field(default_factory=dict)
    near: list[tuple[str, int, list[int]]] = field(default_factory=list)
    events: list[tuple[str, list[str]]] = field(default_factory=list)
    called: list[tuple[str, int, list[str]]] = field(default_factory=list)
    """Functions that a watched line called."""
    compared: list[tuple[str, int, list[int]]] = field(default_factory=list)
    """Which tests for equality of a watched line were made, in the order of the line."""


@dataclass(slots=True)
class AnswerRow:
    """A whole answer; each part is there or not."""

    value: Any = None
    error: ErrorRow | None = None
    ended: str = ""
    seen: SeenRow = field(default_factory=SeenRow)
    printed: str = ""
    seconds: float = 0.0
    tests: dict[str, TestRow] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    code: int = 0


def read_answer(line: bytes) -> AnswerRow | None:
    """A line as an answer; None if it is none."""
    try:
        return msgspec.json.decode(line, type=AnswerRow)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def shaped(value: object, shape: type[T]) -> T | None:
    """The value if it has this shape, else None; what a row type does not name is left out."""
    try:
        return msgspec.convert(value, shape)
    except (msgspec.ValidationError, RecursionError):
        return None


def row_of(value: object, shape: object) -> dict[str, Any] | None:
    """The same for a row type, as a plain dictionary."""
    row: dict[str, Any] | None = shaped(value, shape)  # type: ignore[arg-type]
    return row


def rows_of(value: object, shape: object) -> list[dict[str, Any]]:
    """Those rows of a list that have this shape."""
    rows = value[:MOST_ROWS] if isinstance(value, list) else []
    return [row for item in rows if (row := row_of(item, shape)) is not None]
