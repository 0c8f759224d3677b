"""What changed between two releases: functions, methods and constants, but not layout, comments or where things stand.

The release that fixes a flaw changes the function that has it. Functions are compared by what they do: two spellings
that lower to the same operations are the same, and one that only moved to another place is found there again.

Example::

    changed(before, after)      # (Symbol("yaml.constructor", "FullConstructor.construct_python_object_apply"), ...)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import (
    CALL,
    CLASS,
    CONST,
    COPY,
    FUNC,
    JUMP,
    METHOD,
    NAME,
    STORE,
    Function,
    Module,
    Op,
    Place,
)
from buckler.analysis.languages.registry import front_end
from buckler.analysis.languages.shared import lower
from buckler.base.digest import text_digest
from buckler.base.source import is_manifest
from buckler.dependencies.model import Symbol
from buckler.dependencies.reach.sources import Named

NO_CODE = frozenset({"__all__", "__version__", "__author__", "__slots__", "__doc__", "__annotations__"})
NAMESPACES = frozenset({"locals", "globals", "vars"})
TINY = 3
"""Statements below which two bodies are alike by chance."""


@dataclass(slots=True)
class Contents:
    """What the functions, classes and constants of a release do, by a digest each."""

    symbols: dict[Symbol, str] = field(default_factory=dict)
    sizes: dict[Symbol, int] = field(default_factory=dict)
    readers: dict[Symbol, set[Symbol]] = field(default_factory=lambda: defaultdict(set))
    """Per constant the functions and classes that name it."""
    constants: dict[Symbol, tuple[Symbol, Symbol]] = field(default_factory=dict)
    """Each with its name as readers see it, and the class or module whose body gives it."""
    derived: dict[Symbol, set[Symbol]] = field(default_factory=lambda: defaultdict(set))
    """Per constant those whose values are made of it."""
    told: set[Symbol] = field(default_factory=set)
    """What a module tells something that it defines: `Loader.add_constructor(…)`; kept like a constant of that name."""

    def read_by(self, constant: Symbol) -> Iterator[Symbol]:
        """Functions and classes that name it, or a constant made of it."""
        waiting, seen = [constant], {constant}
        while waiting:
            one = waiting.pop()
            yield from self.readers.get(one, ())
            waiting += [other for other in self.derived.get(one, ()) if other not in seen]
            seen.update(self.derived.get(one, ()))


def changed(before: Iterable[Named], after: Iterable[Named]) -> tuple[Symbol, ...]:
    """Symbols of the release before that the one after does otherwise, or no longer has.

    A file that is the same in both has none, and nothing can have been moved into it.
    """
    one, other = list(before), list(after)
    same = {(file.name, file.data) for file in one} & {(file.name, file.data) for file in other}
    old, new = (contents(file for file in files if (file.name, file.data) not in same) for files in (one, other))
    everywhere = set(new.symbols.values())
    out: dict[Symbol, None] = {}
    for symbol, mark in old.symbols.items():
        if new.symbols.get(symbol) == mark:
            continue
        moved = symbol not in new.symbols and mark in everywhere and old.sizes[symbol] > TINY
        if moved:
            continue
        if symbol not in old.constants:
            out[symbol] = None
            continue
        out.update(dict.fromkeys(concerned(old, *old.constants[symbol], symbol in old.told)))
    for symbol in new.told - old.told:
        out.update(dict.fromkeys(concerned(old, *new.constants[symbol], True)))
    return tuple(out)


def concerned(old: Contents, read_as: Symbol, home: Symbol, told: bool) -> list[Symbol]:
    """Who behaves otherwise when a constant changes: its readers, else the class that has it; and a class that is told
    something."""
    readers = sorted({*old.read_by(read_as)}, key=str)
    own = home.name and home in old.symbols and (told or not readers)
    return [*readers, *([home] if own else [])]


def contents(files: Iterable[Named]) -> Contents:
    out = Contents()
    for file in files:
        if not is_manifest(file.path):
            add(out, lower(front_end(file.language), file.path, file.name, file.package, file.data))
    return out


def add(out: Contents, module: Module) -> None:
    """One file: functions with what is nested in them, and what the module and its classes put into names."""
    bodies: dict[str, list[str]] = defaultdict(list)
    for function in module.functions:
        name = outermost(module, function)
        if function.kind in ("module", "class"):
            add_values(out, module, function)
        elif "<" not in name:  # a value of the module without a name of its own
            marks = statements(module, function)
            bodies[name].append(repr((head(function), marks)))
            symbol = Symbol(module.name, name)
            out.sizes[symbol] = out.sizes.get(symbol, 0) + len(marks)
            for mentioned in function.mentions:
                out.readers[Symbol(module.name, mentioned)].add(symbol)
    for function in module.functions:
        for made, default in defaults(module, function):
            if "<" not in (name := outermost(module, made)):
                bodies[name].append(default)
    for info in module.classes:
        bodies[info.name].append(repr((info.bases, info.decorators)))
        out.sizes[Symbol(module.name, info.name)] = 0
    for name, parts in bodies.items():
        out.symbols[Symbol(module.name, name)] = text_digest(*parts)


def add_values(out: Contents, module: Module, body: Function) -> None:
    """What a module or class puts into names; who names one is changed with it, and if nobody does, the class is."""
    defined = {function.name for function in module.functions} | {info.name for info in module.classes}
    above = f"{body.name}." if body.kind == "class" else ""
    for name, mark in named_values(module, body):
        symbol = Symbol(module.name, above + name)
        if symbol.name not in defined and name not in NO_CODE:
            out.symbols[symbol] = mark
            out.sizes[symbol] = TINY + 1
            out.constants[symbol] = (Symbol(module.name, name), Symbol(module.name, body.name))
    if body.kind == "module":
        add_told(out, module, body)


def add_told(out: Contents, module: Module, body: Function) -> None:
    """What constants of a module are made of, and what it tells the things that it defines."""
    classes = {info.name for info in module.classes}
    said: dict[str, list[str]] = defaultdict(list)
    values: dict[Place, str] = {}
    reads: dict[Place, set[str]] = {}
    given: set[str] = set()
    for block in body.blocks:
        for op in block.ops:
            written = spelled(module, body, op, values)
            mentioned = {name for place in ir.operands(op) for name in names_at(body, place, reads)}
            if op[0] == NAME and ir.read_name(op) in NAMESPACES:
                mentioned |= given
            if op[0] == METHOD and ir.callee(op) >= 0:
                said[body.locals[ir.callee(op)]].append(written)
            if op[0] not in ir.WRITES:
                continue
            if ir.target(op) < 0:
                values[ir.target(op)], reads[ir.target(op)] = written, mentioned
            elif ir.target(op) < len(body.locals):
                name = body.locals[ir.target(op)]
                given.add(name)
                for other in mentioned - {name}:
                    out.derived[Symbol(module.name, other)].add(Symbol(module.name, name))
    for name, parts in said.items():
        symbol = Symbol(module.name, f"{name}()")
        out.symbols[symbol], out.sizes[symbol] = text_digest(*parts), TINY + 1
        out.constants[symbol] = (Symbol(module.name, name), Symbol(module.name, name if name in classes else ""))
        out.told.add(symbol)


def names_at(body: Function, place: Place, reads: dict[Place, set[str]]) -> set[str]:
    """The names that what is at a place was made of."""
    return {body.locals[place]} if 0 <= place < len(body.locals) else reads.get(place, set())


DEEPEST = 8
"""Functions without a name in one another that are written out; generated code has hundreds."""


def defaults(module: Module, function: Function) -> Iterator[tuple[Function, str]]:
    """The values of parameters that functions defined in this one have by default."""
    values: dict[Place, str] = {}
    for block in function.blocks:
        for op in block.ops:
            if op[0] in ir.WRITES and ir.target(op) < 0:
                values[ir.target(op)] = spelled(module, function, op, values)
            if op[0] == FUNC:
                _, _, _, given = op
                for number, place in given:
                    yield module.functions[ir.index(op)], f"{number}={value(function, place, values)}"


def outermost(module: Module, function: Function) -> str:
    """The function or class of the module in whose body something stands; a method is its own."""
    while function.parent > 0:
        parent = module.functions[function.parent]
        if parent.kind == "class" and function.kind in ("method", "class"):
            break
        function = parent
    return function.name


def head(function: Function) -> object:
    """What of its first line matters to those who call it."""
    return [(p.name, p.kind) for p in function.params], function.flags, function.decorators


def statements(module: Module, function: Function, within: tuple[int, ...] = ()) -> list[str]:
    """What it does, in order; a value is written out where it is used, so that numbers of temporaries do not matter."""
    values: dict[Place, str] = {}
    out: list[str] = []
    for block in function.blocks:
        for op in block.ops:
            written = spelled(module, function, op, values, within)
            if op[0] in ir.WRITES and ir.target(op) < 0:
                values[ir.target(op)] = written
                if op[0] not in (CALL, METHOD):
                    continue
            out.append(written)
        out.append(ending(function, block.end, values))
    return out


def spelled(module: Module, function: Function, op: Op, values: dict[Place, str], within: tuple[int, ...] = ()) -> str:
    """An operation by what goes into it."""
    code = op[0]
    if code == FUNC:
        _, _, _, given = op
        defaults = [value(function, place, values) for _, place in given]
        made = module.functions[ir.index(op)]
        written_out = made.kind == "lambda" and len(within) < DEEPEST and made.index not in within
        inner = statements(module, made, (*within, made.index)) if written_out else ""
        return f"function {defaults} {inner}"
    if code == CLASS:
        _, _, _, given = op
        bases = [value(function, place, values) for place in given if isinstance(place, int)]
        return f"class {module.classes[ir.index(op)].name} {bases}"
    if code == CONST:
        return f"const {ir.literal(op)!r}"
    parts = [value(function, place, values) for place in ir.operands(op)]
    if code == STORE:
        parts = [value(function, ir.base(op), values), value(function, ir.stored(op), values)]
    named = [str(part) for part in op[1:] if isinstance(part, str)]
    target = value(function, ir.target(op), {}) if code in ir.WRITES and ir.target(op) >= 0 else ""
    return text_digest(str(code), target, *named, *parts) if len(parts) > 1 else f"{code} {target} {named} {parts}"


def value(function: Function, place: Place, values: dict[Place, str]) -> str:
    if place >= 0:
        return function.locals[place] if place < len(function.locals) else str(place)
    return values.get(place, "")


def ending(function: Function, end: Op, values: dict[Place, str]) -> str:
    if end[0] == JUMP:
        return f"jump {end[1]}"
    told = [value(function, part, values) if isinstance(part, int) and number == 0 else str(part)
            for number, part in enumerate(end[1:])]  # fmt: skip
    return f"{end[0]} {told}"


def named_values(module: Module, body: Function) -> Iterator[tuple[str, str]]:
    """What the body of a module or class puts into names."""
    values: dict[Place, str] = {}
    found: dict[str, list[str]] = defaultdict(list)
    for block in body.blocks:
        for op in block.ops:
            written = spelled(module, body, op, values)
            if op[0] in ir.WRITES and ir.target(op) < 0:
                values[ir.target(op)] = written
            if op[0] == COPY and 0 <= ir.target(op) < len(body.locals):
                found[body.locals[ir.target(op)]].append(value(body, ir.copied(op), values))
    for name, parts in found.items():
        yield name, text_digest(*parts)
