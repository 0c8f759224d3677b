"""The web applications of a project, found by loading its modules inside the sandbox and asking them.

Which modules are worth loading is read from their text; what they hold is asked at run time: an application at module
level, or one that a factory without required arguments makes.

Example::

    surface = explore(session, Path("shop"), first=("shop/app.py",))
    surface[0].routes[0].address     # "/search"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from buckler.prove.session import Session

MAKES = re.compile(
    rb"\b(Flask|Quart|FastAPI|Starlette|Bottle|Application|Sanic|Litestar|default_app|get_wsgi_application|"
    rb"(?:create|make|build|get|init)_(?:app|application))\s*\("
)
TESTS = re.compile(
    r"(^|/)(tests?|testing|examples?|docs?|benchmarks?)/|(^|/)(test_[^/]*|[^/]*_test|conftest|setup)\.py$"
)
MOST_FILES = 3000
MOST_MODULES = 24
LARGEST = 400_000

FIND = """
import importlib, inspect, signal
import routes

def tried(work):
    def late(*_):
        raise TimeoutError("took too long")
    signal.signal(signal.SIGALRM, late)
    signal.alarm(8)
    try:
        return work(), ""
    except BaseException as error:
        return None, f"{type(error).__name__}: {error}"[:300]
    finally:
        signal.alarm(0)

found, failed, seen = [], {}, set()
for name in MODULES:
    module, why = tried(lambda: importlib.import_module(name))
    if module is None:
        failed[name] = why
        continue
    for attribute, value in sorted(vars(module).items()):
        if attribute.startswith("__") or id(value) in seen:
            continue
        told, _ = tried(lambda: routes.described(value))
        if told:
            seen.add(id(value))
            home = getattr(value, "import_name", None) == name
            found.append({"module": name, "attribute": attribute, "call": False, "home": home, **told})
    for attribute, value in sorted(vars(module).items()):
        if not inspect.isfunction(value) or value.__module__ != name:
            continue
        if not any(word in attribute.lower() for word in ("create", "make", "build", "get_app", "init_app", "factory", "application")):
            continue
        wanted = [p for p in inspect.signature(value).parameters.values()
                  if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        if wanted or inspect.iscoroutinefunction(value):
            continue
        made, why = tried(value)
        told = made is not None and tried(lambda: routes.described(made))[0]
        if told:
            found.append({"module": name, "attribute": attribute, "call": True, "home": True, **told})
        elif why:
            failed[f"{name}.{attribute}()"] = why
report({"found": found, "failed": failed})
"""


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


@dataclass(slots=True, frozen=True)
class Application:
    """A web application and how to get hold of it."""

    framework: str
    module: str
    expression: str
    """`app`, or `create_app()`."""
    routes: tuple[Route, ...]

    @property
    def imported(self) -> str:
        return f"from {self.module} import {self.expression.partition('(')[0]}"


@dataclass(slots=True)
class Surface:
    """What of a project answers requests."""

    applications: tuple[Application, ...] = ()
    failed: dict[str, str] = field(default_factory=dict)
    """Modules that could not be loaded, with the reason."""


def module_of(path: str) -> str:
    """The dotted name a file is imported by."""
    parts = path.removesuffix(".py").split("/")
    if parts[0] in ("src", "lib") and len(parts) > 1:
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)


def explore(session: Session, project: Path, first: Sequence[str] = (), seconds: float = 60) -> Surface:
    """Load the modules that look as if they made an application; `first` are tried in any case."""
    names = list(dict.fromkeys(module_of(path) for path in candidates(project, first)))[:MOST_MODULES]
    names = [name for name in names if all(part.isidentifier() for part in name.split("."))]
    answer = session.run(f"MODULES = {names!r}\n{FIND}", seconds)
    if not isinstance(answer.value, dict):
        return Surface((), {"": answer.failure or "nothing answered"})
    applications = [_application(row) for row in answer.value.get("found", ())]
    applications.sort(key=lambda a: -len(a.routes))
    return Surface(tuple(applications), dict(answer.value.get("failed", {})))


def candidates(project: Path, first: Sequence[str]) -> list[str]:
    """Files worth loading: those asked for, then those whose text makes an application, nearest the root first."""
    out = [path for path in first if (project / path).is_file()]
    files = sorted(project.rglob("*.py"), key=lambda p: (len(p.parts), str(p)))[:MOST_FILES]
    for file in files:
        path = file.relative_to(project).as_posix()
        if TESTS.search(path) or file.is_symlink():
            continue
        try:
            if file.stat().st_size <= LARGEST and MAKES.search(file.read_bytes()):
                out.append(path)
        except OSError:
            continue
    return out


def _application(row: dict[str, Any]) -> Application:
    expression = f"{row['attribute']}()" if row["call"] else str(row["attribute"])
    return Application(str(row["framework"]), str(row["module"]), expression, tuple(_route(r) for r in row["routes"]))


def _route(row: dict[str, Any]) -> Route:
    return Route(str(row["address"]), tuple(map(str, row["methods"])), dict(row["kinds"]), str(row["file"]).removeprefix("/project/"),
                 int(row["line"]), int(row["end"]), str(row["name"]), tuple(map(str, row["constants"])),
                 tuple(row.get("parameters", ())))  # fmt: skip
