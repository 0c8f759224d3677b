"""The little languages inside a library model: arguments, conditions, elements, flows.

Each function turns one piece of TOML into its typed form and raises `LibraryError` with plain words
about what is wrong; where it is wrong (file and line) is added by the caller, who knows.

    argument("0,url")            the first positional argument, or the keyword `url`
    argument("1.shell")          the key `shell` of the object given as second argument
    argument("self.@0")          the key of the receiver that the first argument says
    argument("2,options.*")      each item of the list given as third argument
    conditions({"shell": True})  holds when the call says shell=True
"""

from __future__ import annotations

import re
from functools import lru_cache

from buckler.analysis.libraries.model import (
    Argument,
    Condition,
    Conditions,
    Element,
    Flow,
    Wanted,
)


class LibraryError(ValueError):
    """A library model says something that cannot be meant."""


PLAIN_TESTS = frozenset({"absent", "present", "constant", "dynamic", "list", "text", "tainted", "number"})
OPERAND_TESTS = frozenset({"type", "fact", "nofact", "re", "below", "lead", "nolead"})
NONE = Wanted("equals", None)

_NAME = re.compile(r"[A-Za-z_$][\w$-]*\Z")
_KEY = re.compile(r"(?:[\w$-]+|@\d+|\*)\Z")
_RANGE = re.compile(r"(\d+)?\.\.(\d+)?\Z")


@lru_cache(maxsize=4096)
def argument(text: str) -> Argument:
    """`"0"`, `"url"`, `"0,url"`, `"self"`, `"1.."`, `"*"`, `"**"`, `"result"`; `.key` looks inside."""
    positions: list[int] = []
    names: list[str] = []
    start: int | None = None
    marks: set[str] = set()
    head, path = _split_path(text)
    for part in (piece.strip() for piece in head.split(",")):
        if part.isdecimal():
            positions.append(int(part))
        elif part in ("*", "**", "self", "result"):
            marks.add(part)
        elif part.endswith("..") and part[:-2].isdecimal():
            start = int(part[:-2])
        elif _NAME.match(part):
            names.append(part)
        else:
            raise LibraryError(f"argument {text!r} is not understood; write a position, a keyword, self, 1.., * or **")
    return Argument(
        positions=tuple(positions),
        names=tuple(names),
        start=start,
        every="*" in marks,
        keywords="**" in marks,
        receiver="self" in marks,
        result="result" in marks,
        path=path,
    )


def _split_path(text: str) -> tuple[str, tuple[str, ...]]:
    """`"1,options.tls.verify"` is the arguments `"1,options"` and the path `tls`, `verify` into them."""
    dot = re.search(r"\.(?!\.)(?<!\.\.)", text)
    if dot is None:
        return text, ()
    path = tuple(text[dot.end() :].split("."))
    if not all(_KEY.match(key) for key in path):
        raise LibraryError(f"argument {text!r} has a bad key after the dot; write for example '1.shell'")
    return text[: dot.start()], path


def wanted(value: object) -> tuple[Wanted, ...]:
    """What a condition accepts: a constant, an `@test`, or a list of those."""
    if isinstance(value, list):
        if not value:
            raise LibraryError("a condition with an empty list can never hold; name at least one value")
        return tuple(one for item in value for one in wanted(item))
    if not isinstance(value, str | int | float | bool):
        raise LibraryError(f"condition {value!r} must be a constant, an '@test' or a list of them")
    if isinstance(value, str) and value.startswith("@"):
        return (_test(value),)
    return (Wanted("equals", value),)


@lru_cache(maxsize=4096)
def _test(text: str) -> Wanted:
    name, colon, operand = text[1:].partition(":")
    if not colon:
        if name == "none":
            return NONE
        if name in PLAIN_TESTS:
            return Wanted(name)
    elif name in OPERAND_TESTS and operand:
        return Wanted(name, _operand(name, operand))
    known = sorted(PLAIN_TESTS | {"none"}) + [f"{test}:…" for test in sorted(OPERAND_TESTS)]
    raise LibraryError(f"condition test {text!r} is unknown; use one of @{', @'.join(known)}")


def _operand(test: str, operand: str) -> str | float:
    if test == "below":
        try:
            return float(operand) if "." in operand else int(operand)
        except ValueError:
            raise LibraryError(f"'@below:{operand}' needs a number") from None
    if test == "re":
        pattern(operand)
    return operand


def pattern(text: str) -> str:
    """A regular expression, checked."""
    try:
        re.compile(text)
    except re.error as error:
        raise LibraryError(f"regular expression {text!r} is broken: {error}") from None
    return text


def conditions(table: object) -> Conditions:
    """A table argument → wanted; all of them must hold."""
    if not isinstance(table, dict):
        raise LibraryError("a condition must be a table such as { shell = true }")
    return tuple(Condition(argument(name), wanted(value)) for name, value in table.items())


def element(text: str) -> Element:
    """`"0"` one item, `"1.."` the rest, `"*"` any item, `"keys"`, `"values"`."""
    if text in ("keys", "values"):
        return Element(text)
    if text == "*":
        return Element("items")
    if text.isdecimal():
        return Element("items", int(text), int(text) + 1)
    if (span := _RANGE.match(text)) and text != "..":
        return Element("items", int(span[1] or 0), int(span[2]) if span[2] else None)
    raise LibraryError(f"element {text!r} is not understood; write '0', '1..', '*', 'keys' or 'values'")


def flow(text: str) -> Flow:
    """`"0,path -> result"`."""
    origin, arrow, target = text.partition("->")
    if not arrow:
        raise LibraryError(f"flow {text!r} needs an arrow, as in '0 -> result'")
    return Flow(argument(origin.strip()), argument(target.strip()))


def part(text: str) -> Argument | str:
    """One piece of a result's text: `"=literal"` or an argument."""
    return text[1:] if text.startswith("=") else argument(text)
