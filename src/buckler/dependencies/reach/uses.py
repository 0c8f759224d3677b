"""What each function of one file uses: names, members of things, functions it hands on, modules it loads.

A use is more than a call: a function that is put into a list, given to a decorator or returned may be called by whoever
gets it. Nothing is linked here, so that what is found depends on the file alone and can be kept by its content.

A thing is called by the dotted name the module has for it, or after `=` by its full name::

    import yaml                         # in function f
    yaml.load(x, Loader=SafeLoader)     # Use(NAME, "=yaml.load"), Use(NAME, "SafeLoader")
    Session().get(x)                    # Use(NAME, "Session"), Use(OF, "Session", "get")
    self.parse(x); x.close()            # Use(SELF, "Reader", "parse"), Use(ANY, "close")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from buckler.analysis.ir.ops import Module

(NAMED, OF, SELF, ABOVE, ANY, FUNCTION, KEPT, DECORATED, LOADS, TEXTUAL, DYNAMIC, DYNAMIC_LOAD, GLOBALS,
 SUBCLASSES, BUILT) = range(15)  # fmt: skip
"""Kinds of uses; what `text` and `name` are in each:

NAMED             a dotted name
OF                member `name` of what a call of `text` gives
SELF, ABOVE       member `name` of an instance of class `text`, or of one of its bases
ANY               member `text` of something
FUNCTION          function number `text` of this file
KEPT              the same, kept as member `name` of something
DECORATED         the same, given to decorator `name`
LOADS             module `text`, or member `name` of it
TEXTUAL           a string that could be the name of a module or command
DYNAMIC           a member whose name begins with `text` and is made while the program runs, of `name`, which is
                  empty or `name:`, `made:` or `self:` with a name
DYNAMIC_LOAD      a module likewise
BUILT             a string that begins as names of this package do
GLOBALS           any name of this module
SUBCLASSES        every class below `text`
"""


class Use(NamedTuple):
    kind: int
    text: str
    name: str = ""
    span: int = 0


class Ref(NamedTuple):
    """What a place may hold: `name`d thing, what a call `made`, the instance itself, a function of this file."""

    what: str
    text: str


Refs = tuple[Ref | None, ...]
"""None stands for anything else."""
UNKNOWN: Refs = (None,)
PLAIN: Refs = ()
"""A string, number or collection: whose members nobody here has written."""


@dataclass(slots=True)
class FileUses:
    """A file without the bodies of its functions, and what these use."""

    module: Module
    uses: list[list[Use]] = field(default_factory=list)
    """By the number of the function."""
    values: dict[str, Refs] = field(default_factory=dict)
    """What the names of the module may stand for."""
    held: dict[str, list[Use]] = field(default_factory=dict)
    """What a collection holds that the module puts into a name: used by whoever reads that."""
    passive: set[int] = field(default_factory=set)
    """Functions that keep nothing of what they are given first: as decorators they make nobody call it."""
