"""Paths into records: how a table of an importer says where in a report something stands.

A path is evaluated for many records at once, which is what makes tables fast: each step is one pass over a column.

=================  ==================================================================
`name`, `a.b`      a member, and a member of that; `"a.b"` in quotes for a name with a dot
`name[]`           each element; a single object counts as a list of one
`name{}`           each value of an object; `@key` is then its name, `name{}.@key` all names
`name[0]`          the element of that number; negative ones count from the end
`name[a=x]`        the first element whose member `a` is the text `x`
`^name`            a member of what the element was found in; `^^` one further out
`/name`            a member of the whole document
`.`                the record itself
`@key`, `@index`   the name or number of the element itself; `^@key` of what it was found in
`'text'`           that text
`a | b`            the first that is not empty
`{a} in {b}`       text with values put in
=================  ==================================================================

Example::

    column = compile_path("Title | ^Target")
    column(Batch(...))        # ["…", "…"]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(
    r'"(?P<quoted>[^"]+)"|(?P<index>\[(?:-?\d+)?\])|(?P<where>\[[^\[\]=]+=[^\[\]]*\])|(?P<values>\{\})|(?P<dot>\.)|(?P<name>[^."\[\]{}|]+)'
)
HOLE = re.compile(r"\{([^{}]+)\}")
CONSTANT = re.compile(r"'([^']*)'")
CHOICE = re.compile(r"\s*\|\s*(?=(?:[^']*'[^']*')*[^']*$)(?![^{}]*\})")
EACH, VALUES = "[]", "{}"

Step = str | int | tuple[str, str]
"""A name, `[]` or `{}`; a number; the member and the text that an element has."""
Column = list[Any]
Get = Callable[["Batch"], Column]


@dataclass(slots=True)
class Batch:
    """Records of one kind, with what each was found in."""

    levels: list[Column]
    """The documents first, the records last; all of one length."""
    keys: list[Column]
    """The names or numbers of all these in what they were found in."""
    documents: Column = field(default_factory=list)
    """All that were read at a time, also those without records."""

    def __len__(self) -> int:
        return len(self.levels[-1])

    def only(self, rows: Sequence[int]) -> Batch:
        """Some of the records."""
        levels, keys = ([[column[row] for row in rows] for column in part] for part in (self.levels, self.keys))
        return Batch(levels, keys, self.documents)


def compile_path(text: str) -> Get:
    """A function that gives the values of many records; ValueError for what is no path."""
    choices = [_single(part) for part in CHOICE.split(text.strip())]
    return choices[0] if len(choices) == 1 else lambda batch: first(choices, batch)


def _single(text: str) -> Get:
    constant = CONSTANT.fullmatch(text)
    if constant is not None:
        return lambda batch: [constant[1]] * len(batch)
    if HOLE.search(text):
        return _template(text)
    return _member(text)


def _template(text: str) -> Get:
    holes = [compile_path(hole) for hole in HOLE.findall(text)]
    parts = HOLE.split(text)[::2]

    def fill(batch: Batch) -> Column:
        columns = [hole(batch) for hole in holes]
        return [_filled(parts, values) for values in zip(*columns, strict=True)]

    return fill


def _filled(parts: Sequence[str], values: Sequence[Any]) -> str:
    """Empty if there is nothing to put in."""
    texts = [as_text(value) for value in values]
    if not any(texts):
        return ""
    return "".join(a + b for a, b in zip(parts, [*texts, ""], strict=True)).strip()


def _member(text: str) -> Get:
    up = len(text) - len(text.lstrip("^"))
    rest = text[up:]
    if rest.startswith("/"):
        names = steps(rest[1:])
        return lambda batch: walk(batch.levels[0], names)
    if rest in ("@key", "@index"):
        return lambda batch: batch.keys[max(-1 - up, -len(batch.keys))]
    names = steps(rest)
    return lambda batch: walk(batch.levels[max(-1 - up, -len(batch.levels))], names)


def steps(text: str) -> list[Step]:
    """The parts of a plain path: `a.b[].c` is `["a", "b", "[]", "c"]`."""
    out: list[Step] = []
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"{text!r} is no path: unexpected {text[at]!r}")
        at = found.end()
        index = found["index"]
        if index is not None:
            out.append(EACH if index == EACH else int(index[1:-1]))
        elif found["where"]:
            name, _, said = found["where"][1:-1].partition("=")
            out.append((name.strip(), said.strip()))
        elif found["values"]:
            out.append(VALUES)
        elif not found["dot"]:
            out.append(found["quoted"] or found["name"].strip())
    return out


def walk(column: Column, names: Sequence[Step]) -> Column:
    for number, step in enumerate(names):
        if step in (EACH, VALUES):
            return _each(column, step == VALUES, names[number + 1 :])
        if isinstance(step, int):
            column = [_element(value, step) for value in column]
        elif isinstance(step, tuple):
            column = [_where(value, *step) for value in column]
        else:
            column = _members(column, step)
    return column


def _members(column: Column, name: str) -> Column:
    try:
        return [value.get(name) for value in column]
    except AttributeError:  # not all of them are objects
        return [value.get(name) if type(value) is dict else None for value in column]


def _element(value: Any, number: int) -> Any:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return items[number] if -len(items) <= number < len(items) else None


def _where(value: Any, name: str, said: str) -> Any:
    items = value if isinstance(value, list) else [value]
    return next((item for item in items if isinstance(item, dict) and as_text(item.get(name)) == said), None)


def _each(column: Column, of_objects: bool, rest: Sequence[Step]) -> Column:
    """For each value a list of what its elements lead to, None for nothing; all elements are walked at once."""
    inner: Column = []
    sizes = []
    for value in column:
        kind = type(value)
        if of_objects:
            items = (list(value) if rest[:1] == ["@key"] else list(value.values())) if kind is dict else []
        else:
            items = value if kind is list else [] if value is None else [value]
        inner += items
        sizes.append(len(items))
    found = walk(inner, rest[1:] if of_objects and rest[:1] == ["@key"] else rest)
    out: Column = []
    at = 0
    for size in sizes:
        part = found[at : at + size]
        at += size
        out.append([x for y in part for x in (y if type(y) is list else (y,)) if x is not None] or None)
    return out


def elements(value: Any, step: Step) -> Iterator[tuple[Any, Any]]:
    """What an `[]` or `{}` of a path stands for, each with its number or name."""
    if value is None:
        return
    if step == VALUES:
        yield from value.items() if isinstance(value, dict) else ()
    elif isinstance(value, list):
        yield from enumerate(value)
    else:
        yield 0, value


def first(choices: Sequence[Get], batch: Batch) -> Column:
    """By row, what the first of some values says that is not empty."""
    column = choices[0](batch)
    for choice in choices[1:]:
        if all(value not in (None, "", [], {}) for value in column):
            break
        column = [a if a not in (None, "", [], {}) else b for a, b in zip(column, choice(batch), strict=True)]
    return column


def expand(documents: Column, path: Sequence[Step]) -> Batch:
    """The records that a path leads to, with all they were found in."""
    levels, reached, keys = [documents], documents, [list(range(len(documents)))]
    for step in path:
        if step not in (EACH, VALUES):
            reached = walk(reached, [step])
            continue
        pairs = [(row, key, item) for row, value in enumerate(reached) for key, item in elements(value, step)]
        levels = [[level[row] for row, _, _ in pairs] for level in levels]
        keys = [[level[row] for row, _, _ in pairs] for level in keys]
        reached = [item for _, _, item in pairs]
        levels.append(reached)
        keys.append([key for _, key, _ in pairs])
    if reached is not levels[-1]:
        levels, keys = [*levels, reached], [*keys, keys[-1]]
        return Batch(levels, keys, documents).only([row for row, value in enumerate(reached) if value is not None])
    return Batch(levels, keys, documents)


def as_text(value: Any) -> str:
    """What a record says, as text; what an element of XML says beside its attributes stands under `#text`."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return as_text(value.get("#text"))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(as_text, value)))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
