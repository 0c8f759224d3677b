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
import copy
import io
import re
import textwrap
import tokenize
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import buckler

HOME = Path(buckler.__file__).parent
PROBES = HOME / "prove" / "probes"
SENDING = PROBES / "sending.py"
"""What each test writes for itself: how a value is sent, and what is read of an answer."""
DIRECTIVE = re.compile(r"#\s*(?:type:|noqa|fmt:)")
NOBODY: Mapping[str, str] = {}
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@dataclass(slots=True, frozen=True)
class ProbeFile:
    """One probe file, parsed."""

    path: Path
    data: bytes
    tree: ast.Module
    starts: tuple[int, ...]
    """Where each line begins."""
    defined: Mapping[str, ast.stmt]
    """What the file defines, by name."""
    imported: Mapping[str, list[str]]
    """The statements that import a name."""
    shared: Mapping[str, Path]
    """Names that come from another probe file."""

    @classmethod
    def load(cls, path: Path) -> ProbeFile:
        """Read and parse a file, once."""
        return _load(path)

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def start(self, node: ast.expr | ast.arg | ast.stmt) -> int:
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.arg | ast.stmt) -> int:
        return self.at(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def function(self, name: str) -> tuple[ProbeFile, Function]:
        """A function of the file, or of the probe file it comes from."""
        if name in self.shared:
            return ProbeFile.load(self.shared[name]).function(name)
        node = self.defined.get(name)
        assert isinstance(node, Function), f"{self.path} has no function {name}"
        return self, node


@cache
def _load(path: Path) -> ProbeFile:
    data = path.read_bytes()
    tree = ast.parse(data)
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    defined = {name: node for node in tree.body for name in names_of(node)}
    imported: dict[str, list[str]] = {}
    shared: dict[str, Path] = {}
    for node in tree.body:
        for name, statement, module in imports_of(node):
            if module.partition(".")[0] == "buckler":
                shared[name] = HOME.parent / (module.replace(".", "/") + ".py")
            elif module != "__future__":
                imported.setdefault(name, []).append(statement)
    return ProbeFile(path, data, tree, tuple(starts), defined, imported, shared)


def names_of(node: ast.stmt) -> list[str]:
    """What a statement at the top of a file defines."""
    if isinstance(node, Definition):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def imports_of(node: ast.stmt) -> Iterator[tuple[str, str, str]]:
    """(name, statement, module) for each name that a statement imports."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            renamed = f" as {alias.asname}" if alias.asname else ""
            yield alias.asname or alias.name.partition(".")[0], f"import {alias.name}{renamed}", alias.name
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            renamed = f" as {alias.asname}" if alias.asname else ""
            yield alias.asname or alias.name, f"from {node.module} import {alias.name}{renamed}", node.module or ""


def top_names(code: str) -> set[str]:
    """What statements at the top of a file define."""
    return {name for node in ast.parse(code).body for name in names_of(node)}


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


Edit = tuple[int, int, bytes]
"""From, to, and what stands there instead."""


def edited(data: bytes, start: int, end: int, edits: Iterable[Edit]) -> str:
    """A stretch of a file with its changes made."""
    out, last = bytearray(), start
    for first, behind, text in sorted(set(edits)):
        out += data[last:first] + text
        last = behind
    return (bytes(out) + data[last:end]).decode()


def without_annotations(probe: ProbeFile, node: ast.AST) -> Iterator[Edit]:
    """What older Pythons cannot read, and a reader of the test does not need."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.AnnAssign):
            last = inner.target if inner.value is not None else None
            yield (probe.end(last), probe.end(inner.annotation), b"") if last else whole_lines(probe, inner)
        elif isinstance(inner, Function):
            if inner.returns is not None:
                arrow = probe.data.rindex(b"->", 0, probe.start(inner.returns))
                yield len(probe.data[:arrow].rstrip()), probe.end(inner.returns), b""
            yield from plain_arguments(probe, inner.args)


def plain_arguments(probe: ProbeFile, arguments: ast.arguments) -> Iterator[Edit]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    defaults |= {a: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
    named = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    for argument in (*positional, *arguments.kwonlyargs, *named):
        if argument.annotation is None:
            continue
        name_ends = probe.start(argument) + len(argument.arg.encode())
        if argument in defaults:
            yield name_ends, probe.start(defaults[argument]), b"="
        else:
            yield name_ends, probe.end(argument.annotation), b""


def whole_lines(probe: ProbeFile, node: ast.stmt) -> Edit:
    return probe.at(node.lineno, 0), probe.starts[node.end_lineno or node.lineno], b""


def set_to(probe: ProbeFile, node: ast.stmt, values: Mapping[str, str]) -> Iterator[Edit]:
    """The values of named constants."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        name = next(iter(names_of(node)), "")
        if name in values:
            yield probe.start(node.value), probe.end(node.value), values[name].encode()


def called_otherwise(probe: ProbeFile, node: ast.AST, names: Mapping[str, str]) -> Iterator[Edit]:
    """Other words in place of names; inside formatted texts, whose places not every Python tells, the text anew."""
    if not names:
        return
    texts = [n for n in ast.walk(node) if isinstance(n, ast.JoinedStr)]
    inside = {id(n) for text in texts for n in ast.walk(text)}
    for text in texts:
        if any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(text)):
            yield probe.start(text), probe.end(text), ast.unparse(_Renamed(names).visit(copy.deepcopy(text))).encode()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and id(inner) not in inside and inner.id in names:
            yield probe.start(inner), probe.end(inner), names[inner.id].encode()
        elif isinstance(inner, ast.arg) and inner.arg in names:
            at = probe.start(inner)
            yield at, at + len(inner.arg.encode()), names[inner.arg].encode()
        elif isinstance(inner, Definition) and inner.name in names:
            at = probe.data.index(inner.name.encode(), probe.start(inner) + len("def"))
            yield at, at + len(inner.name.encode()), names[inner.name].encode()


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.parse(self.names[node.id], mode="eval").body if node.id in self.names else node


def tidy(text: str) -> str:
    """Without words for linters and type checkers, which say nothing to a reader of the test."""
    lines = text.splitlines()
    for token in comments(text):
        if DIRECTIVE.match(token.string):
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines).rstrip()


def comments(text: str) -> list[tokenize.TokenInfo]:
    if not any(DIRECTIVE.search(line) for line in text.splitlines()):
        return []
    source = textwrap.dedent(text)
    margin = len(text) - len(text.lstrip(" ")) if source != text else 0
    found = tokenize.generate_tokens(io.StringIO(source).readline)
    return [t._replace(start=(t.start[0], t.start[1] + margin)) for t in found if t.type == tokenize.COMMENT]
