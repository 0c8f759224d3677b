"""Files with predictable names, in folders everybody may write to.

A path is predictable when it is a constant below `/tmp`, or the shared folder joined with something that is
neither random nor private. It counts where it is created or written; reading, deleting, and creation that
refuses to follow what is there (`x` mode, O_EXCL, a plain `mkdir`) do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import (
    CALC,
    CALL,
    CONST,
    COPY,
    EACH,
    LOAD,
    METHOD,
    NAME,
    TEXT,
    Op,
    Place,
    arguments,
    operands,
)
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, argument, last_name
from buckler.weaknesses.files.modes import mode_writes

RULE = "insecure-temp-file"
SHARED = re.compile(r"^(?:/tmp|/var/tmp|/dev/shm)/+[^/\s]")
FOLDER = re.compile(r"^(?:/tmp|/var/tmp|/dev/shm)/*$")
ASKED = frozenset({"tempfile.gettempdir", "os.tmpdir", "os.tmpnam"})
RANDOM = re.compile(
    r"rand|uuid|token|secret|mkdtemp|mkstemp|tempor|nonce|unique|hash|digest|urandom|getuid|user|home|sha|"
    r"md5|salt|mktemp|pytest|tmp_path|tmpdir\.",
    re.I,
)
WRITERS = {
    "open": 0, "makedirs": 0, "copy": 1, "copyfile": 1, "copy2": 1, "copytree": 1, "move": 1, "urlretrieve": 1,
    "FileHandler": 0, "RotatingFileHandler": 0, "writeFile": 0, "writeFileSync": 0, "appendFile": 0,
    "appendFileSync": 0, "createWriteStream": 0, "mkdirSync": 0, "ensureDirSync": 0, "extractall": 0, "savefig": 0,
    "mkfifo": 0, "ZipFile": 0, "savetxt": 0, "to_csv": 0,
}  # fmt: skip
"""Calls that create or write a file → position of its path."""
OWN_PATH = frozenset({"write_text", "write_bytes", "touch"})
"""Methods of a path object that create or write it."""
JOINS = frozenset({
    "join", "joinpath", "Path", "PurePath", "resolve", "abspath", "str", "format", "normpath", "realpath",
})  # fmt: skip
WORDS = ("/tmp", "/var/tmp", "/dev/shm", "gettempdir", "tmpdir()")  # noqa: S108 looked for, not used
MAX_DEPTH = 8


def find(view: ProgramView) -> Iterator[Misuse]:
    for module in modules(view):
        for routine in view.by_module()[module]:
            if routine.function.kind != "class":
                yield from inside(view.code(routine))


def modules(view: ProgramView) -> list[str]:
    """Modules that speak of a shared folder at all."""
    return list(dict.fromkeys(code.routine.module.name for code in view.codes(*WORDS)))


def inside(code: Code) -> Iterator[Misuse]:
    for number, op in enumerate(code.ops):
        if op[0] not in (CALL, METHOD):
            continue
        path = written(code, op)
        if path is None:
            continue
        made = predictable(code, path, MAX_DEPTH)
        if made is not None and not exclusive(code, op):
            yield Misuse(RULE, code.name, number, code.called(op) or code.callee(op))


def written(code: Code, op: Op) -> Place | None:
    """The path that a call creates or writes."""
    name = code.callee(op)
    if name in OWN_PATH and op[0] == METHOD:
        return ops.callee(op)
    position = WRITERS.get(name)
    if position is None:
        return None
    if name == "open":
        return opened(code, op)
    if name == "ZipFile":
        return argument(op, 0, "file") if mode_writes(code, argument(op, 1, "mode")) else None
    return argument(op, position, "name", "dst", "filename", "path")


def opened(code: Code, op: Op) -> Place | None:
    full = code.called(op)
    if full == "os.open":
        return argument(op, 0, "path")
    if op[0] == METHOD and full.rpartition(".")[0] in ("", "self"):
        return ops.callee(op) if mode_writes(code, argument(op, 0, "mode")) else None
    return argument(op, 0, "file", "name") if mode_writes(code, argument(op, 1, "mode")) else None


def exclusive(code: Code, op: Op) -> bool:
    """Creation that fails when something is there already."""
    if code.called(op) == "os.open":
        return any(
            o[0] == LOAD and ops.attribute(o) in ("O_EXCL", "O_NOFOLLOW")
            for o in code.inside(operands(op)[-1] if operands(op) else 0)
        ) or (b"O_EXCL" in code.text or b"O_NOFOLLOW" in code.text)
    return b"O_EXCL" in code.text


def predictable(code: Code, place: Place, depth: int) -> Op | None:
    """The operation that makes a predictable name in a shared folder."""
    op = origin(code, place)
    if op is None or depth == 0:
        return outer(code, place, depth)
    kind = op[0]
    if kind == CONST:
        text = ops.literal(op)
        return op if isinstance(text, str) and SHARED.match(text) and not RANDOM.search(text) else None
    if kind == TEXT:
        return op if shared_text(code, op, depth) and plain(code, op) else None
    if kind == CALC and ops.operator(op) in ("/", "+", "%") and len(ops.terms(op)) == 2:
        left, _ = ops.terms(op)
        return op if (folder(code, left, depth) or predictable(code, left, depth - 1)) and plain(code, op) else None
    if kind in (CALL, METHOD) and code.callee(op) in JOINS:
        return joined(code, op, depth)
    if kind == NAME:
        return outer(code, place, depth)
    return None


def joined(code: Code, op: Op, depth: int) -> Op | None:
    args = [a for a in arguments(op)[0] if isinstance(a, int)]
    if op[0] == METHOD and ops.member(op) in ("joinpath", "format", "resolve"):
        args.insert(0, ops.callee(op))
    if not args or not plain(code, op):
        return None
    if len(args) > 1 and (folder(code, args[0], depth) or predictable(code, args[0], depth - 1)):
        return op
    return op if len(args) == 1 and predictable(code, args[0], depth - 1) else None


def origin(code: Code, place: Place) -> Op | None:
    """Where a place comes from; of several writes the one that is a shared path decides."""
    op = code.define(place)
    if op is not None or place < 0:
        return op
    options = [code.define(ops.copied(w)) for w in code.writes(place) if w[0] in (COPY, EACH)]
    return next(
        (
            o
            for o in options
            if o is not None
            and o[0] in (CONST, TEXT, CALL, METHOD, CALC)
            and (o[0] != CONST or (isinstance(ops.literal(o), str) and SHARED.match(ops.literal(o))))
        ),
        None,
    )


def outer(code: Code, place: Place, depth: int) -> Op | None:
    """A constant of a module, or the default of a parameter."""
    if depth == 0:
        return None
    if code.parameter(place):
        default = code.routine.function.params[place].default
        parent = code.view.program.of_function.get((code.routine.module.name, code.routine.function.parent))
        if default is not None and parent is not None and not code.writes(place):
            return predictable(code.view.code(parent), default, depth - 1)
        return None
    full = code.full(place)
    home, _, name = full.rpartition(".")
    module = code.view.program.module(home)
    if module is None or code.routine.function.kind == "module":
        return None
    body = code.view.code(code.view.program.of_function[home, 0])
    if name not in body.routine.function.locals:
        return None
    return predictable(body, body.routine.function.locals.index(name), depth - 1)


def folder(code: Code, place: Place, depth: int) -> bool:
    """The shared folder itself."""
    op = origin(code, place)
    if op is None or depth == 0:
        return False
    if op[0] == CONST:
        return isinstance(ops.literal(op), str) and FOLDER.match(ops.literal(op)) is not None
    if op[0] in (CALL, METHOD):
        if code.called(op) in ASKED:
            return True
        args = arguments(op)[0]
        alone = args[0] if len(args) == 1 and code.callee(op) in ("Path", "realpath", "abspath", "str") else None
        return isinstance(alone, int) and folder(code, alone, depth - 1)
    return False


def shared_text(code: Code, op: Op, depth: int) -> bool:
    """A text that begins with the shared folder."""
    first = next(iter(ops.parts(op)), None)
    if isinstance(first, str):
        return SHARED.match(first) is not None or (FOLDER.match(first) is not None and first.endswith("/"))
    return isinstance(first, int) and folder(code, first, depth)


def plain(code: Code, op: Op) -> bool:
    """Nothing random or private goes into the name."""
    for place in operands(op):
        if RANDOM.search(code.words(place)):
            return False
        for inner in code.inside(place):
            if inner[0] in (NAME, LOAD, METHOD) and RANDOM.search(last_name(inner)):
                return False
            if inner[0] in (CALL, METHOD) and RANDOM.search(code.callee(inner)) and code.called(inner) not in ASKED:
                return False
            if inner[0] == CONST and isinstance(ops.literal(inner), str) and RANDOM.search(ops.literal(inner)):
                return False
    return True


CHECKS = (Check(find),)
