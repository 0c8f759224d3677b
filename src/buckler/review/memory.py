"""Results of a whole review kept by content: the same files, rules, tables and engine give the same findings.

Values are tuples of builtins in marshal, in the user's private cache only.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Protocol

from buckler.finding.model import Action, Facts, Finding, Growth, Location, Move, Severity, Source, Step

LAYER = "findings"


class Cache(Protocol):
    """Where results are kept between runs."""

    def get_many(self, layer: str, keys: Sequence[bytes]) -> dict[bytes, bytes]: ...

    def put_many(self, layer: str, items: Mapping[bytes, bytes]) -> None: ...


class NoCache:
    """Keeps nothing."""

    def get_many(self, layer: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {}

    def put_many(self, layer: str, items: Mapping[bytes, bytes]) -> None: ...


@cache
def engine_version() -> bytes:
    """Changes whenever a file of the engine does, so that nobody ever sees the results of an older one."""
    root = Path(__file__).resolve().parents[1]
    marks = []
    for folder in ("analysis", "review", "finding", "weaknesses"):
        for path in sorted(path for path in (root / folder).rglob("*.py") if path.parent.name != "examples"):
            status = path.stat()
            marks.append(f"{path.name}:{status.st_size}:{status.st_mtime_ns}")
    return hashlib.blake2b("\n".join(marks).encode(), digest_size=16).digest()


def key_of(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.blake2b(engine_version(), digest_size=20)
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def pack(findings: list[Finding]) -> bytes:
    return marshal.dumps([row_of(f) for f in findings])


def unpack(data: bytes) -> list[Finding]:
    return [finding_of(row) for row in marshal.loads(data)]


def row_of(f: Finding) -> tuple[object, ...]:
    out: list[object] = []
    for field in fields(Finding):
        value = getattr(f, field.name)
        if isinstance(value, Location):
            value = _place(value)
        elif isinstance(value, Source):
            value = (value.kind, value.name, value.parameter, value.function)
        elif isinstance(value, Facts):
            value = (value.sink, growth_row(value.growth))
        elif field.name == "flow":
            value = tuple((_place(s.location), _actions(s), s.code, s.function) for s in value)
        elif isinstance(value, Severity):
            value = int(value)
        out.append(value)
    return tuple(out)


def _place(location: Location) -> tuple[str, int, int, int, int]:
    return (location.path, location.line, location.column, location.end_line, location.end_column)


def _actions(step: Step) -> tuple[tuple[str, str], ...]:
    return tuple((action.move.value, action.name) for action in step.actions)


def growth_row(growth: Growth | None) -> tuple[str, str, str, int] | None:
    return (growth.pump, growth.prefix, growth.suffix, growth.degree) if growth is not None else None


def growth_of(row: tuple[str, str, str, int] | None) -> Growth | None:
    return Growth(*row) if row else None


def finding_of(row: tuple[object, ...]) -> Finding:
    values = dict(zip((f.name for f in fields(Finding)), row, strict=True))
    values["severity"] = Severity(values["severity"])  # type: ignore[arg-type]
    values["location"] = Location(*values["location"])  # type: ignore[misc]
    values["flow"] = tuple(
        Step(Location(*place), tuple(Action(Move(move), name) for move, name in actions), code, function)
        for place, actions, code, function in values["flow"]  # type: ignore[attr-defined]
    )
    facts: tuple[str, tuple[str, str, str, int] | None] = values["facts"]  # type: ignore[assignment]
    values["facts"] = Facts(facts[0], growth_of(facts[1]))
    source = values["source"]
    values["source"] = Source(*source) if source else None  # type: ignore[misc]
    return Finding(**values)  # type: ignore[arg-type]
