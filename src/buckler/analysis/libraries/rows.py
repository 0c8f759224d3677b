"""One TOML row → typed rows. A key missing from the tables below is an error, as is a wrong value.

A row may share itself among many names; `*` inside `returns` and `evaluate` then stands for the name's own
dotted path and last component: `evaluate = "text.*"` on `str.upper` is `text.upper`.
"""

from __future__ import annotations

import re
from collections.abc import Callable as Function
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from buckler.analysis.libraries import grammar
from buckler.analysis.libraries.grammar import LibraryError
from buckler.analysis.libraries.model import (
    Assign,
    Callable,
    Guard,
    HigherOrder,
    Misuse,
    Parameter,
    Result,
    Route,
    Sink,
    Type,
    Value,
)

SOURCES = frozenset(
    {
        "remote", "cli", "file", "environment", "database", "network",
        "archive", "message", "model", "secret",
    }
)  # fmt: skip
RESPONSES = frozenset({"html", "json", "none"})
HANDLERS = frozenset({"decorated", "self-decorated"})
GROUPS = frozenset({"text", "*"})
"""What a row clears beside single rules: those that need free text, and all."""
RULE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
DOTTED = re.compile(r"[^\s.,\[\]]+(?:\.[^\s.,\[\]]+)*\Z")
KEYED = re.compile(r"[^\s,\[\]]+(?:\[[^\[\]]+\])?\Z")

Reader = Function[[Any], Any]
Row = Callable | Value | Assign | Type | Parameter | Result


@dataclass(slots=True)
class Complaint(Exception):
    """A `LibraryError` on its way to somebody who knows file and line; `key` is where in the row."""

    key: str
    what: str
    quoted: str = ""
    """The text that is wrong, where the key holds several."""


Resolve = Function[[str], str]
"""The present id of a rule; raises `LibraryError` for an id that no rule has or had."""

SPEAKING = ("sinks", "misuse", "guards")
"""Tables within a row that name rules."""


def read_row(kind: str, raw: Mapping[str, Any]) -> list[Row]:
    """Every typed row that one `[[kind]]` table stands for, one for each of its names."""
    cells = dict(_read_cells(KINDS[kind], raw))
    names = cells.pop("name", ())
    if not names:
        raise Complaint("name", "has no 'name'; say which dotted name the row describes")
    for key in ("example", "example_file", "example_template"):
        cells.pop(key, None)
    _demand_example(kind, raw)
    return [MAKERS[kind](name, dict(cells)) for name in names]


def current_rules(raw: Mapping[str, Any], resolve: Resolve) -> dict[str, Any]:
    """A row in which every rule is called by its present id; what is no id is left for `read_row` to refuse."""

    def at(key: str, value: Any) -> Any:
        try:
            return resolve(value) if isinstance(value, str) and value not in GROUPS else value
        except LibraryError as error:
            raise Complaint(key, str(error), value) from None

    def table(within: str, cells: Mapping[str, Any]) -> dict[str, Any]:
        out = dict(cells)
        if "rule" in out:
            out["rule"] = at(within or "rule", out["rule"])
        if isinstance(out.get("clears"), list):
            out["clears"] = [at(within or "clears", rule) for rule in out["clears"]]
        return out

    row = table("", raw)
    for key in SPEAKING:
        if isinstance(row.get(key), list):
            row[key] = [table(key, cells) if isinstance(cells, dict) else cells for cells in row[key]]
    return row


def read_alias(raw: Mapping[str, Any]) -> list[tuple[str, str]]:
    cells = dict(_read_cells(KINDS["alias"], raw))
    if set(cells) != {"name", "is"}:
        raise Complaint("name", "an alias needs both 'name' and 'is'")
    return [(name, cells["is"]) for name in cells["name"]]


