"""Changes in the text of a probe, each made at the place of a node of its tree, so that all else stays as it was.

Example::

    edited(probe.data, start, end, set_to(probe, node, {"FILE": "'app.py'"}))      # "FILE = 'app.py'"
"""

from __future__ import annotations

import ast
import copy
import io
import re
import textwrap
import tokenize
from collections.abc import Iterable, Iterator, Mapping

from buckler.prove.probe_file import Definition, Function, ProbeFile, names_of

DIRECTIVE = re.compile(r"#\s*(?:type:|noqa|fmt:)")
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
