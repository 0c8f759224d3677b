"""The web applications of a project, found by loading its modules inside the sandbox and asking them.

Which modules are worth loading is read from their text; what they hold is asked at run time: an application at module
level, one that a factory without required arguments makes, or a part of one, around which an application is made.

Example::

    surface = explore(session, Path("shop"), first=("shop/app.py",))
    surface.applications[0].routes[0].address     # "/search"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from buckler.base.files import read_in
from buckler.prove.answers import ApplicationRow, FoundRow, rows_of, shaped
from buckler.prove.entries.django import django_application
from buckler.prove.entries.fixtures import fixtures
from buckler.prove.entries.surface import LARGEST, MOST_FILES, TESTS, Surface, application_of
from buckler.prove.environment.layout import module_of, roots
from buckler.prove.session import Session, asking

MAKES = re.compile(
    rb"\b(Flask|Quart|FastAPI|Starlette|Bottle|Application|Sanic|Litestar|default_app|get_wsgi_application|"
    rb"(?:create|make|build|get|init)_(?:app|application))\s*\("
)
PARTS = re.compile(rb"\b(Blueprint|APIRouter|RouteTableDef|Router)\s*\(|^@(route|get|post)\(", re.M)
MOST_MODULES = 96
"""Far fewer are loaded where loading takes long: the time is shared out inside."""


def explore(session: Session, project: Path, first: Sequence[str] = (), seconds: float = 60) -> Surface:
    """Load the modules that look as if they made an application, then `first`, then parts of applications."""
    folders = roots(project)
    names = list(dict.fromkeys(module_of(path, folders) for path in candidates(project, first)))[:MOST_MODULES]
    names = [name for name in names if all(part.isidentifier() for part in name.split("."))]
    answer = session.run(asking("discover", "found", names), seconds)
    reply = shaped(answer.value, FoundRow)
    if reply is None:
        return Surface((), {"": answer.failure or "nothing answered"}, folders)
    applications = [application_of(row) for row in rows_of(reply["found"], ApplicationRow)]
    if (site := django_application(session, project, folders, first)) is not None:
        applications.append(site)
    applications.sort(key=lambda a: (bool(a.setup), -len(a.routes)))
    return Surface(tuple(applications), reply["failed"], folders, fixtures(project))


def candidates(project: Path, first: Sequence[str]) -> list[str]:
    """Files worth loading: those whose text makes an application, nearest the root first, those asked for, then parts."""
    asked = [path for path in first if (project / path).is_file()]
    makers: list[str] = []
    parts: list[str] = []
    files = sorted(project.rglob("*.py"), key=lambda p: (len(p.parts), str(p)))[:MOST_FILES]
    for file in files:
        path = file.relative_to(project).as_posix()
        if TESTS.search(path):
            continue
        data = read_in(project, path, LARGEST)
        if MAKES.search(data):
            makers.append(path)
        elif PARTS.search(data):
            parts.append(path)
    own = set(asked)
    return [*sorted(makers, key=lambda path: path not in own), *asked, *parts]
