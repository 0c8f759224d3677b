"""What was tried when no entry point was found, and how far it got: the reason a person can do something about.

Example::

    nearest(session.tried, finding)     # ("9 entry points were tried; …", ["`shop.find(value)`: TypeError: …"])
"""

from __future__ import annotations

from collections.abc import Sequence

from buckler.base.counting import counted
from buckler.finding.model import Finding
from buckler.prove.entries.reach import sink_lines
from buckler.prove.session import Tried

MOST_SHOWN = 8
LONGEST = 160
NOTHING = "no request, command or call is known that could lead to this line"


def nearest(tried: Sequence[Tried], finding: Finding) -> tuple[str, list[str]]:
    """The reason in a sentence, and what was sent with what came of it."""
    if not tried:
        return NOTHING, []
    best = max(tried, key=lambda one: (far(one, finding), not one.failure.startswith("TypeError")))
    count = f"{counted(len(tried), 'entry point')} {'were' if len(tried) != 1 else 'was'} tried"
    ended = f", which ended in {cut(best.failure)}" if best.failure else ""
    reached, steps = far(best, finding), len(finding.flow)
    if reached < 0:
        goal = "the source" if steps else "the line"
        words = f"{count} and none reached {goal}, not even {best.entry}{ended}"
    elif reached >= steps:
        words = f"{count}; by {best.entry}{ended}, the line ran, but the input was not seen there"
    else:
        place = finding.flow[reached].location
        words = f"{count}; {best.entry} reached {place.path}:{place.line}, step {reached + 1} of {steps}{ended.replace(', which', ', and')}"
    shown = dict.fromkeys(f"{one.entry}: {cut(one.sent)}: {cut(one.failure) or 'ended well'}" for one in tried)
    return words, list(shown)[:MOST_SHOWN]


def far(one: Tried, finding: Finding) -> int:
    """The number of the last step that ran; as many as there are steps if the line itself did, -1 if none."""
    lines = sink_lines(finding)
    if any(set(lines.get(path, ())) & set(numbers) for path, numbers in one.ran.items()):
        return len(finding.flow)
    ran = [n for n, step in enumerate(finding.flow) if step.location.line in one.ran.get(step.location.path, ())]
    return max(ran, default=-1)


def cut(text: str) -> str:
    """One line of it."""
    line = "; ".join(filter(None, (" ".join(row.split()) for row in text.splitlines())))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
