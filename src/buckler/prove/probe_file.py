"""Probe files: real Python that emitted tests are cut from, parsed once, with the place of everything in them.

Example::

    probe = ProbeFile.load(PROBES / "watching.py")
    probe.defined["everywhere"]      # the syntax tree of that function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import buckler

HOME = Path(buckler.__file__).parent
PROBES = HOME / "prove" / "probes"
SENDING = PROBES / "sending.py"
"""What each test writes for itself: how a value is sent, and what is read of an answer."""
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
