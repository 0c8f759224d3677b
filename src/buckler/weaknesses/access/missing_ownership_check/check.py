"""Objects fetched by a number from the URL, without asking whose they are.

    Order.objects.get(pk=number)                   # beside: get(pk=number, owner=request.user)
    def get_queryset(self): return Device.objects.filter(user=self.kwargs["user_id"])
    Person.query.filter(Person.id == id).filter(Project.id == project.id)     # never joined

The program's own habit is the measure: a model counts as owned when other functions of the same file restrict it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALC, CALL, LOAD, METHOD, NAME, Op, Place, arguments
from buckler.analysis.program.modules import Class
from buckler.review.checks.handlers import MAY, Handler, of_body
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, argument, sole

RULE = "missing-ownership-check"

FETCHES = frozenset({
    "get", "filter", "filter_by", "get_or_404", "get_object_or_404", "aget", "first_or_404", "one_or_404", "exclude",
    "get_or_none", "findOne", "findById", "find_one",
})  # fmt: skip
MAPPINGS = frozenset({"in_bulk", "dict", "GET", "POST"})
"""What answers with a map, whose `get` is no query."""
RESTRICTING = frozenset({"get", "filter", "filter_by", "get_object_or_404", "where", "aget", "exclude"})
OWNER = re.compile(
    r"(?:^|_)(?:user|owner|author|account|tenant|organi[sz]ation|org|team|project|customer|member|"
    r"created_by|creator|workspace|company|person|profile)(?:_id|_pk|s)?(?:__|$)"
)
KEY = re.compile(r"^(?:id|pk|uuid|slug|guid|hash|\w+_(?:id|uuid|pk)|id__exact|pk__exact|number)$")
WHOSE = re.compile(r"(?:^|\.)(?:current_user|user|owner|g\.user|session\.user\w*|current_account|account)(?:\.|$|\(\))")
JOINS = frozenset({
    "join", "outerjoin", "select_from", "with_entities", "correlate", "subquery", "exists", "has", "any", "union",
})  # fmt: skip
OWNED_VIEWS = re.compile(r"(?:Update|Delete|Detail|Edit|List)View$|ViewSet$")
SINGLE = re.compile(r"(?:Update|Delete|Detail|Edit)View$")
LOGIN = re.compile(r"Login|Auth|Otp|Required|Mixin", re.I)
QUERYSETS = frozenset({"get_queryset", "get_object", "queryset"})
GATES = frozenset({
    "dispatch", "test_func", "has_permission", "has_object_permission", "check_permissions",
    "check_object_permissions", "setup", "initial", "prepare", "get_permissions",
    "filter_queryset", "before",
})  # fmt: skip
LEAST = 2


@dataclass(slots=True)
class Fetch:
    code: Code
    number: int
    model: str
    restricted: bool
    by_key: bool


def beside_restricted(view: ProgramView, group: list[Code]) -> Iterator[Misuse]:
    found = [fetch for code in group if code.routine.function.kind in ("function", "method") for fetch in fetches(code)]
    owned: dict[str, set[str]] = {}
    for fetch in found:
        if fetch.restricted:
            owned.setdefault(fetch.model, set()).add(fetch.code.name)
    for fetch in found:
        others = owned.get(fetch.model, set()) - {fetch.code.name}
        if fetch.by_key and not fetch.restricted and len(others) >= LEAST and not asks_whose(fetch.code):
            owner = fetch.code.routine.owner
            if owner is not None and gated(view, owner):
                continue
            yield Misuse(RULE, fetch.code.name, fetch.number, "get")


def fetches(code: Code) -> Iterator[Fetch]:
    used = {ops.callee(op) for op in code.ops if op[0] == METHOD}
    for number, op in enumerate(code.ops):
        if op[0] not in (CALL, METHOD) or code.callee(op) not in FETCHES:
            continue
        if (
            op[1] in used
            and op[0] == METHOD
            and any(o[0] == METHOD and ops.callee(o) == op[1] and ops.member(o) in RESTRICTING for o in code.ops)
        ):
            continue
        model = model_of(code, op)
        if model:
            chain = [op, *receivers(code, op)]
            if any(code.callee(o) in MAPPINGS for o in chain[1:]):
                continue
            keys = [k for o in chain for k in columns(code, o)]
            restricted = any(OWNER.search(k) for k, _ in keys) or any(WHOSE.search(w) for _, w in keys)
            outside = any(chosen(code, p) for o in chain for p in values(o))
            yield Fetch(code, number, model, restricted, bool(keys) and all(KEY.match(k) for k, _ in keys) and outside)


def chosen(code: Code, place: Place) -> bool:
    """The value is a parameter or made from the address, rather than a field of an object at hand."""
    own = {0} if code.routine.owner is not None else set()
    made = code.define(place)
    if made is not None and made[0] == LOAD:
        return False
    return bool(code.roots(place) - own) or from_address(code, place)


def receivers(code: Code, op: Op) -> list[Op]:
    """The calls before this one in a chain."""
    out: list[Op] = []
    while op[0] == METHOD and len(out) < 12:
        inner = code.define(ops.callee(op))
        if inner is None or inner[0] not in (CALL, METHOD):
            break
        out.append(inner)
        op = inner
    return out


def model_of(code: Code, op: Op) -> str:
    """The model a query begins with: `Order` in `Order.objects.get(…)`, `query(Order)`."""
    if code.callee(op) == "get_object_or_404":
        place = argument(op, 0, "klass")
        return code.words(place).split(".", 1)[0] if place is not None else ""
    chain = [op, *receivers(code, op)]
    for link in chain:
        if link[0] == METHOD:
            words = code.words(ops.callee(link))
            found = re.match(r"^((?:\w+\.)*[A-Z]\w*)\.(?:objects|query|_default_manager)\b", words)
            if found:
                return found[1]
            model = argument(link, 0) if ops.member(link) == "query" else None
            if model is not None:
                return code.words(model)
    return ""


def columns(code: Code, op: Op) -> Iterator[tuple[str, str]]:
    """(column, words of the value) of each condition of a query."""
    if code.callee(op) not in RESTRICTING | FETCHES:
        return
    args, named = arguments(op)
    for name, place in named:
        yield (name, code.words(place)) if name else ("**", code.words(place))
    for position, given in enumerate(args):
        test = code.define(given) if isinstance(given, int) else None
        if test is not None and test[0] == CALC and ops.operator(test) == "==":
            yield code.words(ops.terms(test)[0]).rsplit(".", 1)[-1], code.words(ops.terms(test)[1])
        elif test is not None and test[0] == CALC:
            yield "?", ""
        elif (
            position == 0
            and isinstance(given, int)
            and code.callee(op) in ("get", "get_or_404")
            and op[0] == METHOD
            and not named
        ):
            yield "id", code.words(given)


def values(op: Op) -> list[Place]:
    args, named = arguments(op)
    return [a for a in args if isinstance(a, int)] + [p for _, p in named]


def asks_whose(code: Code) -> bool:
    """The function compares the owner, asks for a right, or refuses."""
    if any(
        op[0] == CALC
        and ops.operator(op) in ("==", "!=", "in", "not in", "is", "is not", "===", "!==")
        and any(WHOSE.search(code.words(p)) or OWNER.search(code.words(p).rsplit(".", 1)[-1]) for p in ops.terms(op))
        for op in code.ops
    ):
        return True
    found = Handler(code)
    of_body(code, found)
    return bool(found.may) or any(MAY.search(d) for d in code.routine.function.decorators)


def classes(view: ProgramView, group: list[Code]) -> Iterator[Misuse]:
    owners = {c.routine.owner for c in group if c.routine.owner is not None}
    module = group[0].routine.module
    program = view.program
    everyone = [program.of_class[module.name, info.index] for info in module.classes] if owners else []
    asking = [c for c in everyone if restricts(view, c)]
    if not asking:
        return
    for entry in everyone:
        if entry in asking or not is_view(view, entry) or gated(view, entry):
            continue
        number, routine = fetched_by_address(view, entry)
        if routine:
            yield Misuse(RULE, routine, number, "get_queryset")
        elif bare_model(view, entry, asking):
            yield Misuse(RULE, view.program.of_function[module.name, entry.info.body].name, -1, "class")


def is_view(view: ProgramView, entry: Class) -> bool:
    return any(OWNED_VIEWS.search(b) for b in view.bases(entry))


def restricts(view: ProgramView, entry: Class) -> bool:
    """The class limits what it shows to the one who asks."""
    return any(uses_user(view.code(m)) for n, m in entry.methods.items() if n in QUERYSETS)


def uses_user(code: Code) -> bool:
    return any(
        op[0] == LOAD and ops.attribute(op) == "user" and code.words(ops.base(op)).endswith("request")
        for op in code.ops
    )


def gated(view: ProgramView, entry: Class) -> bool:
    """Something that runs first looks at the user, here or in a base class of the project."""
    for base in view.program.line(entry.name):
        if isinstance(base, Class):
            for name, method in base.methods.items():
                if name in GATES | QUERYSETS and base is entry and uses_user(view.code(method)):
                    return True
        elif re.search(r"Permission|UserPasses|Superuser|Staff|Admin", base):
            return True
    return any("permission" in d or "staff" in d for d in entry.info.decorators)


def fetched_by_address(view: ProgramView, entry: Class) -> tuple[int, str]:
    """Where a query of this class is made from the parts of the address alone."""
    for name, method in entry.methods.items():
        if name in QUERYSETS:
            code = view.code(method)
            for number, op in enumerate(code.ops):
                if op[0] == METHOD and any(from_address(code, p) for p in values(op)) and model_like(code, op):
                    return number, code.name
    return -1, ""


def from_address(code: Code, place: Place) -> bool:
    return any(
        op[0] == LOAD and ops.attribute(op) == "kwargs" and code.words(ops.base(op)) == "self"
        for op in code.inside(place)
    )


def model_like(code: Code, op: Op) -> bool:
    return (
        re.search(r"[A-Z]\w*\.(?:objects|query|_default_manager)|super\(\)|queryset", code.words(ops.callee(op)))
        is not None
    )


def bare_model(view: ProgramView, entry: Class, asking: list[Class]) -> bool:
    """A view of one object that only names its model, and a sibling restricts the same model."""
    model = named_model(view, entry)
    if (
        not model
        or QUERYSETS & entry.methods.keys()
        or not any(SINGLE.search(b) or b.endswith("ModelViewSet") for b in view.bases(entry))
    ):
        return False
    return any(named_model(view, c) == model for c in asking) and any(LOGIN.search(b) for b in view.bases(entry))


def named_model(view: ProgramView, entry: Class) -> str:
    body = view.code(view.program.of_function[entry.module.name, entry.info.body])
    for name in ("model", "queryset"):
        if name in body.routine.function.locals:
            words = body.words(body.routine.function.locals.index(name))
            made = body.define(body.routine.function.locals.index(name))
            words = body.words(made[1]) if made is not None else words
            return re.split(r"\.(?:objects|query)\b", words)[0]
    return ""


def never_joined(code: Code) -> Iterator[Misuse]:
    """A query is narrowed by a column of a table that takes no part in it, which narrows nothing."""
    for number, op in enumerate(code.ops):
        if op[0] != METHOD or ops.member(op) != "filter":
            continue
        chain = [op, *receivers(code, op)]
        if any(
            o[0] == METHOD and (ops.member(o) in JOINS or (ops.member(o) == "query" and len(ops.arguments(o)[0]) != 1))
            for o in chain
        ):
            continue
        model, table = model_of(code, op), strange_table(code, op)
        if model and table and table.split(".")[-1] != model.split(".")[-1]:
            condition = sole(op)
            test = code.define(condition) if condition is not None else None
            yield Misuse(RULE, code.name, code.number(test) if test is not None else number, "filter")


def strange_table(code: Code, op: Op) -> str:
    """`Project` in `filter(Project.id == project.id)`, when that is all of the condition."""
    condition = sole(op)
    test = code.define(condition) if condition is not None else None
    if test is None or test[0] != CALC or ops.operator(test) != "==":
        return ""
    left, right = map(code.define, ops.terms(test)[:2])
    if (
        left is None
        or left[0] != LOAD
        or ops.attribute(left) != "id"
        or (right is not None and names_model(code, right))
    ):
        return ""
    return code.words(ops.base(left)) if names_model(code, left) else ""


def names_model(code: Code, op: Op) -> bool:
    base = code.define(ops.base(op)) if op[0] == LOAD else None
    words = code.words(ops.base(op)) if op[0] == LOAD else ""
    return base is not None and base[0] in (NAME, LOAD) and words.rsplit(".", 1)[-1][:1].isupper()


def find(view: ProgramView) -> Iterator[Misuse]:
    groups: dict[str, list[Code]] = {}
    for code in view.codes(".objects", ".query", "get_object_or_404", "queryset", "findById"):
        groups.setdefault(code.routine.module.name, []).append(code)
    for group in groups.values():
        yield from beside_restricted(view, group)
        yield from classes(view, group)
        for code in group:
            yield from never_joined(code)


CHECKS = (Check(find),)
