"""Marks on values: what library models, checks and operations say of them beyond taint, constants and types.

A mark is a text, plain or with something after it. Library models write them too (docs/library-format.md).

    >>> told(frozenset({mark(Tag.PATTERN, "a+"), FOLDER}), Tag.PATTERN)
    ['a+']
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

NORMALISED = "normalised"
"""A path without `..`, links and the like."""
FOLDER = "folder"
"""It ends in a separator, which tells a folder from its neighbors."""
SEPARATOR = "separator"
HERE = "here"
"""The folder the program was started in."""
INJECTED = "injected"
"""A framework fills it in."""
UNSLASHED = "unslashed"
"""It does not begin with a slash."""
NEVER = "never"
"""The call does not come back."""


class Tag(StrEnum):
    """What stands before the `=` of a mark that holds a text."""

    NAME = "name"
    """Read from a described name, so that writes to it can be looked up by that name."""
    PATTERN = "pattern"
    """A pattern, compiled."""
    TEMPLATE = "template"
    """A template, loaded by this name."""
    ANY_OF = "any-of"
    """A function that is true if what it is given holds this text."""


def mark(tag: str, text: object) -> str:
    return f"{tag}={text}"


def told(marks: Iterable[str], tag: Tag) -> list[str]:
    """The texts of all marks with this tag."""
    start = mark(tag, "")
    return sorted(m.removeprefix(start) for m in marks if m.startswith(start))
