"""What is asked of whoever lowers a file, and what comes back; `lowering` asks, `workers` answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from buckler.analysis.flow.relevance import Telling
from buckler.analysis.ir.codec import encode
from buckler.analysis.ir.ops import Module


@dataclass(slots=True, frozen=True)
class Task:
    """One file to lower: where it is, its bytes, what it is called."""

    path: str
    language: str
    name: str
    package: bool
    data: bytes
    test: bool = False
    """Code of a test: of its functions only those are read that name something wrong in itself."""


@dataclass(slots=True, frozen=True)
class Work:
    """What processes share: all files to lower, and per language the names that are wrong in themselves."""

    tasks: list[Task]
    careless: Mapping[str, Telling]


@dataclass(slots=True, frozen=True)
class Facts:
    """What the report says about a file, known without decoding its module."""

    path: str
    language: str
    lines: int
    functions: int
    opaque: dict[str, int]
    errors: list[int]


Made = Module | tuple[tuple[Any, ...], bytes]


def stored(module: Module) -> tuple[tuple[Any, ...], bytes]:
    facts = facts_of(module)
    return (facts.path, facts.language, facts.lines, facts.functions, facts.opaque, facts.errors), encode(module)


def facts_of(module: Module) -> Facts:
    return Facts(module.path, module.language, module.lines, len(module.functions), module.opaque, module.errors)
