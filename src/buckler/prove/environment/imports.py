"""From an import that failed to the package that brings it: what the project declares as optional, then a table.

Example::

    besides(Path("shop"), ["No module named 'yaml'"])     # ("pyyaml",)
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from packaging.utils import canonicalize_name

from buckler.prove.environment.requirements import optional, parsed

MISSING = re.compile(r"No module named '([\w.]+)'|Install (?:it )?with `?pip install ([\w.-]+)")


@cache
def table() -> dict[str, str]:
    """Import name → requirement."""
    read: dict[str, str] = tomllib.loads(Path(__file__).with_name("imports.toml").read_text("utf-8"))
    return read


def besides(project: Path, reasons: Iterable[str]) -> tuple[str, ...]:
    """Requirements for the modules that failing imports name; nothing for modules nobody knows."""
    names = {m[1] or m[2] for reason in reasons for m in MISSING.finditer(reason)}
    tops = sorted({name.partition(".")[0] for name in names})
    extras = {canonicalize_name(found.name): text for text in optional(project) if (found := parsed(text))}
    out = []
    for top in tops:
        if (project / top).is_dir() or (project / f"{top}.py").is_file():
            continue
        known = table().get(top) or table().get(top.lower(), "")
        name = canonicalize_name(re.split(r"[<>=]", known)[0] or top)
        wanted = extras.get(name) or known
        if wanted:
            out.append(wanted)
    return tuple(out)


def imported(data: bytes) -> set[str]:
    """What a file imports from elsewhere, a try with a substitute included: a flaw may lie in the first choice."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.partition(".")[0] for name in names if name} - set(sys.stdlib_module_names)


def added(project: Path, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[str, ...]:
    """Requirements for what a change imports and the files before it did not."""
    names = {n for path, data in new.items() for n in imported(data) - imported(old.get(path, b""))}
    return besides(project, [f"No module named {name!r}" for name in sorted(names)])
