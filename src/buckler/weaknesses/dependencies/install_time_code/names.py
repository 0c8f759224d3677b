"""What is called, also where code hides it: `__import__("os").system`, `getattr(builtins, "ex" + "ec")`, objects of libraries.

Example::

    called(code, op)                  # "os.system"
    sinks(code, "os.system")          # the rows of the library model with what is dangerous to hand over
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, CLASS, CONST, FUNC, ITEM, LOAD, METHOD, NAME, Op, Place
from buckler.analysis.libraries.model import Argument, Callable, Sink
from buckler.review.checks.constants import evaluate
from buckler.review.checks.view import Code, argument

DEPTH = 8
INTERPRETERS = {"sys.executable": "python", "process.execPath": "node", "process.argv0": "node"}
BUILTINS = ("builtins.", "__builtins__.", "__builtin__.", "globalThis.", "global.", "window.")
NAMESPACES = frozenset({"globals", "locals", "vars", "__builtins__", "__dict__", "globalThis", "global"})


def called(code: Code, op: Op, depth: int = DEPTH) -> str:
    """Full dotted name of what an operation calls, by the type of its receiver where libraries tell it."""
    if depth < DEPTH:
        return _called(code, op, depth)
    known: dict[tuple[str, int], str] = code.view.kept.setdefault(__name__, {})
    key = (code.name, id(op))  # it is asked many times, and operations live as long as the view
    if key not in known:
        known[key] = _called(code, op, depth)
    return known[key]


def _called(code: Code, op: Op, depth: int) -> str:
    if op[0] == CALL:
        return dotted(code, ops.callee(op), depth)
    base = dotted(code, ops.callee(op), depth)
    return _plain(code, f"{base}.{ops.member(op)}") if base else f".{ops.member(op)}"


def dotted(code: Code, place: Place, depth: int = DEPTH) -> str:
    """The dotted name a place stands for."""
    full, op = code.full(place), code.define(place)
    if full and (op is None or op[0] != NAME or full != ops.read_name(op)):
        return _plain(code, full)
    if op is None or depth == 0:
        return ""
    if op[0] == NAME:
        return _outer(code, full, depth) or _plain(code, full)
    if op[0] == LOAD:
        base = dotted(code, ops.base(op), depth - 1)
        return _plain(code, f"{base}.{ops.attribute(op)}") if base else ""
    if op[0] == ITEM:
        return _item(code, op, depth)
    if op[0] in (FUNC, CLASS):
        homes = code.view.program.of_function if op[0] == FUNC else code.view.program.of_class
        home = homes.get((code.routine.module.name, ops.index(op)))
        return home.name if home is not None else ""
    return _made(code, op, depth) if op[0] in (CALL, METHOD) else ""


def _outer(code: Code, name: str, depth: int) -> str:
    """What a variable of the module holds, where it is no function or class by that name itself."""
    body = code.view.program.of_function.get((code.routine.module.name, 0))
    if body is None or name not in body.function.locals:
        return ""
    return dotted(code.view.code(body), body.function.locals.index(name), depth - 1)


def _item(code: Code, op: Op, depth: int) -> str:
    """`globals()["exec"]`, `__builtins__.__dict__["eval"]`"""
    key, base = evaluate(code, ops.key(op)), dotted(code, ops.base(op), depth - 1)
    held = isinstance(key, str) and base.rpartition(".")[2] in NAMESPACES
    return _plain(code, str(key)) if held else ""


def _made(code: Code, op: Op, depth: int) -> str:
    """What a call gives: a module, a member, or an object of a library's type."""
    name = called(code, op, depth - 1)
    last = name.rpartition(".")[2]
    if last in ("__import__", "import_module"):
        module = evaluate(code, argument(op, 0, "name"))
        return _plain(code, module) if isinstance(module, str) else ""
    if name == "getattr":
        thing, member = argument(op, 0), evaluate(code, argument(op, 1))
        base = dotted(code, thing, depth - 1) if thing is not None else ""
        return _plain(code, f"{base}.{member}") if base and isinstance(member, str) else ""
    if last == "__enter__" and op[0] == METHOD:
        return dotted(code, ops.callee(op), depth - 1)
    if last in NAMESPACES:
        return last
    if name in code.view.program.classes:
        return name
    kind = next((row.returns for row in rows(code, name) if row.returns), "")
    return name if kind == "*" else kind


def _plain(code: Code, name: str) -> str:
    for prefix in BUILTINS:
        name = name.removeprefix(prefix)
    return code.view.engine.name(code.language, name)


def rows(code: Code, name: str) -> tuple[Callable, ...]:
    """What the library models say of a function."""
    return code.view.engine.libraries[code.language].callables.get(name, ())


def sinks(code: Code, name: str) -> Iterator[Sink]:
    for row in rows(code, name):
        yield from row.sinks


def handed(op: Op, wanted: Argument) -> list[Place]:
    """The arguments of a call that a row speaks of."""
    if wanted.every or wanted.start is not None:
        return ops.given(op)[wanted.start or 0 :]
    named = argument(op, -1, *wanted.names)
    places = [argument(op, number) for number in wanted.positions] or [named]
    return [place for place in (*places, named) if place is not None][:1]


def text_of(code: Code, place: Place | None) -> str:
    """The text a place holds as far as it is known: `?` stands for the rest, blanks between items of a list."""
    if place is None:
        return ""
    value = evaluate(code, place)
    if value is not None:
        return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    op = code.define(place)
    if op is None:
        return "?"
    if op[0] in (NAME, LOAD):
        return INTERPRETERS.get(dotted(code, place), "?")
    if op[0] == ops.TEXT:
        return "".join(p if isinstance(p, str) else text_of(code, p) for p in ops.parts(op))
    if op[0] == ops.CALC and ops.operator(op) in ("+", "%"):
        return "".join(text_of(code, p) for p in ops.terms(op)[:2] if p < 0 or code.define(p) is not op)
    if op[0] == ops.BUILD and ops.kind(op) != "map":
        return " ".join(text_of(code, p) if isinstance(p, int) else "?" for p in ops.items(op))
    if op[0] == METHOD and ops.member(op) in ("format", "join", "encode", "strip"):
        return text_of(code, ops.callee(op))
    return str(ops.literal(op)) if op[0] == CONST else "?"
