"""The project's own fixtures: what its tests already use to get a client that works.

Where the plain approach ends in an error, because a table or a setting is missing, a fixture that gives a client or an
application is tried in its place, and the test is written in the project's style.

Example::

    fixtures(Path("shop"))     # (Fixture("client", "client", "from test_shop import client", "tests"),)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from buckler.base.files import read_in

CLIENTS = (
    "client",
    "test_client",
    "app_client",
    "http_client",
    "api_client",
    "logged_in_client",
    "auth_client",
    "anonymous_client",
)
APPS = ("app", "application", "flask_app", "fastapi_app", "web_app")
MAKES_CLIENT = ("test_client", "TestClient", "Client", "APIClient")
MOST = 6
LARGEST = 400_000


@dataclass(slots=True, frozen=True)
class Fixture:
    """One fixture: what it gives, and how a test comes by it."""

    name: str
    gives: str
    """`client` or `app`."""
    imported: str
    """An import statement; empty where pytest finds it by itself."""
    folder: str
    """Where it is found, relative to the project."""


def fixtures(project: Path) -> tuple[Fixture, ...]:
    """Fixtures of the project that give a client or an application, clients first."""
    found: list[Fixture] = []
    for folder in ("tests", "test", "."):
        top = project / folder
        files = sorted(top.glob("*.py")) if top.is_dir() else []
        for file in files:
            if file.name == "conftest.py" or file.name.startswith("test_") or file.name.endswith("_test.py"):
                found += fixtures_of(file, project)
    first: dict[str, Fixture] = {}
    for fixture in sorted(found, key=lambda f: (f.gives != "client", bool(f.imported), f.name != "client")):
        first.setdefault(fixture.name, fixture)
    return tuple(first.values())[:MOST]


def fixtures_of(file: Path, project: Path) -> Iterator[Fixture]:
    try:
        tree = ast.parse(read_in(project, file, LARGEST))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and any("fixture" in ast.unparse(d) for d in node.decorator_list):
            gives = given_by(node)
            if gives:
                own = file.name == "conftest.py"
                import_ = "" if own else f"from {importable(file, project)} import {node.name}"
                yield Fixture(node.name, gives, import_, file.parent.relative_to(project).as_posix().removeprefix("."))


def given_by(node: ast.FunctionDef) -> str:
    """What a fixture gives, by its last word or by its name."""
    last = [n.value for n in ast.walk(node) if isinstance(n, ast.Return | ast.Yield) and n.value is not None]
    made = " ".join(ast.unparse(value) for value in last)
    calls = [ast.unparse(n.func).rpartition(".")[2] for n in ast.walk(node) if isinstance(n, ast.Call)]
    if node.name in CLIENTS or any(f"{word}(" in made for word in MAKES_CLIENT):
        return "client"
    if "client" in made and any(word in calls for word in MAKES_CLIENT):
        return "client"
    return "app" if node.name in APPS else ""


def importable(file: Path, project: Path) -> str:
    """The name of a test module for a test in the same folder, as pytest loads it."""
    parts = [file.stem]
    folder = file.parent
    while folder != project and (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)
