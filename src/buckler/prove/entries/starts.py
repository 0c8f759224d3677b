"""Where a call may begin: the functions in which data enters, those that call the flawed one, and that one itself.

Example::

    starts(project, finding)     # [Step(…, function="load"), Step(…, function="Reader.parse")]
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from buckler.finding.model import Finding, Move, Step
from buckler.prove.entries.samples import callers

MOST_CALLERS = 4


def starts(project: Path, finding: Finding, *, packed: bool = False) -> list[Step]:
    """Steps at which data enters a function, the outermost first; then what calls the function the flaw lies in.

    Without a flow, the function itself comes last; of what is `packed`, the constructor before it.
    """
    entering = [step for step in finding.flow if step.names(Move.PARAMETER)][:4]
    place = finding.flow[-1] if finding.flow else Step(finding.location, (), finding.code, finding.function)
    owner = place.function.partition(".")[0]
    called = callers(project, place.location.path, owner)[:MOST_CALLERS] if owner else []
    around = [
        replace(place, actions=(), function=name) for name, _ in called if name not in {s.function for s in entering}
    ]
    made = [replace(place, actions=(), function=f"{owner}.__init__")] if packed and owner else []
    entry = Step(finding.location, (), finding.code, finding.function)
    entering = [s for step in entering for s in (*inherited(step, entry), step)]
    return [*entering, *around, *([] if entering else [*made, replace(place, actions=())])]


def inherited(step: Step, sink: Step) -> list[Step]:
    """Where data enters the constructor of one class and is used by a method of another: that class's own constructor."""
    owner, _, name = step.function.rpartition(".")
    other, _, method = sink.function.rpartition(".")
    if name != "__init__" or not other or other == owner or "." in other or method == "__init__":
        return []
    return [replace(step, function=f"{other}.__init__", location=sink.location)]