def _read_cells(readers: Mapping[str, Reader], raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in raw.items():
        reader = readers.get(key)
        if reader is None:
            raise Complaint(key, f"unknown key {key!r}; known are {', '.join(readers)}")
        try:
            yield key, reader(value)
        except LibraryError as error:
            raise Complaint(key, f"{key}: {error}") from None


def _demand_example(kind: str, raw: Mapping[str, Any]) -> None:
    speaking = DEMANDING[kind].intersection(raw)
    if speaking and not raw.get("example"):
        first = min(speaking, key=list(raw).index)
        raise Complaint(first, f"a row with {first!r} needs an 'example'; add a few lines that show it")


# Readers of single cells.


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise LibraryError(f"{value!r} must be text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise LibraryError(f"{value!r} must be true or false")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise LibraryError(f"{value!r} must be a position (0, 1, …)")
    return value


def _list(read: Reader) -> Reader:
    def read_list(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise LibraryError(f"{value!r} must be a list")
        return tuple(read(item) for item in value)

    return read_list


def _choice(allowed: frozenset[str]) -> Reader:
    def read_choice(value: Any) -> str:
        if value not in allowed:
            raise LibraryError(f"{value!r} is not one of {', '.join(sorted(allowed))}")
        return str(value)

    return read_choice


def _matching(form: re.Pattern[str], what: str) -> Reader:
    def read_matching(value: Any) -> str:
        if not form.match(_text(value)):
            raise LibraryError(f"{value!r} is not {what}")
        return str(value)

    return read_matching


_rule = _matching(RULE, "a rule id such as 'path-traversal'")
_dotted = _matching(DOTTED, "a dotted name")
_keyed = _matching(KEYED, "a dotted name, perhaps with a [key]")


def _clean(value: Any) -> str:
    return "*" if value == "*" else str(_rule(value))


def _argument(value: Any) -> Any:
    return grammar.argument(_text(value))


def _names(read: Reader) -> Reader:
    def read_names(value: Any) -> tuple[str, ...]:
        return tuple(read(item) for item in (value if isinstance(value, list) else [value]))

    return read_names


def _table(make: Function[..., Any], readers: Mapping[str, Reader], needed: tuple[str, ...]) -> Reader:
    """An inline table, by its own table of readers."""

    def read_table(value: Any) -> Any:
        if not isinstance(value, dict):
            raise LibraryError(f"{value!r} must be a table {{ … }}")
        cells: dict[str, Any] = {}
        for key, item in value.items():
            if key not in readers:
                raise LibraryError(f"unknown key {key!r}; known are {', '.join(readers)}")
            cells[FIELDS.get(str(key), str(key))] = readers[key](item)
        for key in needed:
            if key not in value:
                raise LibraryError(f"{value!r} lacks {key!r}")
        return make(**cells)

    return read_table


FIELDS = {"arg": "argument", "with": "given"}
"""Keys whose word is not the field's name."""

SINK_CELLS: dict[str, Reader] = {
    "rule": _rule,
    "arg": _argument,
    "element": lambda value: grammar.element(_text(value)),
    "when": grammar.conditions,
    "unless": grammar.conditions,
    "note": _text,
    "template": _argument,
}


def _outcome(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value == "return":
        return "return"
    raise LibraryError(f'accepts = {value!r} must be true, false or "return"')


_sink = _table(Sink, SINK_CELLS, ("arg", "rule"))
_value_sink = _table(
    lambda **cells: Sink(argument=grammar.argument("value"), **cells),
    {key: read for key, read in SINK_CELLS.items() if key != "arg"},
    ("rule",),
)
_misuse = _table(
    Misuse,
    {"rule": _rule, "when": grammar.conditions, "unless": grammar.conditions, "at": _argument, "note": _text},
    ("rule",),
)
_guard = _table(
    Guard,
    {
        "arg": _argument,
        "accepts": _outcome,
        "clears": _list(_clean),
        "needs": _list(_text),
    },
    ("arg", "accepts", "clears"),
)
_value_guard = _table(
    lambda **cells: Guard(argument=grammar.argument("self"), **cells),
    {"accepts": _outcome, "clears": _list(_clean)},
    ("accepts", "clears"),
)
_higher_order = _table(HigherOrder, {"arg": _argument, "with": _list(_argument), "result": _flag}, ("arg", "with"))


def _types(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise LibraryError("types must be a table position or name → type")
    return tuple((key, _dotted(item)) for key, item in value.items())


ROUTE_CELLS: dict[str, Reader] = {
    "handler": _text,
    "parameters": _choice(SOURCES),
    "response": _choice(RESPONSES),
    "types": _types,
}


def _route(value: Any) -> Route:
    route: Route = _table(Route, ROUTE_CELLS, ("handler",))(value)
    if route.handler in HANDLERS:
        return route
    return replace(route, handler="argument", argument=grammar.argument(route.handler))


_EXAMPLE: dict[str, Reader] = {"example": _text, "example_file": _text, "example_template": _text}

KINDS: dict[str, dict[str, Reader]] = {
    "callable": {
        "name": _names(_dotted),
        "when": grammar.conditions,
        "returns": _text,
        "source": _choice(SOURCES),
        "flow": _list(lambda value: grammar.flow(_text(value))),
        "value": _argument,
        "text": _list(lambda value: grammar.part(_text(value))),
        "clears": _list(_clean),
        "facts": _list(_text),
        "adds": _list(_text),
        "drops": _list(_text),
        "sinks": _list(_sink),
        "misuse": _list(_misuse),
        "guards": _list(_guard),
        "calls": _list(_higher_order),
        "route": _route,
        "evaluate": _text,
        "loose": _flag,
        "never": _flag,
        "items": _text,
        "opens": _argument,
        "writes": _list(_argument),
        **_EXAMPLE,
    },
    "value": {
        "name": _names(_dotted),
        "type": _text,
        "source": _choice(SOURCES),
        "facts": _list(_text),
        "misuse": _list(_misuse),
        "flow": _flag,
        "clears": _list(_clean),
        "items": _text,
        "routed": _flag,
        "guards": _list(_value_guard),
        **_EXAMPLE,
    },
    "assign": {
        "name": _names(_keyed),
        "module": lambda value: grammar.pattern(_text(value)),
        "sinks": _list(_value_sink),
        "misuse": _list(_misuse),
        **_EXAMPLE,
    },
    "type": {
        "name": _names(_dotted),
        "bases": _list(_dotted),
        "handlers": _list(lambda value: grammar.pattern(_text(value))),
        "parameters": _choice(SOURCES),
        "types": _types,
        "response": _choice(RESPONSES),
        "abstract": _flag,
        "items": _dotted,
        "attributes": _dotted,
        "keeps": _flag,
        **_EXAMPLE,
    },
    "parameter": {
        "name": _names(_text),
        "when_imports": _text,
        "type": _text,
        "source": _choice(SOURCES),
        "position": _count,
        "beside": _text,
        **_EXAMPLE,
    },
    "result": {"name": lambda value: [grammar.pattern(_text(value))], "rule": _rule, "when_imports": _text, **_EXAMPLE},
    "alias": {"name": _names(_dotted), "is": _dotted},
}
"""The whole format: table kind → key → how to read it."""

DEMANDING = {
    "callable": frozenset({"source", "sinks", "misuse", "guards", "clears", "route", "never"}),
    "value": frozenset({"source", "misuse", "clears", "guards"}),
    "assign": frozenset({"sinks", "misuse"}),
    "type": frozenset({"handlers"}),
    "parameter": frozenset({"source"}),
    "result": frozenset({"rule"}),
}
"""Keys that claim something a sample can show, so one must be given."""


def _make_callable(name: str, cells: dict[str, Any]) -> Row:
    if "*" in cells.get("returns", ""):
        cells["returns"] = cells["returns"].replace("*", name)
    if "*" in cells.get("evaluate", ""):
        cells["evaluate"] = cells["evaluate"].replace("*", name.rpartition(".")[2])
    return Callable(name, **cells)


def _make_type(name: str, cells: dict[str, Any]) -> Row:
    handlers = cells.pop("handlers", ())
    cells_of_route = {key: cells.pop(key) for key in ("parameters", "types", "response") if key in cells}
    route = Route("class", **cells_of_route) if handlers else None
    return Type(name, handlers=handlers, route=route, **cells)


MAKERS: dict[str, Function[[str, dict[str, Any]], Row]] = {
    "callable": _make_callable,
    "value": lambda name, cells: Value(name, **cells),
    "assign": lambda name, cells: Assign(name, **cells),
    "type": _make_type,
    "parameter": lambda name, cells: Parameter(name, **cells),
    "result": lambda name, cells: Result(name, **cells),
}
