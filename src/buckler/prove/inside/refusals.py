"""Why a handler left before it came to the line: the last condition that ran, and what would have let it pass.

Where the line itself was reached and not the comparison in it, the last condition is what stands before that.

`demands(regions, ran, goals)` reads the conditions of the given stretches of source (module, owner, file, first and
last line), of which the lines in `ran` were seen to run, while those in `goals` were not reached. What it answers is
plain data: a function of the project that would have to answer differently, an entry that the session would have to
hold, a value that a parameter would have to have, or a login that a library asks for.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from typing import Any, Iterator, cast

from . import vocabulary
from .watch import Lines

LIBRARIES = ("flask_login", "django", "tornado", "starlette", "flask_httpauth", "flask_jwt_extended")
READS = ("get", "get_argument", "get_query_argument", "get_body_argument", "getlist")
SESSION = ("session",)


def demands(regions: list[Any], ran: Lines, goals: Lines, column: int = 0) -> list[dict[str, Any]]:
    for module, owner, file, first, last in reversed(regions):
        try:
            with open(file, encoding="utf-8") as source:
                tree = ast.parse(source.read())
        except (OSError, SyntaxError, ValueError):
            continue
        seen = {n for n in ran.get(file, ()) if first <= n <= last}
        found = [n for n in ast.walk(tree) if isinstance(n, ast.If) and first <= n.lineno <= last and n.lineno in seen]
        for node in sorted(found, key=lambda n: -n.lineno):
            reader = Reader(module, owner, tree, node)
            before = before_comparison(node, set(goals.get(file, ())), column) if column else None
            wanted = direction(node, seen, set(goals.get(file, ())))
            if before or wanted is not None:
                asked = before or [(node.test, bool(wanted))]
                out = [row for test, so in asked for row in reader.demands(test, so)]
                if out:
                    return out
    return []


def before_comparison(node: ast.If, goals: set[int], column: int) -> list[tuple[ast.expr, bool]]:
    """What has to hold before a comparison of a goal's line is made, at a column counted from 1."""
    out = []
    test = node.test
    while isinstance(test, ast.BoolOp) and test.lineno in goals:
        inside = [v for v in test.values if v.col_offset < column <= (v.end_col_offset or 0)]
        if not inside:
            break
        out += [(v, isinstance(test.op, ast.And)) for v in test.values[: test.values.index(inside[0])]]
        test = inside[0]
    return out


def direction(node: ast.If, seen: set[int], goals: set[int]) -> bool | None:
    """What the condition would have to be: the other of what it was, where that led away."""
    inside = {n.lineno for part in node.body for n in ast.walk(part) if hasattr(n, "lineno")}
    other = {n.lineno for part in node.orelse for n in ast.walk(part) if hasattr(n, "lineno")}
    if inside & seen and not inside & goals and leaves(node.body[-1]):
        return False
    if inside & seen and other & goals:
        return False
    if not inside & seen and inside & goals:
        return True
    if not any(n > (node.test.end_lineno or 0) for n in seen) and leaves(node.body[-1]):  # asking ended in an error
        return False
    return None


def leaves(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Return, ast.Raise, ast.Continue)) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Call, ast.Await))
    )


