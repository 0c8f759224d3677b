"""Project and packages as one program: what a dotted name in one file means in another.

`Program` knows functions, classes and what packages hand on from modules of their own. Here come variables: what a
module put into a name, and the members of it.

Example::

    linked.named(module, "session.get")     # session = Session() in that module: Target(MEMBER, Session, "get")
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from buckler.analysis.ir.ops import Module
from buckler.analysis.program.modules import Class, Program, Routine
from buckler.dependencies.model import Package
from buckler.dependencies.reach.uses import FileUses, Ref, Use

MAX_STEPS = 40
"""Variables that stand for variables."""
STANDARD = frozenset(sys.stdlib_module_names) | frozenset(dir(builtins))


class Target(NamedTuple):
    """What a name leads to: a function, a class, a module, member `name` of instances of a class or of anything, or
    something outside of all that was read."""

    what: str
    """routine, class, module, member, any, held, outside."""
    thing: Routine | Class | None = None
    name: str = ""


class Together(Program):
    """A program of several packages: only files of the project are imported by less than their whole name."""

    def __init__(self, files: Sequence[FileUses], packages: Mapping[str, Package]) -> None:
        self.packages = packages
        super().__init__(file.module for file in files)

    def _shortened(self, dotted: str) -> Module | None:
        found = super()._shortened(dotted)
        return found if found is not None and found.path not in self.packages else None


class Linked:
    """The files, linked."""

    def __init__(self, files: Sequence[FileUses], packages: Mapping[str, Package]) -> None:
        self.program = Together(files, packages)
        self.packages = packages
        """Of files by their path; those of the project are not there."""
        self.files = {file.module.name: file for file in files}
        self.tops = frozenset(name.partition(".")[0] for name in self.program.modules)
        """What may stand before the first dot of a name in this program."""
        self._known: dict[tuple[str, str], tuple[Target, ...]] = {}
        self._depth = 0

    def package(self, module: Module) -> Package | None:
        return self.packages.get(module.path)

    def held(self, module: Module, name: str) -> Iterator[Use]:
        """What a variable of a module holds."""
        return map(Use._make, self.files[module.name].held.get(name, ()))

    def uses(self, routine: Routine) -> Iterator[Use]:
        return map(Use._make, self.files[routine.module.name].uses[routine.function.index])

    def body(self, module: Module) -> Routine:
        """What runs when a module is loaded."""
        return self.program.of_function[module.name, 0]

    def module(self, dotted: str) -> Module | None:
        """The module that an import of this name loads."""
        found = self.program.modules.get(dotted)
        if found is None:
            meant = self.program.meaning(dotted)
            found = meant if isinstance(meant, Module) else None
        return found

    def named_anywhere(self, dotted: str) -> tuple[Target, ...]:
        """What a full name stands for."""
        return self._once(("", dotted), lambda: self._absolute(dotted))

    def named(self, module: Module, text: str) -> tuple[Target, ...]:
        """Everything that a name, as a module writes it, may stand for."""
        if text.startswith("="):
            return self.named_anywhere(text[1:])
        return self._once((module.name, text), lambda: self._named(module, text))

    def _once(self, key: tuple[str, str], find: Callable[[], Iterator[Target]]) -> tuple[Target, ...]:
        known = self._known.get(key)
        if known is None:
            unsure = (Target("any", name=key[1].rpartition(".")[2]),)
            if self._depth > MAX_STEPS:
                return unsure
            self._known[key] = unsure  # for names that stand for each other
            self._depth += 1
            known = self._known[key] = tuple(dict.fromkeys(find()))
            self._depth -= 1
        return known

    def _named(self, module: Module, text: str) -> Iterator[Target]:
        head, _, rest = text.partition(".")
        own = f"{module.name}.{head}"
        file = self.files[module.name]
        defined = own in self.program.routines or own in self.program.classes
        if defined:
            yield from self.named_anywhere(f"{module.name}.{text}")
        if head in file.values or head in file.held:
            yield from self._variable(module, head, rest)
        elif defined:
            return
        else:
            found = self.program.in_module(module, text)
            if found != text:
                yield from self.named_anywhere(found)
            elif module.star_imports and head not in STANDARD:
                for star in module.star_imports:
                    yield from self.named_anywhere(f"{star}.{text}")
            elif head not in STANDARD and rest:
                yield from members(rest)
            else:
                yield Target("outside", name=text)

    def _variable(self, module: Module, name: str, rest: str) -> Iterator[Target]:
        """A variable of a module, or a member of it."""
        file = self.files[module.name]
        if name in file.held:
            yield Target("held", self.body(module), name)
        for ref in file.values.get(name, ()):
            yield from self._through(module, ref, rest)

    def _through(self, module: Module, ref: Ref | None, rest: str) -> Iterator[Target]:
        """Member `rest` of what a variable of a module holds."""
        if ref is None:
            yield from members(rest)
        elif ref.what == "name":
            yield from self.named(module, f"{ref.text}.{rest}" if rest else ref.text)
        elif ref.what == "func":
            yield Target("routine", self.program.of_function[module.name, int(ref.text)])
            yield from members(rest)
        elif ref.what == "class":
            found = self.program.of_class[module.name, int(ref.text)]
            yield from self._member(found, rest.split(".")) if rest else (Target("class", found),)
        elif rest:
            member, _, more = rest.partition(".")
            for made in self.named(module, ref.text):
                yield from self.of(made, member)
            yield from members(more)

    def of(self, made: Target, member: str) -> Iterator[Target]:
        """Member of what a call of something gives."""
        if made.what == "class":
            yield Target("member", made.thing, member)
        else:
            yield Target("any", name=member)

    def _absolute(self, dotted: str) -> Iterator[Target]:
        found = self.program.meaning(dotted)
        if isinstance(found, str):
            if found != dotted:
                yield from self.named_anywhere(found)
            else:
                yield Target("outside", name=dotted)
        elif isinstance(found, Routine):
            yield Target("routine", found)
            if found.owner is not None:  # whoever names a method of a class has the class
                yield Target("class", found.owner)
                yield from (t for t in self.named_anywhere(dotted.rpartition(".")[0]) if t.what == "class")
        elif isinstance(found, Class):
            yield Target("class", found)
        elif isinstance(found, Module) and found.name == dotted:
            yield Target("module", self.body(found))
        else:
            yield from self._inside(dotted)

    def _inside(self, dotted: str) -> Iterator[Target]:
        """A name of which only the beginning is known."""
        head, _, member = dotted.rpartition(".")
        rest = [member]
        while head:
            found = self.program.meaning(head)
            if isinstance(found, str):
                if found != head:
                    yield from self.named_anywhere(".".join([found, *rest]))
                else:
                    yield Target("outside", name=dotted)
                return
            if found is not None:
                yield from self._member(found, rest)
                return
            head, _, member = head.rpartition(".")
            rest.insert(0, member)
        yield Target("outside", name=dotted)

    def _member(self, found: Routine | Class | Module, rest: list[str]) -> Iterator[Target]:
        first, more = rest[0], ".".join(rest[1:])
        if isinstance(found, Routine):
            yield Target("routine", found)
            yield from members(".".join(rest))
        elif isinstance(found, Class):
            yield Target("class", found)
            yield Target("member", found, first)
            yield from members(more)
        elif first in self.files[found.name].values or first in self.files[found.name].held:
            yield from self._variable(found, first, more)
        else:
            yield Target("module", self.body(found))
            late = self.program.routines.get(f"{found.name}.__getattr__")
            if late is not None:
                yield Target("routine", late)
            for star in found.star_imports:
                other = self.module(star)
                if other is not None and other is not found:
                    yield from self.named_anywhere(".".join([other.name, *rest]))
            yield from members(".".join(rest))


def members(dotted: str) -> Iterator[Target]:
    """Members of members of something unknown."""
    for name in dotted.split(".") if dotted else ():
        yield Target("any", name=name)
