"""Attributes set by names somebody else chose, with no list of the names that may be.

for key, value in data.items():
    setattr(user, key, value)           # data comes from outside
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, EACH, ITEM, LOAD, METHOD, NAMED_REST, Place, arguments
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, argument
from buckler.weaknesses.data.outside import filtered, own

RULE = "mass-assignment"

LISTING = frozenset({"items", "iteritems", "keys", "dict", "list", "sorted"})
MAX_DEPTH = 6
DATA = re.compile(
    r"json|data|payload|body|request|req$|form$|params|input|message|msg|state|patch|delta|changes|values|"
    r"attributes|attrs|content|obj|document|doc$|record|properties",
    re.I,
)
OUTSIDE = re.compile(rb"json|request|payload|deseriali|socket|rpc|websocket|frombytes|from_dict|message", re.I)
RESTORING = frozenset({
    "__setstate__", "__init__", "__new__", "__copy__", "__deepcopy__", "copy", "clone", "__call__", "configure",
    "__exit__", "__enter__", "replace",
})  # fmt: skip


def short_name(code: Code) -> str:
    return code.routine.function.name.rsplit(".", 1)[-1]


def set_by_key(code: Code) -> Iterator[Misuse]:
    """`setattr` with keys of a mapping that came in, none of them refused."""
    for number, op in code.calls("setattr", "__setattr__"):
        key = argument(op, 1)
        source = mapping(code, key) if key is not None and op[0] == CALL else None
        if key is None or source is None or filtered(code, key) or not data_like(code, source):
            continue
        yield Misuse(RULE, code.name, number, "setattr")


def mapping(code: Code, key: Place) -> Place | None:
    """What a key was taken from while iterating: `data` in `for key, value in data.items()`."""
    op = code.define(key) if key < 0 or len(code.writes(key)) == 1 else None
    if op is not None and op[0] == ITEM and code.constant(ops.key(op)) == 0:
        op = code.define(ops.base(op))
    if op is None or op[0] != EACH:
        return None
    source: Place = ops.copied(op)
    for _ in range(MAX_DEPTH):
        made = code.define(source)
        if made is None or made[0] not in (CALL, METHOD) or code.callee(made) not in LISTING:
            break
        args = arguments(made)[0]
        source = (
            ops.callee(made)
            if made[0] == METHOD
            else args[0]
            if args and isinstance(args[0], int)
            else ops.callee(made)
        )
    return source


def data_like(code: Code, source: Place) -> bool:
    """The mapping comes in as data: through a parameter of such a name, or from a source."""
    params = code.routine.function.params
    roots = [r for r in code.roots(source) if not (r == 0 and code.routine.owner is not None)]
    if any(params[r].kind == NAMED_REST for r in roots):
        return False
    if roots and merges(code):
        return True
    if roots and OUTSIDE.search(code.routine.function.name.encode() + b" " + code.text):
        return any(DATA.search(params[r].name) and "json" in outside_words(code, params[r].name) for r in roots)
    return code.view.from_outside(code.routine, source)


def made_of_request(code: Code) -> Iterator[Misuse]:
    """`User(**request.POST.dict())`: a model made of whatever was sent."""
    for number, op in enumerate(code.ops):
        if op[0] != CALL:
            continue
        spread = next((p for n, p in ops.arguments(op)[1] if not n), None)
        name = code.full(ops.callee(op)) if spread is not None else ""
        if spread is None or ".models." not in f".{name}" or not name.rsplit(".", 1)[-1][:1].isupper():
            continue
        if code.view.from_outside(code.routine, spread):
            yield Misuse(RULE, code.name, number, name.rsplit(".", 1)[-1])


def merges(code: Code) -> bool:
    """The function goes down into what it finds, and so into `__class__` and `__globals__` too."""
    down = any(True for _ in code.calls("getattr"))
    return down and any(True for _ in code.calls(short_name(code)))


def walked(code: Code) -> Iterator[Misuse]:
    """A path of attribute names is cut up, followed and set, with no name refused."""
    ends = [
        n
        for n, op in code.calls("setattr")
        if op[0] == CALL and argument(op, 1) is not None and from_path(code, argument(op, 1))
    ]
    for _number, op in code.calls("getattr") if ends else ():
        key = argument(op, 1)
        if (
            op[0] == CALL
            and key is not None
            and from_path(code, key)
            and not filtered(code, key)
            and b"__" not in code.text
        ):
            yield Misuse(RULE, code.name, ends[0], "setattr")
            return


def from_path(code: Code, key: Place | None) -> bool:
    """The name is a piece of a parameter that was cut at its dots."""
    if key is None or code.is_constant(key):
        return False
    return any(
        op[0] == METHOD
        and ops.member(op) in ("split", "rsplit", "partition", "rpartition")
        and bool(code.roots(ops.callee(op)) - own(code))
        for op in code.inside(key)
    )


def outside_words(code: Code, name: str) -> str:
    """`json` when the name of the parameter or of the function says that the data was sent."""
    both = f"{name} {code.routine.function.name}"
    return (
        "json"
        if re.search(r"json|payload|request|body|message|patch|deseriali|state|remote|event|form", both, re.I)
        else ""
    )


def dictionary_update(code: Code) -> Iterator[Misuse]:
    """`thing.__dict__.update(data)`"""
    for number, op in code.calls("update"):
        base = code.define(ops.callee(op)) if op[0] == METHOD else None
        place = argument(op, 0)
        if base is None or base[0] != LOAD or ops.attribute(base) != "__dict__" or place is None:
            continue
        given = code.define(place)
        if given is not None and given[0] == LOAD and ops.attribute(given) == "__dict__":
            continue
        if data_like(code, place):
            yield Misuse(RULE, code.name, number, "__dict__.update")


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("setattr", "__dict__"):
        if short_name(code) not in RESTORING:
            yield from set_by_key(code)
            yield from dictionary_update(code)
    for code in view.codes("(**"):
        yield from made_of_request(code)
    for code in view.codes("getattr"):
        yield from walked(code)


CHECKS = (Check(find),)
