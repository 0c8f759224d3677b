"""Handlers that lack the check their siblings have.

A program usually says itself what needs a login or a permission: most handlers beside the forgotten one have it. A
handler is reported when at least three others stand beside it, six in ten of them share a check, and it makes
none. A handler through which code or commands can be sent is reported without looking at its siblings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, METHOD, arguments
from buckler.analysis.program.modules import Class
from buckler.base.source import in_tests
from buckler.review.checks.handlers import CLASS_MARKS, MAY, PUBLIC, WHO, Handler, handlers
from buckler.review.checks.model import Check
from buckler.review.checks.view import ProgramView

WHO_RULE, MAY_RULE = "missing-authentication", "missing-authorization"
LEAST = 3
SHARE, SHARE_READING = 0.6, 0.75
WEAK = frozenset({"user", "g", "current_user", "refusal"})
"""Signs of a check that are no check by themselves."""
KEEPERS = frozenset({
    "create", "get", "filter", "exclude", "get_or_create", "update_or_create", "update", "add", "save", "send",
    "filter_by", "get_object_or_404", "log", "info", "debug", "warning", "str", "render", "add_event",
})  # fmt: skip
"""Calls that keep, find or tell who somebody is."""
ABSTRACT = re.compile(r"^(?:Base|Abstract|Generic)(?=[A-Z])|(?:Base|Mixin)$")
VIEWLIKE = re.compile(r"(?:View|ViewSet|Action|Handler|Resource|Controller|Endpoint|API)$")


def find(view: ProgramView) -> Iterator[Misuse]:
    found = handlers(view)
    groups: dict[str, list[Handler]] = {}
    for handler in found:
        groups.setdefault(handler.code.routine.module.name, []).append(handler)
    for group in groups.values():
        if len(group) > LEAST:
            yield from among_siblings(group)
    yield from critical(view, found)
    yield from subclasses(view)


def among_siblings(group: list[Handler]) -> Iterator[Misuse]:
    who, may = shared([h.checks for h in group]), shared([h.may for h in group])
    others = len(group) - 1  # whoever lacks a check adds nothing to what is shared
    for handler in group:
        if handler.open or abstract(handler) or PUBLIC.search(handler.short) or public_route(handler):
            continue
        if not handler.checks and lacks(handler, who, others):
            yield Misuse(WHO_RULE, handler.code.name, -1, "handler")
        elif not handler.may and handler.changes and lacks(handler, may, others):
            yield Misuse(MAY_RULE, handler.code.name, -1, "handler", 2 * hands_on(handler))


def hands_on(handler: Handler) -> bool:
    """Who asks is handed to something else than the database, which may well be what makes the check."""
    code = handler.code
    for op in code.ops:
        if op[0] in (CALL, METHOD) and code.callee(op) not in KEEPERS:
            args, named = arguments(op)
            if any(code.words(p).endswith((".user", "current_user")) for p in (*args, *(p for _, p in named))
                   if isinstance(p, int)):  # fmt: skip
                return True
    return False


def abstract(handler: Handler) -> bool:
    """Of a class made to be inherited from, whose heirs make the check."""
    owner = handler.code.routine.owner
    return owner is not None and bool(owner.subclasses) and ABSTRACT.search(owner.info.name) is not None


def public_route(handler: Handler) -> bool:
    """The address says that everybody may come here."""
    texts = [t for d in handler.code.routine.function.decorators for t in re.findall(r"['\"](/[^'\"]*)['\"]", d)]
    return any(t == "/" or PUBLIC.search(t) for t in texts)


def shared(groups: list[set[str]]) -> dict[bool, int]:
    """How many share the check that most make, by whether weak ones count."""
    count = Counter(check for checks in groups for check in checks)
    real = [number for check, number in count.items() if check not in WEAK]
    return {True: max(count.values(), default=0), False: max(real, default=0)}


def lacks(handler: Handler, common: Mapping[bool, int], others: int) -> bool:
    """Enough of the others share one check that is a real one."""
    sharing = common[handler.changes]
    share = sharing / others
    return (sharing >= LEAST and share >= (SHARE if handler.changes else SHARE_READING)) or (
        sharing >= LEAST - 1 and others == LEAST and share >= SHARE and handler.changes
    )


def critical(view: ProgramView, found: list[Handler]) -> Iterator[Misuse]:
    """Code or commands can be sent to a handler that asks nobody, in a program whose other handlers do ask."""
    asking = sum(1 for h in found if h.checks - WEAK)
    if asking < LEAST or asking < 0.2 * len(found):
        return
    bare = {h.code.name: h for h in found if not h.checks and not h.open}
    grave = view.rules[WHO_RULE].related if WHO_RULE in view.rules else ()
    reached = {hit.origin.routine for hit in view.hits if hit.rule in grave and hit.origin.kind in ("remote", "api")}
    for name, handler in bare.items():
        if name in reached or (not PUBLIC.search(handler.short) and hands_over(handler, reached)):
            yield Misuse(WHO_RULE, name, -1, "handler")


def hands_over(handler: Handler, reached: set[str]) -> bool:
    """A parameter of the handler is given to a function that runs what it is given."""
    code = handler.code
    for op in code.ops:
        if op[0] == CALL and code.full(ops.callee(op)) in reached:
            places = [a for a in arguments(op)[0] if isinstance(a, int)] + [p for _, p in arguments(op)[1]]
            if any(code.roots(p) for p in places):
                return True
    return False


def subclasses(view: ProgramView) -> Iterator[Misuse]:
    """Among the classes made from one view of the project, the one that says nothing about permissions."""
    for entry in view.program.classes.values():
        direct = [c for c in entry.subclasses if not in_tests(c.module.path)]
        if len(direct) < LEAST or not VIEWLIKE.search(entry.info.name) or guarded(view, entry):
            continue
        asking = [c for c in direct if guarded(view, c)]
        packages = {c.module.name.rsplit(".", 1)[0] for c in asking}
        if len(asking) < 2 or len(packages) < 2:
            continue
        for other in direct:
            if other not in asking and not speaks_of_permission(view, other):
                yield Misuse(MAY_RULE, view.program.of_function[other.module.name, other.info.body].name, -1, "class")


def guarded(view: ProgramView, entry: Class) -> bool:
    """A base or an attribute of the class makes the check."""
    if any(MAY.search(b.rsplit(".", 1)[-1]) or WHO.search(b.rsplit(".", 1)[-1]) for b in entry.bases):
        return True
    body = view.program.of_function[entry.module.name, entry.info.body].function
    return any(CLASS_MARKS.search(name) and MAY.search(name) for name in body.locals)


def speaks_of_permission(view: ProgramView, entry: Class) -> bool:
    data = view.texts.get(entry.module.path, b"")
    text = data[entry.info.span >> 32 : entry.info.span & 0xFFFFFFFF] if entry.info.span else data
    return b"perm" in text or b"login" in text or b"auth" in text


CHECK = Check(find, across=True)
