"""Which routes of a project's applications are tried for a finding.

Example::

    routes_for(surface, finding)     # those whose function lies on the way; else those of its class, its file, any
"""

from __future__ import annotations

from dataclasses import replace

from buckler.finding.model import Finding
from buckler.prove.entries.surface import Application, Route, Surface

MOST_ROUTES = 12


def afresh(application: Application) -> Application:
    """The application made anew by every request, so that the lines run by which it is set up."""
    if application.setup or not application.expression.isidentifier():
        return application
    made = f'runpy.run_module("{application.module}").get("{application.expression}")'
    others = [line for line in application.imports if not line.endswith(f" import {application.expression}")]
    return replace(application, expression=made, imports=("import runpy", *others))


def routes_for(surface: Surface, finding: Finding) -> list[tuple[Application, Route]]:
    """Routes whose function lies on the way; else those of its class; else those of the same file; else any."""
    places = [*(step.location for step in finding.flow), finding.location]
    functions = [(s.location.path, s.function) for s in finding.flow] + [(finding.location.path, finding.function)]
    every = [(a, r) for a in surface.applications for r in a.routes]
    on_way = [(a, r) for a, r in every if any(p.path == r.file and r.line <= p.line <= r.end for p in places)]
    owned = [(a, r) for a, r in every if r.owner[0] and any(of_class(r, path, name) for path, name in functions)]
    same = [(a, r) for a, r in every if r.file in {p.path for p in places}]
    chosen = on_way or owned or same or every
    first: dict[tuple[str, int, tuple[str, ...], str], tuple[Application, Route]] = {}
    for application, route in chosen:
        first.setdefault((route.file, route.line, route.methods, route.owner[1]), (application, route))
    return list(first.values())[:MOST_ROUTES]


def of_class(route: Route, path: str, function: str) -> bool:
    return path == route.owner[0] and function.startswith(f"{route.owner[1]}.")
