"""What an answer is: a page that a browser shows, or data that it does not.

Frameworks set the type of an answer in many ways; the code says it in one: `application/json` and the like beside
`Content-Type`, in the function that answers or in a method of its class or of a class it derives from.
"""

from __future__ import annotations

import re

from buckler.analysis.flow.solve import Hit
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CONST, METHOD
from buckler.analysis.program.modules import Class, Program, Routine

DATA = re.compile(r"^(?:application/(?!xhtml|xml)[\w.+-]*(?:json|octet-stream|javascript|pdf|zip|msgpack|x-git)"
                  r"[\w.+-]*|text/(?:plain|csv|event-stream)|image/(?!svg)[\w.+-]+)\b", re.I)  # fmt: skip
PAGE = re.compile(r"^(?:text/html|application/xhtml|image/svg|text/xml|application/xml)", re.I)
HEADER = re.compile(r"^content[-_]type$", re.I)


def data_here(hit: Hit, program: Program) -> bool:
    """The function that answers, or one on the way to it, gives the answer another type and no page's."""
    if not written(hit, program):
        return False
    names = {hit.sink[0], hit.place[0], hit.routine}
    return any(states_data(program.routines[name]) for name in names)


def data_by_class(hit: Hit, program: Program) -> bool:
    """A method of the class that answers, its own or inherited, sets such a type."""
    for name in (hit.routine, hit.place[0]) if written(hit, program) else ():
        owner = program.routines[name].owner
        for entry in program.line(owner.name) if owner is not None else ():
            if isinstance(entry, Class) and any(states_data(m) for m in entry.methods.values()):
                return True
    return False


def written(hit: Hit, program: Program) -> bool:
    """The sink writes to an answer that was begun elsewhere; one that is made whole has its type with it."""
    routine, number = program.routines[hit.sink[0]], hit.sink[1]
    for block in routine.function.blocks:
        if block.first <= number < block.first + len(block.ops):
            op = block.ops[number - block.first]
            return bool(op[0] == METHOD and not ops.member(op)[:1].isupper())
    return False


def states_data(routine: Routine) -> bool:
    every = (op for block in routine.function.blocks for op in block.ops)
    texts = [ops.literal(op) for op in every if op[0] == CONST and isinstance(ops.literal(op), str)]
    return (
        any(HEADER.match(t) for t in texts)
        and any(DATA.match(t) for t in texts)
        and not any(PAGE.match(t) for t in texts)
    )
