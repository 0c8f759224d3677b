"""Whether untrusted data gets to the calls with which a project enters a vulnerable package.

The call graph says where the project's own code begins a way to a vulnerable function. The engine that follows data is
given a library model in which these calls are sinks, and nothing else is; what it finds at such a call is the flow.

Example::

    with_flows(ways, files, cache, libraries)[0].flow      # Steps from `request.args` to `markdown2.markdown(text)`
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from buckler.base.progress import Silent
from buckler.base.scratch import passing
from buckler.base.source import SourceFile
from buckler.dependencies.model import Reachability
from buckler.dependencies.upgrade.names import called_at, used
from buckler.finding.model import Finding, Reach, Rule, Severity
from buckler.review.memory import Cache
from buckler.review.rulebook import RuleBook, book_of
from buckler.weaknesses.registry import rulebook
from buckler.workbench.engine import Order, run_engine

SINK = "vulnerable-call"
EXAMPLE = f"call(data)  #! {SINK}"
"""Every row with sinks has to have one; nobody tries it."""
LANGUAGE = "python"
"""The one whose calls are looked up by their syntax."""
NAME = re.compile(r"[A-Za-z_][\w.]{0,200}")
FOLLOWED = (Reach.REACHABLE, Reach.UNKNOWN)


@dataclass(slots=True, frozen=True)
class Site:
    """One call of the project that enters a package."""

    path: str
    line: int


def with_flows(
    ways: Sequence[Reachability], files: Sequence[SourceFile], cache: Cache, libraries: tuple[Path, ...]
) -> list[Reachability]:
    """The same, with the flow where untrusted data gets to the call."""
    own = {file.path: file for file in files if file.language == LANGUAGE}
    sites = {number: site for number, way in enumerate(ways) if (site := entry_of(way, own)) is not None}
    found = flows_to(set(sites.values()), list(own.values()), cache, libraries) if sites else {}
    return [
        replace(way, reach=Reach.UNTRUSTED, flow=hit.flow, source=hit.source)
        if (hit := found.get(sites.get(number, Site("", 0)))) is not None
        else way
        for number, way in enumerate(ways)
    ]


def entry_of(way: Reachability, own: dict[str, SourceFile]) -> Site | None:
    """The last step of a way that is in the project's own code, if the way leads on from there by a call."""
    if way.reach not in FOLLOWED or not way.path:
        return None
    inside = [step for step in way.path if step.location.path in own]
    return Site(inside[-1].location.path, inside[-1].location.line) if inside else None


def flows_to(
    sites: set[Site], files: Sequence[SourceFile], cache: Cache, libraries: tuple[Path, ...]
) -> dict[Site, Finding]:
    """What the engine finds when just these calls are sinks."""
    by_path = {file.path: file for file in files}
    names = sorted({name for site in sites for name in _called(by_path[site.path], site.line)})
    found = ((Site(f.location.path, f.location.line), f) for f in _followed(names, files, cache, libraries))
    return {site: finding for site, finding in found if site in sites}


def flows_into(
    modules: Sequence[str], methods: Container[str], files: Sequence[SourceFile], cache: Cache
) -> list[Finding]:
    """Untrusted data that gets to any call of these modules of a package, or of a method that it has.

    A way by calls may not have been found, because a package builds its objects when it is imported; whether such a
    call matters, only trying it can tell.
    """
    own = [file for file in files if file.language == LANGUAGE]
    calls = used({file.path: file.read() for file in own}, modules).calls
    names = [name for name in sorted(calls) if not name.startswith(".") or name[1:] in methods]
    return _followed([name for name in names if NAME.fullmatch(name.removeprefix("."))], own, cache, ())


def _followed(
    names: Sequence[str], files: Sequence[SourceFile], cache: Cache, libraries: tuple[Path, ...]
) -> list[Finding]:
    """The flows to calls of these functions and methods."""
    if not names:
        return []
    with passing("buckler-sinks-") as folder:
        (folder / LANGUAGE).mkdir()
        (folder / LANGUAGE / "vulnerable.toml").write_text("\n".join(_model(names)), "utf-8")
        order = Order(_book(), (*libraries, folder), cache, 1, Silent())
        return [finding for finding in run_engine(files, order).findings if finding.flow]


def _called(file: SourceFile, line: int) -> Iterator[str]:
    try:
        data = file.read()
    except OSError:
        return
    yield from (name for name in called_at(data, line) if NAME.fullmatch(name.removeprefix(".")))


def _model(names: Sequence[str]) -> Iterator[str]:
    """A library model in which these functions and methods are sinks."""
    yield 'package = "vulnerable"'
    for name in names:
        loose = "loose = true" if name.startswith(".") else ""
        told = name.removeprefix(".")
        yield f"\n[[callable]]\nname = {json.dumps(told)}\n{loose}"
        yield f'sinks = [{{ arg = "*", rule = "{SINK}" }}, {{ arg = "self", rule = "{SINK}" }}]'
        yield f'example = "{EXAMPLE}"'


def _book() -> RuleBook:
    """One rule, about these calls; the others are known and left out."""
    rule = Rule(
        id=SINK,
        title="Vulnerable call: untrusted data reaches it",
        family="dependencies",
        cwe=(1395,),
        severity=Severity.HIGH,
        kind="taint",
        message="{source} reaches {sink}.",
        attacker="",
        fix="",
        prose="",
        text=False,
        api="never",
        safe_characters=None,
    )
    known = rulebook()
    own = book_of([rule])
    return replace(own, left_out=frozenset({*known.rules}), aliases=known.aliases, digest=known.digest)
