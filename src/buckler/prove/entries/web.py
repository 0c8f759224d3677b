"""From a finding to requests that carry a mark to its line.

All names a handler mentions are tried at once, each with a mark of its own: one request tells which parameter travels.
Then the request is cut down to what is needed. Where a check of the project refuses, a stand-in that answers yes is
put in its place and named among the assumptions; where benign input ends in an error, the project's own fixtures
are tried.

Example::

    for reached in web_approaches(session, surface, finding, versions): ...
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace

from buckler.finding.evidence import Exposure
from buckler.finding.model import Finding
from buckler.prove.entries import archives
from buckler.prove.entries.encodings import adapted
from buckler.prove.entries.fixtures import Fixture
from buckler.prove.entries.guards import Pass, blocking, passed, regions
from buckler.prove.entries.reach import MARK, Reached, arrived, code_of, marks_seen, reach, watched
from buckler.prove.entries.request import Request, Slot
from buckler.prove.entries.routing import afresh, routes_for
from buckler.prove.entries.slots import base, batches
from buckler.prove.entries.styles import NEEDED, STYLES
from buckler.prove.entries.surface import Application, Route, Surface
from buckler.prove.model import EntryDriver, ProofRecipe
from buckler.prove.session import Answer, Session, Tried

CLIENTS = ("flask", "starlette", "fastapi", "django")
"""Frameworks whose clients are called the same way wherever they come from."""
BINARY = ("content", "body")
"""Places of a request that take bytes."""
NOTHING = Slot("nothing")
"""No place in the request: what is sent makes no difference."""
MOST_PASSES = 4
MOST_SLOTS = 80
MOST_ALONE = 8
MOST_BEGINNINGS = 2
BEGINNING = re.compile(r"/|[a-z]{2,8}://?")


def web_approaches(
    session: Session, surface: Surface, finding: Finding, recipe: ProofRecipe, versions: dict[str, str]
) -> Iterator[Reached]:
    """Requests that reach the finding's line, most certain first."""
    for application, route in routes_for(surface, finding):
        application = afresh(application) if recipe.afresh else application
        if application.framework in STYLES:
            methods = [m for m in route.methods if m not in ("HEAD", "OPTIONS")]
            for method in sorted(methods or ["GET"], key=lambda m: m != "POST"):
                search = RouteSearch(session, application, route, method, versions, finding, recipe, surface.fixtures)
                yield from search.search()


