"""Sending a mark along an approach and seeing where it gets.

Example::

    answer = reach(session, approach, "zq001qz", watched(finding))
    marks_seen(answer, finding, 1)      # [(0, True)]: at the sink itself
"""

from __future__ import annotations

from dataclasses import dataclass

from buckler.finding.model import Finding
from buckler.prove.emit import send_of
from buckler.prove.model import EntryDriver, ProofRecipe, encoded
from buckler.prove.session import Answer, Lines, Seen, Session, Tried, seen_of

WATCH = "noting"
"""The name that probes give to what stands in place of a function that they watch."""
MARK = "zq{:03d}qz"
"""Short, without meaning in any language, and the same in capitals."""


@dataclass(slots=True, frozen=True)
class Reached:
    """An approach that carried its mark to the line, and what was seen on the way."""

    approach: EntryDriver
    answer: Answer
    mark: str
    exact: bool
    """The mark was seen at the sink; otherwise the line ran and an earlier step held it."""


def watched(finding: Finding) -> dict[str, list[int]]:
    """Lines worth watching: every step of the way, and the whole statement at the sink."""
    out: dict[str, list[int]] = {}
    for place in (*(step.location for step in finding.flow), finding.location):
        end = min(place.end_line, place.line + 30)
        out.setdefault(place.path, []).extend(range(place.line, end + 1))
    return out


def sink_lines(finding: Finding) -> dict[str, list[int]]:
    """The statement at the end of the way."""
    place = finding.flow[-1].location if finding.flow else finding.location
    out = {place.path: list(range(place.line, min(place.end_line, place.line + 30) + 1))}
    here = finding.location
    out.setdefault(here.path, []).extend(range(here.line, min(here.end_line, here.line + 30) + 1))
    return out


def marks_seen(answer: Answer, finding: Finding, count: int, *, exact_only: bool = False) -> list[tuple[int, bool]]:
    at_sink = sink_lines(finding)
    if not passed_by(answer, finding):
        return []
    near = {m for path, line, marks in answer.seen.near if line in at_sink.get(path, ()) for m in marks if m < count}
    if near:
        return [(number, True) for number in sorted(near)]
    ran = any(line in at_sink.get(path, ()) for path, lines in answer.seen.ran.items() for line in lines)
    if exact_only or not ran:
        return []
    before = {m for _, _, marks in answer.seen.near for m in marks if m < count}
    return [(number, False) for number in sorted(before)]


def arrived(answer: Answer, finding: Finding, recipe: ProofRecipe) -> bool:
    """Whether the line did its work, where that is all a test needs: what is looked at there happens with any input."""
    return recipe.by_line and happened(answer.seen, finding, recipe)


def happened(seen: Seen, finding: Finding, recipe: ProofRecipe) -> bool:
    """Whether the line ran; of a comparison, whether it was made."""
    lines = sink_lines(finding)
    if recipe.compares:
        return any(line in lines.get(path, ()) and recipe.which in made for path, line, made in seen.compared)
    return any(set(lines.get(path, ())) & set(numbers) for path, numbers in seen.ran.items())


def called_there(seen: Seen, finding: Finding) -> bool:
    """Whether a line of the way called a function around which a probe has put its watch."""
    lines = watched(finding)
    return any(WATCH in names and line in lines.get(path, ()) for path, line, names in seen.called)


def passed_by(answer: Answer, finding: Finding) -> bool:
    """Whether the line the finding is about ran; the way may end in a function that others call as well."""
    here = finding.location
    if not finding.flow or finding.flow[-1].location.path == here.path or not finding.function:
        return True
    return any(here.line <= n <= max(here.end_line, here.line) for n in answer.seen.ran.get(here.path, ()))


def code_of(approach: EntryDriver) -> str:
    """The statements that define `send` and `text` for an approach."""
    text = f"def text(answer):\n    return {approach.text}"
    return "\n".join([*approach.imports, approach.setup, send_of(approach), text])


def reach(session: Session, approach: EntryDriver, mark: str, lines: Lines, seconds: float = 10) -> Answer:
    """Send a mark and watch where it gets; inside a test where fixtures of the project are needed."""
    sent = reach_in_test if approach.fixtures else reach_plain
    answer = sent(session, approach, mark, lines, seconds)
    session.tried.append(Tried(approach.entry, approach.send, answer.seen.ran, answer.failure))
    return answer


def reach_plain(session: Session, approach: EntryDriver, mark: str, lines: Lines, seconds: float) -> Answer:
    """The statements of the approach by themselves."""
    value = encoded(approach, repr(mark))
    tail = (
        f"\nanswer = send({value})\n"
        f"report({{'status': {approach.status or 'None'}, 'text': text(answer)[:4000]}})"
    )  # fmt: skip
    return session.run(code_of(approach) + tail, seconds, lines, [mark])


PLACE = "test_reach.py"


def reach_in_test(session: Session, approach: EntryDriver, mark: str, lines: Lines, seconds: float) -> Answer:
    """The same with pytest, which knows the fixtures; the file lies beside the project's own tests."""
    fixtures, status = ", ".join(approach.fixtures), approach.status or "''"
    sent = f"send({fixtures}, {encoded(approach, repr(mark))})"
    test = f'def test_reach({fixtures}):\n    answer = {sent}\n    assert str({status}) < "500"'
    text = "\n".join([*approach.imports, approach.setup, send_of(approach), test])
    place = f"{approach.folder}/{PLACE}" if approach.folder else PLACE
    answer = session.test({place: text}, [place, "-q", "-p", "no:cacheprovider", "-o", "addopts="],
                          2 * seconds, lines, [mark])  # fmt: skip
    record = next(iter(answer.tests.values()), {})
    answer.seen = seen_of(record.get("seen") or {})
    if record.get("outcome") != "passed":
        answer.error = {"type": "Failed", "text": str(record.get("text") or answer.errors)[:500], "where": []}
    return answer
