"""What the analysis must know of a language's names: its operators, methods, and the parts of a path or an address.

The engine knows what it means to compare, to look something up, to bring a text into another form; how a language and
its everyday library call that stands in the room of the language, `<language>/words.py`. Names of one language hardly
ever mean something else in another, so `registry.WORDS` holds those of all together.

    >>> united([Words(endings=frozenset({"endswith"})), Words(endings=frozenset({"endsWith"}))]).endings >= {"endsWith"}
    True
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import reduce
from typing import Any

Names = frozenset[str]
NONE: Names = frozenset()


@dataclass(slots=True, frozen=True)
class Words:
    operators: Mapping[str, str] = field(default_factory=dict)
    """Spellings of operators, each with the one that means the same."""

    # Values and types.
    numeric: Names = NONE
    """Types whose values are no free text."""
    number_names: Names = NONE
    """What the language says of such a value when asked for its type by name."""
    open_types: Names = NONE
    """Types that say nothing of what a value can do."""
    own_modules: Names = NONE
    """Modules whose types are no types of a framework."""
    built_in: Names = NONE
    """Names that are there without an import, and so are libraries that every module uses."""

    # Classes and functions.
    makers: tuple[str, ...] = ()
    """Methods that fill a new instance."""
    implicit: Names = NONE
    """Methods that are called by the name of their class."""
    public: Names = NONE
    """Names that look private but are part of an interface."""
    class_makers: Names = NONE
    """Methods that make an object, a class among others; and the parameters by which one knows the latter."""
    class_parts: Names = NONE
    class_parameters: Names = NONE
    """First parameters of methods that stand for the class."""
    base: Names = NONE
    """Calls that give an instance as one of its base classes."""
    called: Names = NONE
    """The method that is called when an instance is."""
    entered: Names = NONE
    """The method that gives what a block works with, mostly the thing itself."""

    # Texts.
    same_text: Names = NONE
    """Methods that change the case or the margins of a text."""
    forms: Names = NONE
    """Calls that write the whole of a text in another form; of a part of it nothing could be concluded."""
    endings: Names = NONE
    finders: Names = NONE
    """Methods that answer -1 for what is not there."""
    splits: Names = NONE
    pieces: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Which piece is a single name when a path is divided only so many times."""
    every_piece: Names = NONE
    """Those of them that divide at every place, so that each piece is a single name."""
    replaces: Names = NONE
    formats: Names = NONE
    holds: Names = NONE
    """Methods that say whether a text or a collection holds something."""
    lookups: Names = NONE
    intersections: Names = NONE
    """Methods of a set of constants: what answers with nothing has met none of them."""
    header_keys: tuple[str, ...] = ()
    """How keys begin under which a server gives a field of a header, which is one line."""

    # Questions.
    lengths: Names = NONE
    length_parts: Names = NONE
    every: Names = NONE
    some: Names = NONE
    instance_of: Names = NONE
    type_of: Names = NONE
    type_name_of: Names = NONE
    pattern_given: Names = NONE
    """Methods of a text that are given a pattern."""
    pattern_asked: Names = NONE
    """Methods of a pattern that are given a text."""
    pattern_literals: Mapping[str, Callable[[str], str | None]] = field(default_factory=dict)
    """Types of patterns written out in the code, with what reads one as the analysis of patterns wants it."""

    # Paths and addresses.
    normalizers: Names = NONE
    """Calls whose result names the same file."""
    folder_parts: Names = NONE
    """Attributes that give the folder of a path; of all folders around it; and calls that do the former."""
    folders_parts: Names = NONE
    folders: Names = NONE
    shared_folders: Names = NONE
    """Calls that give the deepest folder of several paths."""
    joins: tuple[str, ...] = ()
    """What a function that joins its parts has in its name."""
    origin_parts: Names = NONE
    """Attributes of an address that say with whom it speaks and how."""
    host_parts: Names = NONE
    """Those of them that say with whom."""
    host_calls: Names = NONE
    address_joins: Names = NONE
    """Calls whose second argument may replace the first altogether."""

    # Collections.
    collection_methods: Mapping[str, str] = field(default_factory=dict)
    """Methods with what they do to a collection, by the name of the function of `flow.containers`."""
    fillers: Names = NONE
    """Methods that put something in."""
    attributes_are_keys: bool = False
    """`thing.name` and `thing["name"]` are the same."""


def united(tables: Iterable[Words]) -> Words:
    """The words of several languages together."""
    return reduce(_both, tables, Words())


def _both(one: Words, other: Words) -> Words:
    return Words(**{f.name: _sum(getattr(one, f.name), getattr(other, f.name)) for f in fields(Words)})


def _sum(mine: object, others: object) -> Any:
    match mine, others:
        case tuple(), tuple():
            return (*mine, *(word for word in others if word not in mine))
        case dict(), dict():
            return {**mine, **others}
        case frozenset(), frozenset():
            return mine | others
        case _:
            return mine or others
