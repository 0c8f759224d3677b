"""A way through functions as lines of code that a reader can follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from buckler.analysis.program.modules import Class, Routine
from buckler.base.source import SourceFile
from buckler.dependencies.model import Package
from buckler.dependencies.reach.search import Edge
from buckler.dependencies.releases import Releases
from buckler.finding.model import Action, Location, Move, Step

LONGEST = 300
LOW = (1 << 32) - 1


@dataclass(slots=True)
class Texts:
    """Where the bytes of a path are."""

    project: Mapping[str, SourceFile]
    folders: Mapping[str, Package]
    """Packages by the folder in which their paths begin."""
    releases: Releases
    _known: dict[str, bytes] = field(default_factory=dict)

    def text(self, path: str) -> bytes:
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._read(path)
        return known

    def _read(self, path: str) -> bytes:
        try:
            if path in self.project:
                return self.project[path].text()
            folder = next((f for f in self.folders if path.startswith(f"{f}/")), "")
            data = self.releases.files(self.folders[folder]).get(path[len(folder) + 1 :], b"") if folder else b""
            return SourceFile(path, "python", data=data).text()
        except OSError:
            return b""

    def location(self, edge: Edge) -> Location | None:
        """Where the use stands that an edge is made of."""
        if edge.origin is None or edge.use is None or not edge.use.span:
            return None
        return self.at(edge.origin.module.path, edge.use.span)

    def at(self, path: str, span: int) -> Location:
        data = self.text(path)
        start, end = span >> 32, span & LOW
        return Location(path, *self.place(data, start), *self.place(data, end))

    @staticmethod
    def place(data: bytes, offset: int) -> tuple[int, int]:
        line = data.rfind(b"\n", 0, offset) + 1
        return data.count(b"\n", 0, offset) + 1, len(data[line:offset].decode("utf-8", "replace")) + 1

    def line(self, location: Location) -> str:
        lines = self.text(location.path).splitlines()
        found = lines[location.line - 1] if location.line <= len(lines) else b""
        return found.decode("utf-8", "replace").strip()[:LONGEST]


def steps_of(way: Sequence[Edge], texts: Texts) -> tuple[Step, ...]:
    """One step for each use on the way, the vulnerable function's own line last."""
    out: list[Step] = []
    for edge in way:
        location = texts.location(edge)
        if location is not None and edge.origin is not None:
            out.append(Step(location, (taken(edge.node),), texts.line(location), edge.origin.function.name))
    end = way[-1].node if way else None
    if end is not None:
        span = end.function.span if isinstance(end, Routine) else end.info.span
        location = texts.at(end.module.path, span)
        out.append(Step(location, (Action(Move.REACHES, named(end)),), texts.line(location), named(end)))
    return tuple(out)


def taken(node: Routine | Class | None) -> Action:
    """What a use does to get to the next function."""
    if node is None:
        return Action(Move.CALL, "")
    loads = isinstance(node, Routine) and node.function.kind == "module"
    return Action(Move.LOADS if loads else Move.CALLS, named(node))


def named(node: Routine | Class) -> str:
    """A function or class by its own name, what a module does when it is loaded by the module's."""
    own = node.function.name if isinstance(node, Routine) else node.info.name
    return own or node.module.name
