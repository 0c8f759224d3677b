"""In which order findings are told, and what marks each of them for good.

Worst first; among equals new questions before repeated ones, the sure before the guessed, the more exposed first. What
is another's code, brought along, comes after one's own.

    >>> BROUGHT.search("pip/_vendor/urllib3/util.py") is not None
    True
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from buckler.analysis.flow.solve import RANK
from buckler.finding.model import Finding, Rule, Severity

FEW = 2
"""Places that one question about a field may show at before the others are hearsay."""
"""In the words of a regular expression that needs thousands of characters to be slow."""
BROUGHT = re.compile(
    r"(?:^|/)(?:_?vendor(?:ed|s)?|_?third[_-]?party|node_modules|bower_components|extern(?:al)?s?)/|"
    r"(?:^|/)(?:static|assets|media|js)/(?:.*/)?(?:libs?|dist)/|[.-]min\.js$|-\d+\.\d+[^/]*\.js$"
)
"""Where other people's code lies."""
BANNER = re.compile(rb"\s*/\*(.{0,1000}?)\*/", re.S)
LICENSED = re.compile(rb"^.*(?:licen[sc]e|apache|\bgpl).*$", re.I | re.M)
RELEASED = re.compile(rb"\b\d+\.\d+(?:\.\d+)?\b")


def fingerprinted(findings: list[Finding], texts: Mapping[str, bytes], rules: Mapping[str, Rule]) -> list[Finding]:
    """Worst first, with fingerprints that change neither when lines move nor when a rule gets another id."""
    released = {path for path in {f.location.path for f in findings} if path.endswith(".js") and lent(path, texts)}
    findings = ranked([brought_along(f, f.location.path in released) for f in findings])
    in_place = sorted(range(len(findings)), key=lambda i: (findings[i].location, findings[i].rule))
    seen: Counter[str] = Counter()
    for i in in_place:
        f = findings[i]
        text = re.sub(r"\s+", "", f.code)
        base = f"{first_id(f.rule, rules)}\0{f.location.path}\0{f.function}\0{text}"
        seen[base] += 1
        mark = hashlib.blake2b(f"{base}\0{seen[base]}".encode("utf-8", "replace"), digest_size=12).hexdigest()
        findings[i] = replace(f, fingerprint=mark)
    return findings


def first_id(rule: str, rules: Mapping[str, Rule]) -> str:
    """The id a rule had when its first findings were written into baselines."""
    return rules[rule].aliases[0] if rule in rules and rules[rule].aliases else rule


def lent(path: str, texts: Mapping[str, bytes]) -> bool:
    """A script among Python files that begins by naming its own release and license.

    >>> lent("web/lunr.js", {"web/lunr.js": b"/* lunr - 2.3.9\\n@license MIT */", "app.py": b""})
    True
    """
    head = BANNER.match(texts.get(path, b"")[:1200])
    if head is None or LICENSED.search(head[1]) is None or RELEASED.search(LICENSED.sub(b"", head[1])) is None:
        return False
    return any(other.endswith(".py") for other in texts)


def brought_along(f: Finding, released: bool) -> Finding:
    """Code of others has its own maintainers, who are the ones to ask: two steps less, and marked."""
    if not released and not BROUGHT.search(f.location.path):
        return f
    level = Severity(max(Severity.NOTE, f.severity - 2))
    return replace(f, severity=level, approximations=(*f.approximations, "vendored"))


def ranked(findings: list[Finding]) -> list[Finding]:
    """Worst first, then the surest; what repeats a question comes after what asks another one.

    Data that reaches many places through the same field is a question at the first few, and a note at the others.
    """
    findings = sorted(findings, key=lambda f: (-f.severity, doubt(f), f.location, f.rule))
    seen: Counter[tuple[object, ...]] = Counter()
    order: list[tuple[int, int, tuple[int, ...], int]] = []
    for number, f in enumerate(findings):
        asked = questions(f)
        repeated = max(seen[question] for question in asked)
        seen.update(asked)
        if repeated > FEW and "fields" in f.approximations:
            f = findings[number] = replace(f, severity=Severity.NOTE)
        order.append((-f.severity, repeated, doubt(f), number))
    return [findings[number] for *_, number in sorted(order)]


def questions(f: Finding) -> tuple[tuple[object, ...], ...]:
    """What a finding asks its maintainer: about this function, and about this data or this very thing."""
    start = f.flow[0].location if f.flow else None
    about = (start.path, start.line) if start is not None else (f.location.path, f.facts.sink, f.facts.growth)
    return (f.rule, f.location.path, f.function), (f.rule, "about", *about), (f.rule, "given", *given(f))


def given(f: Finding) -> tuple[object, ...]:
    """The name of a parameter callers give: the methods of a family that all take a `docname` ask one question."""
    by_caller = f.source is not None and f.source.kind == "api" and f.source.parameter
    return (f.source.name,) if f.source is not None and by_caller else (f.location.path, f.location.line)


def doubt(finding: Finding) -> tuple[int, ...]:
    """Among equals one's own code comes first, then what took no guess, then what somebody remote controls."""
    slow = finding.facts.growth is not None and finding.facts.growth.degree > 0
    exposed = RANK.get(finding.source.kind, 5) if finding.source is not None else 5 if slow else 1
    guesses = len(finding.approximations)
    return int("vendored" in finding.approximations), int(guesses > 0), exposed, guesses
