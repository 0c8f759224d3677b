"""The packages of a project held against the advisories of a database.

Several databases describe the same flaw under names of their own. Those that affect one component and share a name, or
are joined by others that do, become one `Vulnerability`, named after the best known name.

A component without a version has only the range that its manifest asks for. It is vulnerable if *no* version which that
range allows is free of the flaw; if some version is, nobody knows which one will be installed, and nothing is reported.
Such a vulnerability is not `certain`.

That a package is malicious is said of what its registry has under that name. A folder beside the project or a
repository of the same name is something else.

Example::

    found, notices = vulnerabilities(inventory.components, database)
    found[0].id, found[0].fixed         # 'CVE-2019-10906', ('2.10.1',)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from buckler.base.counting import counted
from buckler.dependencies.advisories.database import Database
from buckler.dependencies.advisories.ranges import Span, affects, spans
from buckler.dependencies.advisories.versions import ascending, key
from buckler.dependencies.advisories.wanted import allowed, covered
from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.model import Advisory, Affected, Bound, Component, Origin, Vulnerability, fame
from buckler.finding.model import Notice

KIND = "advisory"
"""Of the notices about advisories."""
OWN = (Origin.PATH, Origin.REPOSITORY)
"""Origins of packages that are not what the registry has under their name."""


def vulnerabilities(components: Iterable[Component], database: Database) -> tuple[list[Vulnerability], list[Notice]]:
    """Every known flaw of the components, in their order and then by name; and what was left out."""
    components = list(components)
    found: list[Vulnerability] = []
    notices: list[Notice] = list(_unknown(components, database))
    for component in components:
        package = component.package
        known = database.affecting(package.ecosystem, ecosystem(package.ecosystem).canonical(package.name))
        hits = [advisory for advisory in known if _is_meant(component, advisory)]
        standing = [advisory for advisory in hits if not advisory.withdrawn]
        notices += [_withdrawn(component, advisory) for advisory in hits if advisory.withdrawn]
        if known and package.version and key(package.ecosystem, package.version) is None:
            notices.append(_not_compared(component))
        found += sorted((_vulnerability(component, same) for same in joined(standing)), key=lambda one: fame(one.id))
    return found, notices


def joined(advisories: Iterable[Advisory]) -> list[tuple[Advisory, ...]]:
    """Those that share a name, directly or through others, together."""
    groups: list[tuple[set[str], list[Advisory]]] = []
    for advisory in advisories:
        names, members = {advisory.id, *advisory.aliases}, [advisory]
        apart = []
        for group in groups:
            if names.isdisjoint(group[0]):
                apart.append(group)
            else:
                names |= group[0]
                members += group[1]
        groups = [*apart, (names, members)]
    return [tuple(sorted(members, key=lambda one: fame(one.id))) for _, members in groups]


def _is_meant(component: Component, advisory: Advisory) -> bool:
    if advisory.malicious and component.requirements and all(one.origin in OWN for one in component.requirements):
        return False
    return any(_is_affected(component, one) for one in advisory.affected)


def _is_affected(component: Component, affected: Affected) -> bool:
    version = component.package.version
    if version:
        return affects(affected, version)
    meant = list(_affected_spans(affected))
    wishes = {requirement.wanted for requirement in component.requirements}
    return any(covered(allowed(affected.ecosystem, wanted), meant) for wanted in wishes)


def _affected_spans(affected: Affected) -> Iterator[Span]:
    for events in affected.ranges:
        yield from spans(affected.ecosystem, events)
    for version in affected.versions:
        if (at := key(affected.ecosystem, version)) is not None:
            yield Span(at, at, closed=True)


def _vulnerability(component: Component, advisories: tuple[Advisory, ...]) -> Vulnerability:
    package = component.package
    return Vulnerability(component, advisories, _fixed(component, advisories), certain=bool(package.version))


def _fixed(component: Component, advisories: tuple[Advisory, ...]) -> tuple[str, ...]:
    """Versions above the one at hand in which an advisory says that it is fixed."""
    package = component.package
    at = key(package.ecosystem, package.version) if package.version else None
    named = {
        event.version
        for advisory in advisories
        for affected in advisory.affected
        for events in affected.ranges
        for event in events
        if event.bound is Bound.FIXED
    }
    order = ascending(package.ecosystem, named)
    return order if at is None else tuple(one for one in order if (key(package.ecosystem, one) or ()) > at)


def _place(component: Component) -> str:
    return component.requirements[0].location.path if component.requirements else ""


def _unknown(components: Iterable[Component], database: Database) -> Iterator[Notice]:
    """Packages that nothing was held against are not clean."""
    number = Counter(component.package.ecosystem for component in components)
    for name in sorted(number):
        if not database.knows(name):
            text = (
                f"no advisory about {name} is known, so {counted(number[name], 'package')} of it could not be checked"
            )
            yield Notice(KIND, "", text, partial=True)


def _withdrawn(component: Component, advisory: Advisory) -> Notice:
    text = f"{advisory.id} about {component.package} was withdrawn on {advisory.withdrawn}, so it is left out"
    return Notice(KIND, _place(component), text, partial=False)


def _not_compared(component: Component) -> Notice:
    package = component.package
    text = (
        f"{package.version!r} of {package.name} is no version that {package.ecosystem} can order, "
        "so only advisories that list it were found"
    )
    return Notice(KIND, _place(component), text, partial=True)
