"""Two users at one page: one who has logged in, and one who has not.

For a page that lacks the check its siblings make, a sibling is looked for that turns the unauthenticated user away; what lets
somebody past it is what logs in here. The test then sends the same request as both, and asks the sibling as a control.

Example::

    for reached in principal_approaches(session, project, surface, finding, versions): ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from buckler.finding.model import Finding
from buckler.prove.answers import shaped
from buckler.prove.emit import defined, plain
from buckler.prove.entries.guards import Pass, passed
from buckler.prove.entries.place import last_line
from buckler.prove.entries.reach import MARK, Reached, reach
from buckler.prove.entries.routing import routes_for
from buckler.prove.entries.styles import STYLES
from buckler.prove.entries.surface import Route, Surface
from buckler.prove.entries.web import NOTHING, RouteSearch
from buckler.prove.model import EntryDriver, ProofRecipe
from buckler.prove.probe_file import top_names
from buckler.prove.session import Session

MOST_SIBLINGS = 6


def principal_approaches(
    session: Session, project: Path, surface: Surface, finding: Finding, recipe: ProofRecipe, versions: dict[str, str]
) -> Iterator[Reached]:
    """Requests that run the page unauthenticated, where a sibling refuses such requests."""
    for application, route in routes_for(surface, finding):
        if application.framework not in STYLES or not STYLES[application.framework].status:
            continue
        for method in methods(route):
            probe = RouteSearch(session, application, route, method, versions, finding, recipe)
            found = next(probe.search(), None)
            if found is None or probe.passes:
                continue
            asked = asking(project, probe)
            if asked is not None:
                yield replace(found, approach=both(found.approach, *asked))


def methods(route: Route) -> list[str]:
    return sorted((m for m in route.methods if m not in ("HEAD", "OPTIONS")), key=lambda m: m != "POST") or ["GET"]


def asking(project: Path, probe: RouteSearch) -> tuple[EntryDriver, Sequence[Pass]] | None:
    """A sibling that refuses an unauthenticated request, with that request, and what lets somebody past it."""
    siblings = [r for r in probe.application.routes if r.file == probe.route.file and r.line != probe.route.line]
    for route in siblings[:MOST_SIBLINGS]:
        goal = last_line(project, route.file, route.line)
        place = replace(probe.finding.location, path=route.file, line=goal, end_line=goal)
        finding = replace(probe.finding, location=place, flow=(), function=route.name)
        other = replace(probe, route=route, method=methods(route)[0], finding=finding, passes=(), extra={}, last=None)
        plain = other.approach(other.base(), NOTHING)
        if turned_away(probe.session, plain) and next(other.search(), None) is not None and other.passes:
            return plain, other.passes
    return None


def has_sibling(approach: EntryDriver) -> bool:
    """Whether a page beside it was found that asks who is there."""
    return "sibling" in top_names(approach.setup)


def turned_away(session: Session, plain: EntryDriver) -> bool:
    reply = shaped(reach(session, plain, MARK.format(1), {}).value, dict[str, Any]) or {}
    status = reply.get("status")
    return isinstance(status, int) and (status in (401, 403) or 300 <= status < 400)


def both(approach: EntryDriver, sibling: EntryDriver, passes: Sequence[Pass]) -> EntryDriver:
    """The request of a user who has logged in, with the unauthenticated ones beside it."""
    other = "The same request of an unauthenticated user"
    asks = f"{plain(sibling.entry.partition(',')[0])}, which requires a login, of an unauthenticated user"
    setup = "\n\n\n".join(
        [defined("unauthenticated", ["value"], other, approach.send), defined("sibling", [], asks, sibling.send)]
    )
    imports = tuple(dict.fromkeys([*sibling.imports, *approach.imports]))
    return passed(replace(approach, imports=imports, setup=f"{approach.setup}\n\n\n{setup}".strip("\n")), passes)
