"""What a name means in a program, in eight bytes: equal signatures, equal answers.

Whoever remembers something that was found out with the help of a name (`Program.asked`) keeps its signature, and
knows from the next program's signature whether that still holds. A signature covers everything one can ask about a
name: what it resolves to, a function's interface, a class with all it inherits, what a module imports.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from buckler.analysis.ir.ops import Module
from buckler.analysis.program.modules import Class, Program, Routine

FEW = 3
"""Methods of one name that anybody would look at."""
NOTHING = (None, None, None)
NEAREST = 8
"""Subclasses of a class that anybody would look at."""


PLAIN = 2
"""The version of marshal's format that writes equal things alike, whoever else holds them."""


def brief(thing: Any) -> bytes:
    """Of builtins, sets aside."""
    return hashlib.blake2b(marshal.dumps(thing, PLAIN), digest_size=8).digest()


@dataclass(slots=True)
class Signatures:
    """Signatures in one program; `local` holds what is known already of functions and classes by their file alone."""

    program: Program
    context_sensitive_params: Callable[[Routine], frozenset[int]]
    stores: Callable[[Class], frozenset[str]]
    local: dict[str, bytes] = field(default_factory=dict)
    used: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Per file the local signatures that were needed."""
    known: dict[object, bytes] = field(default_factory=dict)
    entities: dict[int, object] = field(default_factory=dict)
    """By the identity of what they are the signatures of."""

    def of(self, name: object) -> bytes:
        found = self.known.get(name)
        if found is None:
            found = self.known[name] = self.meaning(name) if isinstance(name, str) else brief(self.facts(name))
        return found

    def meaning(self, name: str) -> bytes:
        """Of a dotted name; most mean nothing in the program."""
        program = self.program
        meant = program.meaning(name)
        own = program.routines.get(name), program.classes.get(name), program.modules.get(name)
        if own == NOTHING:
            return b"" if meant is None else brief(meant if isinstance(meant, str) else self.entity(meant))
        line = [self.entity(e) if isinstance(e, Class) else e for e in program.line(name)] if own[1] else []
        end = meant if meant is None or isinstance(meant, str) else self.entity(meant)
        return brief(([self.entity(e) for e in own if e], end, line))

    def facts(self, name: object) -> object:
        """What can be asked with a tuple: methods of a name, globals of a module, overrides of a method."""
        program = self.program
        assert isinstance(name, tuple)
        if len(name) == 1:
            methods = program.by_method.get(name[0], ())
            return len(methods) if len(methods) > FEW else [self.entity(r) for r in methods]
        if len(name) == 2:
            module = program.modules.get(name[0])
            return module and (name[1] in module.functions[0].locals, name[1] in module.globals_written)
        return [self.entity(r) for r in program.overrides(name[0], name[1])]

    def entity(self, thing: Routine | Class | Module) -> object:
        known = self.entities.get(id(thing))
        if known is None:
            known = self.entities[id(thing)] = brief((type(thing).__name__, thing.name, self.described(thing)))
        return known

    def described(self, thing: Routine | Class | Module) -> object:
        if isinstance(thing, Module):
            return thing.language, thing.package, thing.imports, thing.star_imports
        if isinstance(thing, Class):
            return self.at_home(thing), thing.bases, [c.name for c in thing.subclasses[:NEAREST]]
        types = [self.program.in_module(thing.module, p.annotation) for p in thing.function.params if p.annotation]
        return self.at_home(thing), types

    def at_home(self, thing: Routine | Class) -> bytes:
        """What depends on nothing but the file."""
        key = f"{type(thing).__name__} {thing.name}"
        known = self.local.get(key)
        if known is None:
            known = self.local[key] = brief(
                class_facts(thing, self.stores(thing)) if isinstance(thing, Class)
                else function_facts(thing, self.context_sensitive_params(thing))
            )  # fmt: skip
        self.used.setdefault(thing.module.path, {})[key] = known
        return known


def function_facts(routine: Routine, context_sensitive_params: frozenset[int]) -> object:
    function = routine.function
    params = [(p.name, p.kind, p.annotation) for p in function.params]
    special = [n for n in function.locals if n[:1] == "<"]
    return (
        params,
        function.kind,
        function.flags,
        routine.owner and routine.owner.name,
        sorted(context_sensitive_params),
        special,
    )


def class_facts(entry: Class, stores: frozenset[str]) -> object:
    methods = [(short, r.name, r.function.flags) for short, r in entry.methods.items()]
    return methods, list(entry.info.fields.items()), sorted(stores)


def outdated(signatures: Signatures, names: Mapping[object, bytes]) -> set[object]:
    """The names that no longer mean what they did."""
    return {name for name, before in names.items() if signatures.of(name) != before}
