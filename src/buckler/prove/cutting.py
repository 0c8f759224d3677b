"""Cuts functions out of probe files and puts them into emitted tests, by syntax tree.

A probe file is real Python: linted, typed and tried by unit tests. What a test prints of it is what its functions
need, in the order of the file, without annotations, with named constants set to what this proof is about. Every change
is made at the place of a node of the tree, so that comments and layout of the probe stay as they were written.

Example::

    probe = ProbeFile.load(Path("probe.py"))
    cut(probe, ["attack"], values={"FILE": "'app.py'"}).code     # "FILE = 'app.py' … def asked_for_here(): …"
    body(probe, "attack", {"VALUE": "'x'"})                      # "attempt('x') …"
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from buckler.prove.editing import Edit, called_otherwise, edited, set_to, tidy, without_annotations
from buckler.prove.probe_file import SENDING, Definition, Function, ProbeFile, names_of

NOBODY: Mapping[str, str] = {}


@dataclass(slots=True)
class Cut:
    """What was cut: import statements, code, and what of `probes/sending.py` it makes use of."""

    imports: list[str] = field(default_factory=list)
    code: str = ""
    given: set[str] = field(default_factory=set)


def cut(
    probe: ProbeFile, functions: Iterable[str], values: Mapping[str, str] = NOBODY, renamed: Mapping[str, str] = NOBODY,
    more: Iterable[str] = (), present: Container[str] = (),
) -> Cut:  # fmt: skip
    """All that the bodies of these functions need, and the names in `more`; not the functions themselves.

    What is `present` has been written down already.
    """
    out = Cut()
    wanted: dict[Path, set[str]] = {}
    waiting: list[tuple[ProbeFile, str]] = [(probe, name) for name in more]
    for name in functions:
        home, function = probe.function(name)
        waiting += [(home, used) for used in mentioned(function)]
    while waiting:
        home, name = waiting.pop()
        if name in present:
            continue
        if name in home.shared:
            path = home.shared[name]
            if path == SENDING:
                out.given.add(name)
            else:
                waiting.append((ProbeFile.load(path), name))
        elif name in home.imported:
            out.imports += home.imported[name]
        elif name in home.defined and name not in wanted.get(home.path, ()):
            needed = [home.defined[name], *([] if home.path in wanted else acting(home))]
            wanted.setdefault(home.path, set()).add(name)
            waiting += [(home, used) for node in needed for used in mentioned(node)]
    paths = sorted(wanted, key=lambda path: (path == probe.path, path))
    pieces = [piece for path in paths for piece in rendered(ProbeFile.load(path), wanted[path], values, renamed)]
    out.code = "\n".join(laid_out(pieces))
    out.imports = list(dict.fromkeys(out.imports))
    return out


def acting(probe: ProbeFile) -> list[ast.stmt]:
    """Statements at the top of a file that do something: they belong to whatever is cut of it."""
    return [node for node in probe.tree.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]


def mentioned(node: ast.AST) -> set[str]:
    """Names that a statement reads; fixtures are asked for by the names of parameters."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - only_noted(node)
    if isinstance(node, Function):
        names |= {argument.arg for argument in node.args.args}
    return names


def only_noted(node: ast.AST) -> set[str]:
    """Names that only annotations mention."""
    inside = {id(n): n.id for note in notes_of(node) for n in ast.walk(note) if isinstance(n, ast.Name)}
    others = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and id(n) not in inside}
    return set(inside.values()) - others


def notes_of(node: ast.AST) -> Iterator[ast.expr]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.arg | ast.AnnAssign) and inner.annotation is not None:
            yield inner.annotation
        elif isinstance(inner, Function) and inner.returns is not None:
            yield inner.returns


def rendered(
    probe: ProbeFile, names: set[str], values: Mapping[str, str], renamed: Mapping[str, str]
) -> Iterator[tuple[str, bool]]:
    """The text of each statement that is wanted, and whether it stands apart from others."""
    follows, acts = False, acting(probe)
    for node in probe.tree.body:
        about = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and follows
        follows = bool(set(names_of(node)) & names)
        if follows or about or node in acts:
            yield source_of(probe, node, values, renamed), isinstance(node, Definition)


def laid_out(pieces: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """Functions and classes two lines apart, the rest line after line."""
    before: bool | None = None
    for text, apart in pieces:
        if before is not None and (before or apart):
            yield "\n"
        yield text
        before = apart


def source_of(
    probe: ProbeFile, node: ast.stmt, values: Mapping[str, str] = NOBODY, renamed: Mapping[str, str] = NOBODY
) -> str:
    """The text of one statement with its changes made."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    start, end = probe.at(first, 0), probe.starts[node.end_lineno or node.lineno]
    edits = [*without_annotations(probe, node), *set_to(probe, node, values), *called_otherwise(probe, node, renamed)]
    return tidy(edited(probe.data, start, end, edits))


def body(
    probe: ProbeFile, function: str, values: Mapping[str, str] = NOBODY, renamed: Mapping[str, str] = NOBODY,
    first: Iterable[str] = (),
) -> str:  # fmt: skip
    """The statements of a function, as those of a test; `values` stand in place of the names they are for.

    What is in `first` is handed to `send` and `attempt` before the value.
    """
    home, node = probe.function(function)
    inside = [statement for statement in node.body if not documents(node, statement)]
    start, end = home.at(inside[0].lineno, 0), home.starts[node.end_lineno or node.lineno]
    given = "".join(f"{name}, " for name in first).encode()
    edits: list[Edit] = []
    for statement in inside:
        edits += without_annotations(home, statement)
        edits += called_otherwise(home, statement, {**renamed, **values})
        edits += [(home.start(call.args[0]), home.start(call.args[0]), given) for call in sends(statement) if given]
    return textwrap.dedent(tidy(edited(home.data, start, end, edits)))


def documents(node: Function, statement: ast.stmt) -> bool:
    return statement is node.body[0] and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def sends(node: ast.AST) -> list[ast.Call]:
    """Calls of `send` and `attempt` in a statement."""
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.args]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("send", "attempt")]


def parameters(probe: ProbeFile, function: str) -> tuple[str, ...]:
    """The fixtures that a function takes."""
    return tuple(argument.arg for argument in probe.function(function)[1].args.args)
