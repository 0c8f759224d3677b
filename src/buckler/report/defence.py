"""A defended project in a terminal: one block a finding, the strongest evidence first.

Example::

    print_defences(console, outcome.defences)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import StringIO
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from buckler.explain.sandbox import where_it_ran
from buckler.finding.evidence import RUNGS, Outcome, ProofKind, Remediation, Rung, VerifiedPatch
from buckler.finding.model import Finding, Grade, Review
from buckler.report.plain import visible
from buckler.report.terminal import print_notices

MARKS = {Outcome.PROVED: ("✔", "green"), Outcome.REFUTED: ("✘", "red"), Outcome.NOT_VERIFIED: ("-", "yellow")}
SENT = {ProofKind.EXPLOIT: "attack", ProofKind.PROPERTY: "input ", ProofKind.CONFIGURATION: "input "}
COLOURS = {Grade.FIXED: "bold green", Grade.REPRODUCED: "bold red", Grade.TRACED: "yellow", Grade.MATCHED: "yellow"}


def render_text(
    defences: Sequence[Remediation], left: Sequence[Finding] = (), smaller: int = 0, review: Review | None = None
) -> str:
    """The same as a text without colours, for a file."""
    text = StringIO()
    console = Console(file=text, color_system=None, markup=False, emoji=False, highlight=False)
    print_defences(console, defences)
    print_left(console, left)
    print_notices(console, review.notices if review else (), verbose=True)
    said = filter(None, (verdict(defences, left, smaller), where_it_ran(defences)))
    return visible(text.getvalue() + "".join(f"{sentence}\n" for sentence in said))


def print_defences(console: Console, defences: Sequence[Remediation], where: str = "") -> None:
    """One block each; a fix that mends several findings is shown once. `where` is the project behind a command."""
    shown: dict[str, str] = {}
    for defence in defences:
        best = best_of(defence)
        before = shown.get(best.patch.diff, "") if best is not None else ""
        print_defence(console, defence, before, where, full=False)
        if best is not None:
            shown.setdefault(best.patch.diff, defence.finding.fingerprint[:8])


def print_left(console: Console, left: Sequence[Finding]) -> None:
    """A line for each finding that was not reached: nobody has shown that it is harmless."""
    for finding in left:
        head = Text.assemble(
            ("NOT REACHED", "bold red"), "  ", (finding.title, "bold"),
            f"  {finding.severity.name.lower()}  ", (finding.fingerprint[:8], "dim"),
        )  # fmt: skip
        _say(console, head, 0)
        _say(console, Text(f"{finding.location.path}:{finding.location.line}  {finding.code}"))
        console.print()


def print_defence(
    console: Console, defence: Remediation, same_as: str = "", where: str = "", *, full: bool = True
) -> None:
    """Everything about one finding that fits a terminal; `same_as` names a finding above with the same change.

    Unless it is to be `full`, a patch that nothing could be shown about is only named.
    """
    finding = defence.finding
    head = Text.assemble(
        (defence.grade.upper(), COLOURS.get(defence.grade, "")), "  ", (finding.title, "bold"),
        f"  {finding.severity.name.lower()}  ", (finding.fingerprint[:8], "dim"),
    )  # fmt: skip
    _say(console, head, 0)
    _say(console, Text(f"{finding.location.path}:{finding.location.line}  {finding.code}"))
    _say(console, Text(finding.message, "dim"))
    if defence.proof is not None:
        proof = defence.proof
        _say(console, Text(f"{SENT[proof.shown]}   {proof.entry}: {proof.attack}"))
        _say(console, Text(f"effect   {proof.effect} ({proof.shown}; {proof.test.path})"))
    _rungs(console, [r for r in defence.rungs if r.name in ("F4", "F5")], full=full)
    best = best_of(defence)
    if best is not None and (full or tried(best)):
        _patch(console, best, same_as)
    elif best is not None:
        words = f"untried candidate: {best.patch.title} (buckler fix {finding.fingerprint[:8]}{where} shows it)"
        _say(console, Text(words, "yellow"))
    elif defence.refused:
        _say(console, Text(f"no patch: {defence.refused}", "yellow"))
    console.print()


def tried(judged: VerifiedPatch) -> bool:
    """Whether a test was there to tell if the patch does anything."""
    return any(r.name == "P2" and r.outcome is not Outcome.NOT_VERIFIED for r in judged.rungs)


def best_of(defence: Remediation) -> VerifiedPatch | None:
    """The fix, or else the first candidate."""
    return defence.fix or (defence.patches[0] if defence.patches else None)


def _say(console: Console, text: Text, margin: int = 2) -> None:
    """Wrapped for a person; a line for a line where a program reads. What would drive the terminal is written out."""
    text.plain = visible(text.plain)
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, margin)))
    else:
        console.print(Text(" " * margin) + text, soft_wrap=True)


def _patch(console: Console, judged: VerifiedPatch, same_as: str) -> None:
    words = "fix" if judged.holds else "candidate, not shown to hold"
    _say(console, Text(f"{words}: {judged.patch.title}", "bold"))
    if judged.patch.intent:
        _say(console, Text(f"takes for granted that {judged.patch.intent}"), 4)
    if same_as:
        _say(console, Text(f"the same change as for {same_as} above"), 4)
    elif judged.patch.diff:
        lines = [line for line in judged.patch.diff.splitlines() if not line.startswith(("---", "+++"))]
        if console.is_terminal:
            body = Syntax(visible("\n".join(lines)), "diff", background_color="default", word_wrap=True)
            console.print(Padding(body, (0, 0, 0, 4)))
        else:
            for line in lines:
                _say(console, Text(line), 4)
    _rungs(console, judged.rungs)


def worth_showing(rung: Rung, *, full: bool = True) -> tuple[str, ...]:
    """What speaks against a patch; and, where there is room for it, what was tried in vain."""
    vain = full and rung.name == "F4" and rung.outcome is Outcome.NOT_VERIFIED
    return rung.details[:4] if rung.outcome is Outcome.REFUTED or vain else ()


def _rungs(console: Console, rungs: Sequence[Rung], *, full: bool = True) -> None:
    for (outcome, reason), same in groupby(rungs, key=lambda r: (r.outcome, r.reason)):
        found = list(same)
        mark, colour = MARKS[outcome]
        names = " ".join(r.name for r in found)
        _say(console, Text.assemble((f"{mark} {names} ", colour), (reason or RUNGS[found[0].name], "")), 4)
        for detail in worth_showing(found[0], full=full):
            _say(console, Text(detail, "dim"), 9)


def verdict(defences: Sequence[Remediation], left: Sequence[Finding] = (), smaller: int = 0) -> str:
    """One line: how many of each grade, and how many nobody looked at."""
    counts = Counter(d.grade for d in defences)
    order = (Grade.FIXED, Grade.REPRODUCED, Grade.TRACED, Grade.MATCHED, Grade.CLAIMED)
    words = [f"{counts[g]} {g}" for g in order if counts[g]]
    words += [f"{len(left)} not reached"] if left else []
    total = len(defences) + len(left)
    least = (
        f" {smaller} smaller one{'s' if smaller != 1 else ''} left out (--min-severity note takes them all in)."
        if smaller
        else ""
    )
    return f"{total} finding{'s' if total != 1 else ''}: {', '.join(words) or 'none'}.{least}"
