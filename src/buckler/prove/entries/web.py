"""From a finding to requests that carry a mark to its line.

All names a handler mentions are tried at once, each with a mark of its own: one request tells which parameter travels.
Then the request is cut down to what is needed.

Example::

    for approach, mark in web_approaches(session, surface, finding, versions): ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from buckler.finding.evidence import Exposure
from buckler.finding.model import Finding
from buckler.prove.entries.encodings import adapted
from buckler.prove.entries.reach import MARK, Reached, code_of, marks_seen, reach, watched
from buckler.prove.entries.request import Address, Request, Slot
from buckler.prove.entries.styles import STYLES
from buckler.prove.entries.surface import Application, Route, Surface
from buckler.prove.model import Approach
from buckler.prove.session import Answer, Session

MOST_NAMES = 24
MOST_ROUTES = 12
NAMED = re.compile(r"""["']([^"'\s]{1,60})["']""")
ATTRIBUTE = re.compile(r"\.(\w+)")
FRAMEWORK_NAMES = frozenset({"utf-8", "ascii", "GET", "POST", "PUT", "DELETE", "", " "})
BODY_FIRST = re.compile(r"get_data|\.data\b|\.body\b|stream|get_json|\.json\b|\.read\(")


def web_approaches(session: Session, surface: Surface, finding: Finding, versions: dict[str, str]) -> Iterator[Reached]:
    """Requests that reach the finding's line, most certain first."""
    lines = watched(finding)
    for application, route in routes_for(surface, finding):
        style = STYLES.get(application.framework)
        if style is None:
            continue
        for method in sorted(route.methods, key=lambda m: m != "POST"):
            probe = Probe(session, application, route, method, versions, lines, finding)
            yield from probe.search()


def routes_for(surface: Surface, finding: Finding) -> list[tuple[Application, Route]]:
    """Routes whose function lies on the way; else those of the same file; else any."""
    steps = [(s.location.path, s.location.line) for s in finding.flow] + [
        (finding.location.path, finding.location.line)
    ]
    every = [(a, r) for a in surface.applications for r in a.routes]
    on_way = [(a, r) for a, r in every if any(p == r.file and r.line <= n <= r.end for p, n in steps)]
    same = [(a, r) for a, r in every if r.file in {p for p, _ in steps}]
    chosen = on_way or same or every
    first: dict[tuple[str, int, tuple[str, ...]], tuple[Application, Route]] = {}
    for application, route in chosen:
        first.setdefault((route.file, route.line, route.methods), (application, route))
    return list(first.values())[:MOST_ROUTES]


@dataclass(slots=True)
class Probe:
    """One route and method, being tried."""

    session: Session
    application: Application
    route: Route
    method: str
    versions: dict[str, str]
    lines: dict[str, list[int]]
    finding: Finding

    def search(self) -> Iterator[Reached]:
        for as_name in (False, True):
            slots = self.slots(as_name=as_name)
            marks = [MARK.format(i) for i in range(len(slots))]
            request = self.base()
            for slot, mark in zip(slots, marks, strict=True):
                request = request.put(slot, repr(mark))
            if not slots:
                continue
            answer = self.sent(request, marks)
            found = self.seen(answer, slots)
            for number, exact in found:
                if reached := self.narrowed(slots[number], exact=exact):
                    yield reached
            if found:
                return

    def base(self) -> Request:
        expression = self.application.framework == "tornado"
        return Request(self.method, Address.parse(self.route.address, self.route.kinds, expression=expression))

    def slots(self, *, as_name: bool) -> list[Slot]:
        """Every place worth a mark, the likeliest first."""
        request = self.base()
        parts = [p for p in ("query", "form", "cookie", "header") if p != "form" or request.carries_body]
        text = " ".join(step.code for step in self.finding.flow[:2])
        names = list(dict.fromkeys([*NAMED.findall(text), *self.parameter_names(), *self.route.constants]))
        names = [n for n in names if n not in FRAMEWORK_NAMES and re.fullmatch(r"[\w.\-\[\]]+", n)][:MOST_NAMES]
        if as_name:
            return [Slot(part, name, as_name=True) for name in names[:6] or ["one"] for part in parts]
        out = [Slot("path", n) for n, kind in self.varying() if kind not in ("int", "integer", "float")]
        body = [Slot("body")] if request.carries_body and (BODY_FIRST.search(text) or not names) else []
        if body:
            return [*out, *body, *(Slot("query", n) for n in names)]
        return [*out, *(Slot(part, name) for name in names for part in parts)]

    def varying(self) -> list[tuple[str, str]]:
        return [piece for piece in self.base().address.pieces if not isinstance(piece, str)]

    def parameter_names(self) -> list[str]:
        return [str(p["name"]) for p in self.route.parameters]

    def narrowed(self, slot: Slot, *, exact: bool) -> Reached | None:
        """The smallest request that still gets there."""
        mark = MARK.format(777)
        alone = self.base().put(slot, "value")
        others = [
            s for s in self.slots(as_name=False) if s.part == slot.part and s.name != slot.name and s.part != "path"
        ]
        full = self.base()
        for other in others:
            full = full.put(other, repr("1"))
        for request in (alone, full.put(slot, "value")):
            approach = self.approach(request, slot)
            answer = reach(self.session, approach, mark, self.lines)
            seen = self.seen(answer, [slot], exact_only=exact)
            if seen and not seen[0][1] and (better := adapted(self.session, approach, mark, self.lines, self.finding)):
                return Reached(*better, mark, exact=True)
            if seen:
                return Reached(approach, answer, mark, seen[0][1])
        return None

    def approach(self, request: Request, slot: Slot) -> Approach:
        style = STYLES[self.application.framework]
        body = style.send(self.application.expression, request, self.versions)
        entry = f"{self.method} {self.route.address}, {slot.words}"
        return Approach(entry, Exposure.REMOTE, (*style.imports, self.application.imported), "\n".join(body), style.setup,
                        style.text, style.status, style.headers)  # fmt: skip

    def sent(self, request: Request, marks: Sequence[str]) -> Answer:
        approach = self.approach(request, Slot("query"))
        return self.session.run(code_of(approach) + "\nreport(text(send(None)))", 10, self.lines, marks)

    def seen(self, answer: Answer, slots: Sequence[Slot], *, exact_only: bool = False) -> list[tuple[int, bool]]:
        """Numbers of the slots whose mark was near the sink; failing that, near a step before while the sink ran."""
        return marks_seen(answer, self.finding, len(slots), exact_only=exact_only)
