"""A defended project in a terminal: one block a finding, the strongest evidence first.

Example::

    print_defence(console, defence)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from buckler.finding.evidence import RUNGS, Defence, Judged, Outcome, Rung
from buckler.finding.model import Grade

MARKS = {Outcome.PROVED: ("✔", "green"), Outcome.REFUTED: ("✘", "red"), Outcome.NOT_VERIFIED: ("-", "yellow")}
COLOURS = {Grade.FIXED: "bold green", Grade.REPRODUCED: "bold red", Grade.TRACED: "yellow", Grade.MATCHED: "yellow"}


def print_defence(console: Console, defence: Defence) -> None:
    """Everything about one finding that fits a terminal."""
    finding = defence.finding
    head = Text.assemble(
        (defence.grade.upper(), COLOURS.get(defence.grade, "")), "  ", (finding.title, "bold"),
        f"  {finding.severity.name.lower()}  ", (finding.fingerprint[:8], "dim"),
    )  # fmt: skip
    console.print(head)
    console.print(Padding(Text(f"{finding.location.path}:{finding.location.line}  {finding.code}"), (0, 0, 0, 2)))
    console.print(Padding(Text(finding.message, "dim"), (0, 0, 0, 2)))
    if defence.proof is not None:
        proof = defence.proof
        console.print(Padding(Text(f"attack   {proof.entry}: {proof.attack}"), (0, 0, 0, 2)))
        console.print(Padding(Text(f"effect   {proof.effect} ({proof.shown}; {proof.test.path})"), (0, 0, 0, 2)))
    _rungs(console, [r for r in defence.rungs if r.name in ("F4", "F5")])
    best = defence.fix or (defence.patches[0] if defence.patches else None)
    if best is not None:
        _patch(console, best)
    elif defence.refused:
        console.print(Padding(Text(f"no patch: {defence.refused}", "yellow"), (0, 0, 0, 2)))
    console.print()


def _patch(console: Console, judged: Judged) -> None:
    words = "fix" if judged.holds else "candidate, not shown to hold"
    console.print(Padding(Text(f"{words}: {judged.patch.title}", "bold"), (0, 0, 0, 2)))
    if judged.patch.diff:
        body = "\n".join(line for line in judged.patch.diff.splitlines() if not line.startswith(("---", "+++")))
        console.print(Padding(Syntax(body, "diff", background_color="default", word_wrap=True), (0, 0, 0, 4)))
    _rungs(console, judged.rungs)


def _rungs(console: Console, rungs: Sequence[Rung]) -> None:
    for rung in rungs:
        mark, colour = MARKS[rung.outcome]
        line = Text.assemble((f"{mark} {rung.name} ", colour), (rung.reason or RUNGS[rung.name], ""))
        console.print(Padding(line, (0, 0, 0, 4)))
        if rung.outcome is Outcome.REFUTED:
            for detail in rung.details[:4]:
                console.print(Padding(Text(detail, "dim"), (0, 0, 0, 9)))


def verdict(defences: Sequence[Defence], left: int) -> str:
    """One line: how many of each grade."""
    counts = Counter(d.grade for d in defences)
    order = (Grade.FIXED, Grade.REPRODUCED, Grade.TRACED, Grade.MATCHED, Grade.CLAIMED)
    words = ", ".join(f"{counts[g]} {g}" for g in order if counts[g])
    rest = f"; {left} not reached in the time given" if left else ""
    return f"{len(defences)} serious finding{'s' if len(defences) != 1 else ''}: {words or 'none'}{rest}."
