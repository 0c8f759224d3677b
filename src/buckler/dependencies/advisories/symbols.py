"""Functions that an advisory names as vulnerable, wherever its database has put them.

Go's database lists packages and symbols under `imports`, RustSec paths under `affects`, GitHub dotted or bracketed
names under `affected_functions`. Only names are taken, never text.

Example::

    named_symbols("Go", "example.org/text", {"imports": [{"path": "example.org/text/language", "symbols": ["Parse"]}]})
    # (Symbol('example.org/text/language', 'Parse'),)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.dependencies.model import Symbol

BRACKETED = re.compile(r"\(([\w.$/@-]+)\)\.?([\w.$]+)", re.A)
DOTTED = re.compile(r"[\w$/@-]+(?:(?:\.|::|#)[\w$<>]+)*(?:\(\))?", re.A)
MOST = 2_000
LONGEST = 300


def named_symbols(ecosystem: str, package: str, *specifics: object) -> tuple[Symbol, ...]:
    """What the specific fields of an affected package name, each once."""
    found: dict[Symbol, None] = {}
    for specific in specifics:
        if isinstance(specific, dict):
            found |= dict.fromkeys(_symbols(ecosystem, package, specific))
    return tuple(found)[:MOST]


def _symbols(ecosystem: str, package: str, specific: dict[str, object]) -> Iterator[Symbol]:
    for entry in _list(specific.get("imports")):
        if isinstance(entry, dict) and isinstance(path := entry.get("path", package), str):
            names = [name for name in _list(entry.get("symbols")) if isinstance(name, str)]
            yield from (Symbol(path[:LONGEST], name[:LONGEST]) for name in names or [""])
    affects = specific.get("affects")
    functions = affects.get("functions") if isinstance(affects, dict) else None
    for name in (*_list(functions), *_list(specific.get("affected_functions"))):
        if isinstance(name, str) and len(name) <= LONGEST and (symbol := _split(ecosystem, name.strip())):
            yield symbol


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _split(ecosystem: str, name: str) -> Symbol | None:
    """The module and the name within it, None for what is a sentence rather than a name."""
    bracketed = BRACKETED.fullmatch(name)
    if bracketed is not None:
        return Symbol(bracketed[1], bracketed[2])
    if not DOTTED.fullmatch(name):
        return None
    name = name.removesuffix("()")
    if ecosystem == "crates.io":
        return _of_rust(name)
    module, _, last = name.replace("#", ".").rpartition(".")
    return Symbol(module, last)


def _of_rust(path: str) -> Symbol:
    """Modules are written small, types large: `tokio::sync::Receiver::close` is `Receiver::close` of `tokio::sync`."""
    parts = path.split("::")
    split = next((at for at, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
    return Symbol("::".join(parts[:split]), "::".join(parts[split:]))