class Reader:
    """Reads one condition in its function."""

    def __init__(self, module: str, owner: str, tree: ast.Module, node: ast.If) -> None:
        self.module, self.owner, self.tree, self.node = module, owner, tree, node

    def demands(self, test: ast.expr, wanted: bool, value: str | None = None) -> Iterator[dict[str, Any]]:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield from self.demands(test.operand, not wanted)
        elif isinstance(test, ast.BoolOp):
            every = isinstance(test.op, ast.And) == wanted
            rows = [list(self.demands(v, wanted)) for v in test.values]
            for row in rows if every else [r for r in rows if r][:1]:
                yield from row
        elif isinstance(test, (ast.Await, ast.NamedExpr)):
            yield from self.demands(test.value, wanted, value)
        elif isinstance(test, ast.Compare) and len(test.ops) == 1:
            yield from self.compared(test, wanted)
        elif isinstance(test, ast.Name):
            source = self.assigned(test.id)
            if source is not None:
                yield from self.demands(source, wanted, value or (None if wanted else "None"))
        elif isinstance(test, ast.Call):
            yield from self.called(test, wanted, value)
        elif isinstance(test, ast.Attribute):
            yield from self.attribute(test, wanted)
        elif isinstance(test, ast.Subscript):
            yield from self.entry(test.value, test.slice, "'one'" if wanted else None)

    def compared(self, test: ast.Compare, wanted: bool) -> Iterator[dict[str, Any]]:
        left, op, right = test.left, test.ops[0], test.comparators[0]
        same = wanted == isinstance(op, (ast.Eq, ast.Is, ast.In))
        constant = right.value if isinstance(right, ast.Constant) else None
        if isinstance(op, (ast.Is, ast.IsNot)) and constant is None:
            yield from self.demands(left, not same)
        elif isinstance(op, (ast.In, ast.NotIn)) and isinstance(left, ast.Constant) and same:
            yield from self.entry(right, left, "'one'")
        elif isinstance(op, (ast.In, ast.NotIn)) and isinstance(right, (ast.Tuple, ast.List, ast.Set)) and same:
            if right.elts and isinstance(right.elts[0], ast.Constant):
                yield from self.valued(left, repr(right.elts[0].value))
        elif isinstance(op, (ast.In, ast.NotIn)) and isinstance(right, (ast.Name, ast.Attribute)) and same:
            found = self.resolved(dotted(right))
            known = vocabulary.held(found[1]) if found is not None else []
            if known:
                yield from self.valued(left, repr(known[0]))
        elif isinstance(right, ast.Constant) and isinstance(op, (ast.Eq, ast.NotEq)) and same:
            yield from self.valued(left, repr(right.value))
        elif isinstance(right, ast.Constant) and isinstance(op, (ast.Eq, ast.NotEq)):
            yield from self.valued(left, "'one'" if right.value in ("", None) else None)

    def valued(self, left: ast.expr | None, text: str | None) -> Iterator[dict[str, Any]]:
        """The left side would have to be this."""
        if text is None:
            return
        if isinstance(left, ast.Name):
            left = self.assigned(left.id)
        if isinstance(left, ast.Await):
            left = left.value
        if isinstance(left, ast.Subscript):
            yield from self.entry(left.value, left.slice, text)
        elif isinstance(left, ast.Call):
            yield from self.called(left, True, text)

    def called(self, call: ast.Call, wanted: bool, value: str | None) -> Iterator[dict[str, Any]]:
        name = dotted(call.func)
        tail = name.rpartition(".")[2]
        if tail in READS and call.args and isinstance(call.args[0], ast.Constant) and wanted:
            yield from self.entry(
                call.func.value if isinstance(call.func, ast.Attribute) else call.func, call.args[0], value or "'one'"
            )
        elif tail in ("lower", "upper", "strip") and isinstance(call.func, ast.Attribute):
            yield from self.demands(call.func.value, wanted, value)
        elif tail in ("isinstance", "len", "bool", "hasattr", "any", "all"):
            for inner in call.args[:1]:
                yield from self.demands(inner, wanted)
        elif name:
            yield from self.function(name, call, value or ("True" if wanted else "False"))

    def function(self, name: str, call: ast.Call, value: str) -> Iterator[dict[str, Any]]:
        found = self.resolved(name)
        if found is None:
            return
        target, thing = found
        thing = inspect.unwrap(thing) if callable(thing) else thing
        library = library_of(thing)
        if library:
            yield {"kind": "login", "library": library, "owner": self.owner_name()}
        elif of_project(thing):
            shown = "a stand-in" if self.is_assigned(call) and value == "True" else value
            yield {"kind": "patch", "target": target, "value": shown, "async": inspect.iscoroutinefunction(thing)}

    def attribute(self, test: ast.Attribute, wanted: bool) -> Iterator[dict[str, Any]]:
        name = dotted(test)
        found = self.resolved(name.partition(".")[0]) if name else None
        library = library_of(found[1]) if found else ""
        if name.startswith(("request.user", "self.request.user")):
            library = "django"
        if name == "self.current_user":
            library = "tornado"
        if library and wanted:
            yield {"kind": "login", "library": library, "owner": self.owner_name()}
        elif "." in name:
            source = self.assigned(name.partition(".")[0])
            if source is not None:
                yield from self.demands(source, True)

    def entry(self, container: ast.expr, key: ast.expr, value: str | None) -> Iterator[dict[str, Any]]:
        name = dotted(container)
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or value is None:
            return
        if name.rpartition(".")[2] in SESSION:
            yield {"kind": "session", "name": key.value, "value": value}
        else:
            yield {"kind": "value", "name": key.value, "value": value}

    def assigned(self, name: str) -> ast.expr | None:
        """What was last assigned to a name before the condition."""
        rows = [
            n for n in ast.walk(self.tree) if isinstance(n, (ast.Assign, ast.AnnAssign)) and n.lineno < self.node.lineno
        ]
        for row in sorted(rows, key=lambda n: -n.lineno):
            targets = row.targets if isinstance(row, ast.Assign) else [row.target]
            if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                return row.value
        return None

    def is_assigned(self, call: ast.Call) -> bool:
        return not any(n is call for n in ast.walk(self.node.test))

    def owner_name(self) -> str:
        return self.module + "." + self.owner if self.owner else ""

    def resolved(self, name: str) -> tuple[str, Any] | None:
        """Where a dotted name leads, as something that can be replaced, and what is there now."""
        try:
            module = sys.modules.get(self.module) or importlib.import_module(self.module)
        except Exception:
            return None
        parts = name.split(".")
        if parts[0] in ("self", "cls") and self.owner:
            parts = [*self.owner.split("."), *parts[1:]]
        target, thing = self.module, cast(Any, module)
        for part in parts:
            if inspect.ismodule(thing):
                target = thing.__name__
            following = (
                inspect.getattr_static(thing, part, None) if inspect.isclass(thing) else getattr(thing, part, None)
            )
            if following is None:
                return None
            target, thing = target + "." + part, following
        return target, getattr(thing, "__func__", thing)


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return before + "." + node.attr if before else ""
    return ""


def of_project(thing: Any) -> bool:
    code = getattr(thing, "__code__", None)
    return code is not None and code.co_filename.startswith("/project/")


def library_of(thing: Any) -> str:
    modules = [getattr(thing, "__module__", "") or "", type(thing).__module__]
    local = getattr(thing, "_LocalProxy__wrapped", None) or getattr(thing, "__wrapped__", None)
    modules.append(getattr(local, "__module__", "") or "")
    code = getattr(thing, "__code__", None)
    if code is not None and code.co_filename.startswith("/project/"):
        return ""
    return next((name for name in LIBRARIES for m in modules if m.partition(".")[0] == name), "")
