"""Where a value comes from, across functions: through calls, parameters, callbacks, globals and what is put into lists.

This walk is wider and coarser than the flow analysis of the engine: what a package does before anybody calls it is little
code, and constants and secrets matter in it, which are nobody's input.

Example::

    any(op is decoded for code, op in web.behind(code, place))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import BUILD, CALL, ITEM, LOAD, METHOD, NAME, PUT, SETKEY, Op, Place
from buckler.analysis.program.modules import Routine
from buckler.review.checks.constants import evaluate
from buckler.review.checks.view import Code
from buckler.weaknesses.dependencies.install_time_code.names import called, dotted

MOST = 500
"""Places that one question looks at."""
CALLS = 5
"""Functions that a value may have passed through."""
NEAR = 2
"""The same where files and folders are made of much else."""
PROVES = re.compile(r"auth|cookie|headers|x-[\w-]*(?:token|key)", re.I)
"""Parts of a request by which somebody proves who they are; a secret belongs there."""
ADDS = frozenset({"append", "add", "extend", "update", "insert", "write", "push", "unshift", "set", "put"})
READS = frozenset({"get", "pop", "setdefault"})
At = tuple[Code, Place]


@dataclass(slots=True)
class Web:
    """Functions that run together, and what they hand to each other."""

    codes: list[Code]
    given: dict[tuple[str, int], list[At]] = field(default_factory=dict)
    """What parameters may be."""
    put: dict[tuple[str, int, str], list[At]] = field(default_factory=dict)
    """What functions write to variables of others."""
    into: dict[tuple[str, Place], list[At]] = field(default_factory=dict)
    """What is put into a list, dictionary or file."""
    bodies: dict[str, Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code in self.codes:
            for op in code.ops:
                self._note(code, op)

    def _note(self, code: Code, op: Op) -> None:
        if op[0] == PUT:
            _, name, owner, source = op
            self.put.setdefault((code.routine.module.name, max(0, owner), name), []).append((code, source))
        elif op[0] == SETKEY:
            if not proves(code, ops.key(op)):
                self._keep(code, ops.base(op), [ops.stored(op)])
        elif op[0] in (CALL, METHOD):
            if op[0] == METHOD and ops.member(op) in ADDS:
                self._keep(code, ops.callee(op), ops.given(op))
            self._hand(code, op)

    def _keep(self, code: Code, holder: Place, places: Iterable[Place]) -> None:
        """Something is put into a thing, which may be a variable of another function."""
        found = [(code, place) for place in places]
        made = code.define(holder)
        if made is not None and made[0] == NAME:
            _, _, name, owner = made
            self.put.setdefault((code.routine.module.name, max(0, owner), name), []).extend(found)
        self.into.setdefault((code.name, holder), []).extend(found)

    def _hand(self, code: Code, op: Op) -> None:
        """Arguments to parameters; what calls a callback may give it anything it has itself."""
        routine = self.function(code, called(code, op))
        if routine is not None:
            skip = 1 if routine.owner is not None else 0
            for number, place in enumerate(ops.given(op)):
                self.given.setdefault((routine.name, number + skip), []).append((code, place))
            names = {param.name: number for number, param in enumerate(routine.function.params)}
            for name, place in ops.arguments(op)[1]:
                if name in names:
                    self.given.setdefault((routine.name, names[name]), []).append((code, place))
            return
        for place in ops.operands(op)[1:]:
            inner = self.function(code, dotted(code, place))
            if inner is not None:
                for number in range(len(inner.function.params)):
                    self.given.setdefault((inner.name, number), []).append((code, ops.target(op)))

    @staticmethod
    def function(code: Code, name: str) -> Routine | None:
        """The function of the program that a name means."""
        found = code.view.program.entity(name) if name and not name.startswith(".") else None
        return found if isinstance(found, Routine) else None

    def called(self, code: Code, op: Op) -> str:
        """What is called, also where it was handed over as an argument."""
        name = called(code, op)
        if name or op[0] != CALL:
            return name
        ways = self.given.get((code.name, ops.callee(op)), ()) if code.parameter(ops.callee(op)) else ()
        return next(filter(None, (dotted(*at) for at in ways)), "")

    def behind(self, code: Code, places: Iterable[Place], calls: int = CALLS) -> Iterator[tuple[Code, Op]]:
        """Every operation that has a part in these values, no further away than so many calls."""
        todo = [(code, place, calls) for place in places]
        seen: set[tuple[str, Place]] = set()
        while todo and len(seen) < MOST:
            here, place, left = todo.pop()
            if (here.name, place) in seen:
                continue
            seen.add((here.name, place))
            todo += ((*at, left) for at in self.into.get((here.name, place), ()))
            if place >= 0:
                key = (here.routine.module.name, here.routine.function.index, here.local(place))
                todo += ((*at, left) for at in self.put.get(key, ()))
            if here.parameter(place) and left:
                todo += ((*at, left - 1) for at in self.given.get((here.name, place), ()))
            for op in here.writes(place) if place >= 0 else filter(None, [here.defs.get(place)]):
                yield here, op
                routine = self.function(here, called(here, op)) if op[0] in (CALL, METHOD) else None
                if routine is None:
                    todo += ((here, p, left) for p in parts(here, op))
                elif left:
                    todo += ((*at, left - 1) for at in returned(here, routine))
                if op[0] == NAME:
                    todo += ((*at, left) for at in self._outer(here, op))

    def _outer(self, code: Code, op: Op) -> Iterator[At]:
        _, _, name, owner = op
        module, home = code.routine.module.name, max(owner, 0)
        yield from self.put.get((module, home, name), ())
        program = code.view.program
        bound = code.routine.module.imports.get(name)
        if bound is not None and bound[1] and bound[0] in program.modules:
            module, home, name = bound[0], 0, bound[1]
        body = program.of_function.get((module, home))
        if body is not None and name in body.function.locals:
            yield code.view.code(body), body.function.locals.index(name)


def returned(code: Code, routine: Routine) -> Iterator[At]:
    """What a function of the program gives back."""
    inner = code.view.code(routine)
    ends = (block.end for block in routine.function.blocks if block.end[0] == ops.RETURN)
    yield from ((inner, place) for end in ends if (place := ops.handed(end)) is not None)


def parts(code: Code, op: Op) -> list[Place]:
    """What a value is made of; one variable of the environment is not made of the whole of it."""
    if variable(code, op) is not None:
        return []
    if op[0] == BUILD and ops.kind(op) == "map":
        return [place for item in ops.items(op) if len(item) < 2 or not proves(code, item[0]) for place in item]
    if op[0] in (CALL, METHOD):
        named = {place for name, place in ops.arguments(op)[1] if PROVES.search(name)}
        return [place for place in ops.operands(op) if place not in named]
    return ops.operands(op)


def proves(code: Code, key: Place) -> bool:
    name = evaluate(code, key)
    return isinstance(name, str) and PROVES.search(name) is not None


def variable(code: Code, op: Op) -> Place | str | None:
    """The name of the environment variable that is read, or the place that holds it."""
    if op[0] == LOAD and environment(code, ops.base(op)):
        return ops.attribute(op)
    if op[0] == ITEM and environment(code, ops.base(op)):
        return ops.key(op)
    if op[0] == METHOD and ops.member(op) in READS and environment(code, ops.callee(op)):
        return ops.first(op)
    return None


def environment(code: Code, place: Place) -> bool:
    """The environment as a whole."""
    values: Mapping[str, object] = code.view.engine.libraries[code.language].values
    name = dotted(code, place)
    return name in values and getattr(values[name], "source", "") == "environment"
