"""The sentences a finding about a dependency carries; nothing reads them back.

Example::

    upgrade("jinja2", "2.10.1")     # "Upgrade jinja2 to 2.10.1 or later."
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from buckler.base.counting import counted
from buckler.dependencies.model import Doubt, Reachability, Reason
from buckler.finding.model import DependencyFacts, Reach

LONGEST_SUMMARY = 160
"""Characters of the advisory's own words; whoever wants all of them has its name."""
TOLD = {
    Reach.UNTRUSTED: "Untrusted data reaches the vulnerable function.",
    Reach.REACHABLE: "The code reaches the vulnerable function.",
    Reach.UNKNOWN: "Whether the code reaches the vulnerable function is not known.",
    Reach.NOT_REACHABLE: "The code does not reach the vulnerable function.",
}


def message(
    template: str, package: str, facts: DependencyFacts, chain: Sequence[str], summary: str, *, certain: bool
) -> str:
    """What is wrong, by which other names it is known, how the package comes in and whether the code gets there."""
    named = ", ".join(facts.aliases)
    parts = [template.format(package=package, advisory=f"{facts.advisory} ({named})" if named else facts.advisory)]
    if not certain:
        parts.append("No version is pinned; every version that is allowed is affected.")
    if len(chain) > 1:
        parts.append(f"It comes in through {', '.join(chain[:-1])}.")
    if facts.reason or facts.reach is not Reach.UNKNOWN:
        said = TOLD[facts.reach]
        parts.append(f"{said[:-1]}: {facts.reason}." if facts.reason else said)
    if summary:
        parts.append(f"The advisory says: {textwrap.shorten(summary, LONGEST_SUMMARY, placeholder=' …').rstrip('.')}.")
    return " ".join(parts)


DOUBTS = {
    Doubt.NO_SYMBOLS: "nothing says which functions are vulnerable",
    Doubt.MANY_SYMBOLS: "the release that fixes it changed much else, some of which is reached",
    Doubt.NO_SOURCES: "the sources of {name} are not at hand",
    Doubt.NATIVE: "a part of {name} is compiled",
    Doubt.NAMED_IN_TEXT: "a text names `{name}`",
    Doubt.DYNAMIC: "`{name}` is chosen when the program runs",
    Doubt.BY_NAME: "something of unknown type has its method `{name}` called",
    Doubt.PLUGIN: "{name} registers itself as a plugin",
    Doubt.OTHER_LANGUAGE: "calls into packages of {name} are not followed",
    Doubt.UNREAD: "code was not read: {name}",
}
MOST_REASONS = 3


def grounds(way: Reachability) -> str:
    """What an answer rests on, as a clause: what was searched, or why nobody knows; empty if nothing was done."""
    if way.reach is Reach.UNKNOWN:
        return "; ".join(map(doubt, way.reasons[:MOST_REASONS]))
    if way.reach is Reach.NOT_REACHABLE:
        through = ", ".join(map(str, way.searched.packages[:MOST_REASONS]))
        seen = f"{counted(way.searched.files, 'file')} and {counted(way.searched.functions, 'function')} were searched"
        return f"{seen}, through {through}" if through else seen
    start = way.path[0] if way.path else None
    return f"the way there begins at {start.location.path}:{start.location.line}" if start is not None else ""


def doubt(reason: Reason) -> str:
    """One reason not to know, with the place if there is one."""
    words = DOUBTS[reason.doubt].format(name=reason.name)
    at = reason.location
    return f"{words} ({at.path}:{at.line})" if at is not None else words


def upgrade(name: str, fixed: str, *, asked_by: str = "") -> str:
    """What to do; `asked_by` is the package of the project's own choice that brings it in."""
    if not fixed:
        return (
            f"The advisories name no release of {name} in which everything known is fixed: look for a newer one, "
            "guard the calls, or use another package."
        )
    through = f" It comes in through {asked_by}." if asked_by else ""
    return f"Upgrade {name} to {fixed} or later.{through}"
