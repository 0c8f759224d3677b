"""What of a project answers requests: its web applications and their routes.

Example::

    surface.applications[0].routes[0].address     # "/search"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from buckler.prove.answers import RouteRow, SlotRow, rows_of
from buckler.prove.entries.fixtures import Fixture

TESTS = re.compile(
    r"(^|/)(tests?|testing|examples?|docs?|benchmarks?)/|(^|/)(test_[^/]*|[^/]*_test|conftest|setup)\.py$"
)
MOST_FILES = 3000
LARGEST = 400_000


@dataclass(slots=True, frozen=True)
class Route:
    """One address and the function that answers it; the file is relative to the project."""

    address: str
    methods: tuple[str, ...]
    kinds: dict[str, str]
    file: str
    line: int
    end: int
    name: str
    constants: tuple[str, ...]
    parameters: tuple[dict[str, Any], ...] = ()
    module: str = ""
    wrappers: tuple[tuple[str, str, int, int], ...] = ()
    """Functions around the handler: module, file, first and last line."""
    dependencies: tuple[tuple[str, str], ...] = ()
    """Functions of the project that run before the handler: module and name."""
    owner: tuple[str, str] = ("", "")
    """For a class that answers: its file and name."""


@dataclass(slots=True, frozen=True)
class Application:
    """A web application and how to get hold of it."""

    framework: str
    module: str
    expression: str
    """`app`, or `create_app()`."""
    routes: tuple[Route, ...]
    imports: tuple[str, ...] = ()
    """What a test imports to have it."""
    setup: str = ""
    """Statements of a test that make it, where nothing of the project does."""
    warmth: str = ""
    """Statements that load it once for all attempts."""
    assumptions: tuple[str, ...] = ()


@dataclass(slots=True)
class Surface:
    """What of a project answers requests."""

    applications: tuple[Application, ...] = ()
    failed: dict[str, str] = field(default_factory=dict)
    """Modules that could not be loaded, with the reason."""
    roots: tuple[str, ...] = ("src", "lib")
    """Folders that modules are imported from, besides the project itself."""
    fixtures: tuple[Fixture, ...] = ()
    """Fixtures of the project that give a client or an application."""

    @property
    def warmth(self) -> str:
        """Statements that load everything that was found."""
        return "\n".join(dict.fromkeys(a.warmth for a in self.applications))


def application_of(row: dict[str, Any]) -> Application:
    module, attribute = str(row["module"]), str(row["attribute"])
    found = tuple(route_of(r) for r in rows_of(row["routes"], RouteRow))
    if row.get("made"):
        import_, setup = map(str, row["made"])
        words = f"an application was made for the test, because `{attribute}` of {module} is only a part of one"
        return Application(str(row["framework"]), module, "app", found, (import_, f"from {module} import {attribute}"), setup,
                           f"import {module}", (words,))  # fmt: skip
    expression = f"{attribute}()" if row["call"] else attribute
    imports = (*map(str, row.get("imports", ())), f"from {module} import {attribute}")
    return Application(str(row["framework"]), module, expression, found, imports, warmth=f"import {module}")


def route_of(row: dict[str, Any]) -> Route:
    wrappers = tuple((m, _outside(f), a, z) for m, f, a, z in row.get("wrappers", ()))
    owner = row.get("owner", ("", ""))
    before = tuple((str(m), str(n)) for m, n, file in row.get("dependencies", ()) if str(file).startswith("/project/"))
    return Route(str(row["address"]), tuple(map(str, row["methods"])), dict(row["kinds"]), _outside(row["file"]),
                 int(row["line"]), int(row["end"]), str(row["name"]), tuple(map(str, row["constants"])),
                 tuple(rows_of(row.get("parameters"), SlotRow)), str(row.get("module", "")), wrappers, before,
                 (_outside(owner[0]), str(owner[1])))  # fmt: skip


def _outside(path: object) -> str:
    return str(path).removeprefix("/project/")