@dataclass(slots=True)
class RouteSearch:
    """One route and method, being tried."""

    session: Session
    application: Application
    route: Route
    method: str
    versions: dict[str, str]
    finding: Finding
    recipe: ProofRecipe
    fixtures: tuple[Fixture, ...] = ()
    passes: tuple[Pass, ...] = ()
    """Checks of the project that are answered with yes."""
    extra: dict[str, str] = field(default_factory=dict)
    """Values that parameters must have, by name."""
    prefix: str = ""
    """What the marks begin with."""
    last: tuple[Request, Slot] | None = None
    """The request that got there last."""

    def search(self) -> Iterator[Reached]:
        """Plain marks first, then marks that begin as the handler's texts do: `startswith("/")` lets no other pass."""
        for prefix in ("", *self.beginnings()):
            self.prefix, self.extra = prefix, {}
            done = yield from self.rounds()
            if done:
                return

    def rounds(self) -> Generator[Reached, None, bool]:
        """Every batch, again for each check that can be answered; whether something got there."""
        for _ in range(MOST_PASSES):
            refused: list[Answer] = []
            waiting = self.batches()
            while waiting:
                batch = waiting.pop(0)
                answer = self.sent(self.filled(batch), len(batch))
                there = arrived(answer, self.finding, self.recipe)
                found = self.seen(answer, len(batch), exact_only=there)
                for number, exact in found:
                    if reached := self.narrowed(batch[number], batch, exact=exact):
                        yield self.with_fixtures(reached) or reached
                if found:
                    return True
                if there and (reached := self.at_line(batch, marks_seen(answer, self.finding, len(batch)))):
                    yield self.with_fixtures(reached) or reached
                    return True
                refused.append(answer)
                if len(batch) > 1 and in_error(answer):  # one of those that travel may be what the others fail by
                    seen = travelling(answer, len(batch))
                    rest = [slot for number, slot in enumerate(batch) if number not in seen]
                    waiting += [*([rest] if seen and rest else []), *([batch[number]] for number in seen[:MOST_ALONE])]
            if not self.past(refused):
                return False
        return False

    def seen(self, answer: Answer, count: int, *, exact_only: bool) -> list[tuple[int, bool]]:
        """Marks that came to the line; of a line that compares, only if it did."""
        if self.recipe.compares and not arrived(answer, self.finding, self.recipe):
            return []
        return marks_seen(answer, self.finding, count, exact_only=exact_only)

    def beginnings(self) -> list[str]:
        return [text for text in self.route.constants if BEGINNING.fullmatch(text)][:MOST_BEGINNINGS]

    def mark(self, number: int) -> str:
        return self.prefix + MARK.format(number)

    def past(self, refused: Sequence[Answer]) -> bool:
        """Put a stand-in for the check that refused, if one is known."""
        for answer in refused:
            found = blocking(self.session, self.application, self.route, self.finding, answer, self.column)
            new = [p for p in found if p not in self.passes and not (p.name and p.name in self.extra)]
            if new:
                self.extra |= {p.name: p.value for p in new if p.name}
                self.passes += tuple(p for p in new if not p.name)
                return True
        return False

    def batches(self) -> list[list[Slot]]:
        if self.recipe.header:
            return [[Slot("header", self.recipe.header)]]
        every = batches(self.route, self.base(), self.finding)
        found = [batch[:MOST_SLOTS] for batch in every if not self.prefix or not batch[0].as_name]
        if self.packs:
            found = [[replace(s, binary=s.part in BINARY) for s in batch] for batch in found]
        return found or [[NOTHING]]

    def base(self) -> Request:
        request = base(self.route, self.method, self.application.framework)
        if self.recipe.with_cookie:
            request = request.put(Slot("cookie", "user"), repr("4711"))  # without a cookie there is nothing to protect
        return replace(request, slashes=self.recipe.slashes)

    def filled(self, batch: Sequence[Slot]) -> Request:
        request = self.base()
        for number, slot in enumerate(batch):
            mark = repr(self.mark(number))
            given = mark if slot.as_name else self.extra.get(slot.name, mark)
            request = request.put(slot, f"archive({mark})" if slot.binary else given)
        return request

    def narrowed(self, slot: Slot, batch: Sequence[Slot], *, exact: bool) -> Reached | None:
        """The smallest request that still gets there: alone, or with those others it cannot do without."""
        others = [s for s in batch if s != slot and s.part != "path" and not s.as_name and not same_place(s, slot)]
        if found := self.carried(slot, [], exact=exact):
            return found
        found = self.carried(slot, others, exact=exact)
        if found is None:
            return None
        for parts in ([s for s in others if s.part == slot.part], [s for s in others if s.name in self.extra]):
            if fewer := self.carried(slot, parts, exact=exact):
                others, found = parts, fewer
                break
        for other in [*others]:
            rest = [s for s in others if s != other]
            if fewer := self.carried(slot, rest, exact=exact):
                others, found = rest, fewer
        return found

    def at_line(self, batch: Sequence[Slot], seen: Sequence[tuple[int, bool]]) -> Reached | None:
        """The smallest request under which the line runs, where nothing has to travel there; best with a value that at
        least comes near."""
        free = [slot for slot in batch if not slot.as_name]
        needed = sorted(free, key=lambda slot: slot.name in self.extra)  # the first takes the value
        reached = list(batch) if self.recipe.header else [batch[number] for number, _ in seen][:2]
        for slot in reached:
            one = self.running([slot])
            if one is not None and welcome(one.answer):
                return one
        bare = self.running([])
        if bare is not None and welcome(bare.answer):
            return bare
        found = self.running(needed)
        if found is None or (bare is not None and not welcome(found.answer)):
            return bare
        for slot in [*needed]:
            rest = [s for s in needed if s != slot]
            fewer = self.running(rest)
            if fewer is not None and welcome(fewer.answer) == welcome(found.answer):
                needed, found = rest, fewer
        return found

    def running(self, slots: Sequence[Slot]) -> Reached | None:
        """The request with these places filled, the first of them with the value."""
        request = self.base()
        for number, slot in enumerate(slots):
            request = request.put(slot, self.extra.get(slot.name, repr("1")) if number else "value")
        slot = slots[0] if slots else NOTHING
        approach = self.approach(request, slot)
        answer = reach(self.session, approach, MARK.format(777), self.lines)
        self.last = (request, slot)
        return (
            Reached(approach, answer, MARK.format(777), exact=True)
            if arrived(answer, self.finding, self.recipe)
            else None
        )

    def carried(self, slot: Slot, others: Sequence[Slot], *, exact: bool) -> Reached | None:
        mark = self.mark(777)
        request = self.base()
        for other in others:
            plain = "b'one'" if other.binary else "b'one'.decode()" if other.part == "content" else repr("1")
            request = request.put(other, self.extra.get(other.name, plain))
        request = request.put(slot, "value")
        approach = self.approach(request, slot)
        answer = reach(self.session, approach, mark, self.lines)
        seen = self.seen(answer, 1, exact_only=exact)
        if seen and not seen[0][1] and (better := adapted(self.session, approach, mark, self.lines, self.finding)):
            return Reached(*better, mark, exact=True)
        self.last = (request, slot) if seen else self.last
        return Reached(approach, answer, mark, seen[0][1]) if seen else None

    def with_fixtures(self, reached: Reached) -> Reached | None:
        """The same through a fixture of the project, where it ends well and the plain way does not."""
        if not failed(reached.answer) or self.last is None or self.application.framework not in CLIENTS:
            return None
        for fixture in self.fixtures:
            approach = self.through_fixture(fixture, reached.approach, *self.last)
            answer = reach(self.session, approach, reached.mark, self.lines)
            seen = marks_seen(answer, self.finding, 1)
            if seen and not answer.error:
                return Reached(approach, answer, reached.mark, seen[0][1])
        return None

    def through_fixture(self, fixture: Fixture, plain: EntryDriver, request: Request, slot: Slot) -> EntryDriver:
        style = STYLES[self.application.framework]
        if fixture.gives == "client":
            lines = style.send("client", request, self.versions)
            body = re.sub(r"\bclient\.", f"{fixture.name}.", "\n".join(lines))
        else:
            body = "\n".join(style.send(fixture.name, request, self.versions))
        imports = (
            *(style.imports if fixture.gives == "app" else ()),
            *([fixture.imported] if fixture.imported else []),
        )
        words = (*plain.assumptions, f"uses the project's own fixture `{fixture.name}`")
        other = replace(plain, send=body, imports=imports, setup="", fixtures=(fixture.name,), folder=fixture.folder,
                        assumptions=words)  # fmt: skip
        through = passed(other, self.passes)
        return replace(through, imports=(*needed(through.send), *through.imports))

    @property
    def column(self) -> int:
        """Where in its line a comparison stands that has to be made; 0 if the line has only to run."""
        return self.finding.location.column if self.recipe.compares else 0

    @property
    def lines(self) -> dict[str, list[int]]:
        return watched(self.finding)

    def approach(self, request: Request, slot: Slot) -> EntryDriver:
        style = STYLES[self.application.framework]
        body = "\n".join(style.send(self.application.expression, request, self.versions))
        entry = f"{self.method} {self.route.address.removesuffix('$')}, {slot.words}"
        setup = "\n".join(text.strip() for text in (self.application.setup, style.setup) if text)
        plain = EntryDriver(entry, Exposure.REMOTE, (*style.imports, *self.application.imports), body, setup,
                         style.text, style.status, style.headers, style.cookies,
                         assumptions=self.application.assumptions)  # fmt: skip
        if self.packs:
            plain = self.packing(plain, slot)
        through = passed(plain, self.passes)
        return replace(through, imports=tuple(dict.fromkeys([*needed(through.send + setup), *through.imports])))

    @property
    def packs(self) -> bool:
        """What travels is the name of a member of an archive."""
        return archives.concerned(self.finding, self.recipe)

    def packing(self, plain: EntryDriver, slot: Slot) -> EntryDriver:
        """With the code that makes an archive, and one around the value where bytes are sent."""
        made = next(archives.packed(plain, self.finding, forms=("archive({})",)))
        return made if slot.binary else replace(made, encoding=plain.encoding)

    def sent(self, request: Request, count: int) -> Answer:
        """Watching the whole handler and what stands around it, to learn where it left."""
        approach = self.approach(request, Slot("query"))
        lines = {path: [*numbers] for path, numbers in self.lines.items()}
        for path, first, last in regions(self.route, self.finding):
            lines.setdefault(path, []).extend(range(first, last + 1))
        code = code_of(approach) + f"\nanswer = send(None)\nreport([{approach.status or 'None'}, text(answer)[:4000]])"
        answer = self.session.run(code, 10, lines, [self.mark(i) for i in range(count)])
        self.session.tried.append(
            Tried(approach.entry.partition(",")[0], approach.send, answer.seen.ran, answer.failure)
        )
        return answer


def needed(code: str) -> list[str]:
    """The imports of what a request mentions."""
    return [line for name, line in NEEDED.items() if re.search(rf"(?<![\w.]){name}\b[.(]", code)]


def failed(answer: Answer) -> bool:
    status = answer.value.get("status") if isinstance(answer.value, dict) else None
    return answer.error is not None or (isinstance(status, int) and status >= 500)


def in_error(answer: Answer) -> bool:
    """Of an answer to marks: it ended in an error, or was answered as one."""
    status = answer.value[0] if isinstance(answer.value, list) and answer.value else None
    return answer.error is not None or (isinstance(status, int) and status >= 400)


def travelling(answer: Answer, count: int) -> list[int]:
    """Numbers of the marks that were seen anywhere on the way."""
    return sorted({mark for _, _, marks in answer.seen.near for mark in marks if mark < count})


def welcome(answer: Answer) -> bool:
    """The request was answered as one that is well formed."""
    status = answer.value.get("status") if isinstance(answer.value, dict) else None
    return answer.error is None and not (isinstance(status, int) and status >= 400)


def same_place(one: Slot, other: Slot) -> bool:
    return one.name == other.name and one.part == other.part
