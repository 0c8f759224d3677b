"""Format strings that users may set, applied to whole objects.

    message = await self.config.guild(guild).message()
    message.format(stream=stream)         # "{stream.__init__.__globals__}"

Reported when the template is read from storage or settings and an argument is an object rather than a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, COPY, ITEM, LOAD, METHOD, Op, Place, arguments
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView

RULE = "format-string-injection"
STORED = re.compile(
    r"(?:^|[._])(?:config|conf|settings?|database|db|redis|storage|store|collection|find_one|fetchone|"
    r"fetchrow|options|preferences)(?:\(\))?\b"
)
WORDED = re.compile(
    r"message|template|msg|greeting|welcome|text|layout|format|title|subject|topic|body|caption|announce|"
    r"reply|response",
    re.I,
)
READS = frozenset({"get", "fetchone", "fetchval", "find_one", "first", "getstr"})
PLAIN = frozenset({"str", "int", "len", "float", "name", "escape", "repr", "bool"})


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes(".format(", "format_map("):
        for number, op in enumerate(code.ops):
            if (
                op[0] == METHOD
                and ops.member(op) in ("format", "format_map")
                and stored(code, ops.callee(op))
                and objects(code, op)
            ):
                yield Misuse(RULE, code.name, number, "format")


def stored(code: Code, place: Place) -> bool:
    """The template comes from settings or a database."""
    return any(from_storage(code, op) for op in sources(code, place))


def sources(code: Code, place: Place) -> list[Op]:
    """Operations that may have made a place, every write of a local counted."""
    if place < 0:
        op = code.defs.get(place)
        return (
            [] if op is None else sources(code, ops.copied(op)) if op[0] == COPY and ops.copied(op) != place else [op]
        )
    found: list[Op] = []
    for write in code.writes(place):
        inner = code.defs.get(ops.copied(write)) if write[0] == COPY and ops.copied(write) < 0 else None
        found += [inner] if inner is not None else []
    return found


def from_storage(code: Code, op: Op) -> bool:
    if op[0] not in (METHOD, LOAD, ITEM) or (
        op[0] == METHOD and ops.member(op) in ("format", "join", "strip", "replace")
    ):
        return False
    words = code.words(op[1])
    if re.search(r"(?:^|\.)[A-Z][A-Z_]{3,}(?:$|\.)", words) or not STORED.search(words):
        return False
    return WORDED.search(words) is not None and not words.startswith(("self.format", "cls."))


def objects(code: Code, op: Op) -> bool:
    """Some argument is an object whose attributes are used beside it."""
    args, named = arguments(op)
    places = [a for a in args if isinstance(a, int)] + [p for _, p in named]
    return any(is_object(code, p) for p in places)


def is_object(code: Code, place: Place) -> bool:
    made = code.define(place)
    if made is not None and made[0] in (CALL, METHOD) and code.callee(made) in PLAIN:
        return False
    if place < 0 and made is not None and made[0] == LOAD:
        words = code.words(place)
        return words.count(".") == 1 and words.rsplit(".", 1)[-1] in (
            "author",
            "user",
            "member",
            "guild",
            "server",
            "channel",
            "request",
            "instance",
            "object",
        )
    if place < 0:
        return False
    return any(op[0] == LOAD and ops.base(op) == place for op in code.ops) and not any(
        op[0] == METHOD
        and ops.callee(op) == place
        and ops.member(op) in ("strip", "lower", "upper", "split", "replace")
        for op in code.ops
    )


CHECKS = (Check(find),)
