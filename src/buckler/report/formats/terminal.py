"""For reading in a terminal: a summary, then what was found, worst first, each with its path or its evidence.

Built with Rich from `Text` objects only, never from markup strings, and after `plain.line` has written
out control characters: reviewed code can neither color the report nor drive the terminal.

Example::

    print_report(Console(), assessment, View(prefix="services/shop"))
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule as Divider
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from buckler.explain.sandbox import where_it_ran
from buckler.explain.steps import step_words
from buckler.finding.evidence import RUNGS, Assessment, Outcome, Remediation, Rung, VerifiedPatch
from buckler.finding.model import Finding, Grade, Location, Notice, Severity
from buckler.report.checks import MARKS, SENT, best_of, check_name, details, explained, tried
from buckler.report.groups import Group as Together
from buckler.report.groups import advising, groups
from buckler.report.plain import joined, line, visible
from buckler.report.view import PLAIN, View
from buckler.report.words import (
    APPROXIMATIONS,
    GRADES,
    NOT_REACHED,
    amount,
    blind_spots,
    by_severity,
    counts,
    cwe_id,
    extent,
    grade_counts,
    grades,
    left_out,
    marked,
    severity_word,
    verdict,
)

SUFFIXES = (".txt",)
STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold blue",
    Severity.NOTE: "bold",
}
GRADE_STYLES: dict[str, str] = {Grade.FIXED: "bold green", Grade.REPRODUCED: "bold red", NOT_REACHED: "bold red"}
OUTCOME_STYLES = {Outcome.PROVED: "green", Outcome.REFUTED: "red", Outcome.NOT_VERIFIED: "yellow"}
ENDS = {True: ("source", "sink"), False: ("entry", "flaw")}
"""What the first and the last step are called: of data that is followed, and of mere calls."""
WIDTH = 100
MAX_NOTICES = 20
MOST_TOLD = 8
"""Findings at one place that are told one by one."""


def render(assessment: Assessment, view: View = PLAIN) -> str:
    """The report as plain text of fixed width, for files and pipes."""
    buffer = io.StringIO()
    console = Console(file=buffer, width=WIDTH, color_system=None, force_terminal=False, emoji=False)
    print_report(console, assessment, view)
    return visible("\n".join(row.rstrip() for row in buffer.getvalue().splitlines())) + "\n"


def print_report(console: Console, assessment: Assessment, view: View = PLAIN) -> None:
    """Print everything: summary and legend where something was worked on, findings, notices, verdict."""
    review = assessment.review
    if assessment.chosen is not None:
        console.print(_overview(assessment))
    print_findings(console, assessment, view)
    print_notices(console, review.notices, full=view.full)
    if view.full and (spots := blind_spots(review)):
        console.print(Text("syntax not understood: " + ", ".join(map(line, spots)), style="dim"))
    if checks := explained(assessment.remediations):
        console.print(_legend("checks", checks))
    console.print(_summary(assessment))


def print_findings(console: Console, assessment: Assessment, view: View = PLAIN) -> None:
    """Worst first; what is said of a rule is said at its first finding, and a patch at the first that it fixes."""
    graded, known = grades(assessment), assessment.known
    ordered = [(severity, groups(found)) for severity, found in by_severity(assessment.shown)]
    first = iter(advising([group for _, found in ordered for group in found], known))
    patches: dict[str, str] = {}
    for severity, found in ordered:
        number = sum(len(group.findings) for group in found)
        title = Text(f"{severity_word(severity)} · {number}", style=STYLES[severity])
        console.print(Divider(title, align="left", style="dim"))
        for group in found:
            worked = [known[f.fingerprint] for f in group.findings if f.fingerprint in known]
            console.print(_head(group, graded))
            for row in _body(group, view, next(first), brief=bool(worked)):
                console.print(row)
            for done in worked:
                print_evidence(console, done, view, patches)
            console.print()


def _overview(assessment: Assessment) -> RenderableType:
    """What was looked at, what came of it, and what the grades mean."""
    title = Text(line(assessment.review.root), style="bold")
    found = [(f"{number} {grade}", GRADES[grade]) for grade, number in grade_counts(assessment).items()]
    return Padding(Group(title, Text(verdict(assessment) + "."), _legend("grades", found)), (0, 0, 1, 0))


def _legend(title: str, rows: Sequence[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for word, meaning in rows:
        grid.add_row(Text(word, style="bold"), Text(meaning, style="dim"))
    return Padding(Group(Divider(Text(title, style="bold"), align="left", style="dim"), grid), (0, 0, 1, 0))


def _head(group: Together, graded: dict[str, str]) -> RenderableType:
    finding = group.head
    found = list(dict.fromkeys(graded[f.fingerprint] for f in group.findings))
    rules = ", ".join(dict.fromkeys(f.rule for f in group.findings))
    return Text.assemble(
        (f" {severity_word(finding.severity).upper()} ", STYLES[finding.severity]),
        " ",
        (line(group.title), "bold"),
        *((f"  {grade}", GRADE_STYLES.get(grade, "dim")) for grade in found),
        (f"  {', '.join(dict.fromkeys(cwe_id(n) for f in group.findings for n in f.cwe))}", "dim"),
        (f"  {line(rules)}", "dim"),
        (f"  {' '.join(f.fingerprint[:8] for f in group.findings[:MOST_TOLD])}", "dim"),
    )


def _body(group: Together, view: View, first: bool, *, brief: bool) -> Iterator[RenderableType]:
    """Where it is and what is wrong; unless it is to be brief, also the path, the attacker and the fix."""
    finding = group.head
    yield _place(finding.location, view.prefix, finding.function)
    yield _code(finding.location.line, finding.code)
    shown = len(group.findings) if view.full or len(group.findings) <= MOST_TOLD else MOST_TOLD
    for each in group.findings[:shown]:
        yield _indent(Text(line(each.message)))
    if shown < len(group.findings):
        yield _indent(Text(f"… and {len(group.findings) - shown} more here; --verbose shows all", style="dim"))
    if brief:
        return
    if finding.way:
        yield _way(finding, view.prefix)
    if not first:
        yield _indent(Text(f"attacker, fix: see the first {line(finding.rule)}", style="dim"))
    if first:
        yield from _advice(group)
    for mark in finding.approximations:
        yield _indent(Text.assemble(("approx.   ", "yellow"), line(APPROXIMATIONS.get(mark, mark))))


def _advice(group: Together) -> Iterator[RenderableType]:
    """What is said of each finding of a group; what is the same for several is said once."""
    for attacker in dict.fromkeys(finding.attacker for finding in group.findings if finding.attacker):
        yield _indent(Text.assemble(("attacker  ", "red"), line(attacker)))
    for fix in dict.fromkeys(finding.fix for finding in group.findings if finding.fix):
        yield _indent(Text.assemble(("fix       ", "green"), line(fix)))


def print_evidence(console: Console, done: Remediation, view: View, patches: dict[str, str]) -> None:
    """What was tried and what came of it; `patches` are the differences shown above, by what they are shown for."""
    if done.proof is not None:
        proof = done.proof
        _say(console, Text(f"{SENT[proof.shown]:<9} {line(f'{proof.entry}: {proof.attack}')}"))
        _say(console, Text(f"effect    {line(proof.effect)} ({proof.shown}; {line(proof.test.path)})"))
    _print_checks(console, [r for r in done.rungs if r.name in ("F4", "F5")], full=view.full)
    best, mark = best_of(done), done.finding.fingerprint[:8]
    if best is not None and (view.full or tried(best)):
        _print_patch(console, best, patches.setdefault(best.patch.diff, mark), mark, full=view.full)
    elif best is not None:
        words = f"untried candidate: {line(best.patch.title)} (buckler fix {mark}{view.command} shows it)"
        _say(console, Text(words, "yellow"))
    elif done.refused:
        _say(console, Text(f"no patch: {line(done.refused)}", "yellow"))


def _print_patch(console: Console, judged: VerifiedPatch, shown_for: str, mark: str, *, full: bool) -> None:
    words = "verified fix" if judged.holds else "candidate, not a verified fix"
    _say(console, Text(f"{words}: {line(judged.patch.title)}", "bold"))
    if judged.patch.intent:
        _say(console, Text(f"assumes that {line(judged.patch.intent)}"), 4)
    if shown_for != mark:
        _say(console, Text(f"the same change as for {shown_for} above"), 4)
    elif judged.patch.diff:
        _print_diff(console, judged.patch.diff)
    _print_checks(console, judged.rungs, full=full)


def _print_diff(console: Console, diff: str) -> None:
    lines = [visible(row) for row in diff.splitlines() if not row.startswith(("---", "+++"))]
    if console.is_terminal:
        body = Syntax("\n".join(lines), "diff", background_color="default", word_wrap=True)
        console.print(Padding(body, (0, 0, 0, 4)))
        return
    for row in lines:
        _say(console, Text(row), 4)


def _print_checks(console: Console, rungs: Sequence[Rung], *, full: bool) -> None:
    for (outcome, reason), same in groupby(rungs, key=lambda r: (r.outcome, r.reason)):
        found = list(same)
        names = ", ".join(map(check_name, found))
        said = Text.assemble(
            (f"{MARKS[outcome]} {names}: ", OUTCOME_STYLES[outcome]), line(reason or RUNGS[found[0].name])
        )
        _say(console, said, 4)
        for detail in details(found[0], full=full):
            _say(console, Text(line(detail), "dim"), 9)


def _say(console: Console, text: Text, margin: int = 2) -> None:
    """Wrapped for a person; a line for a line where a program reads. What would drive the terminal is written out."""
    text.plain = visible(text.plain)
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, margin)))
    else:
        console.print(Text(" " * margin) + text, soft_wrap=True)


def _indent(text: RenderableType) -> Padding:
    return Padding(text, (0, 0, 0, 2))


def _place(location: Location, prefix: str, function: str) -> RenderableType:
    place = f"{line(joined(prefix, location.path))}:{location.line}:{location.column}"
    inside = f"  in {line(function)}" if function else ""
    return _indent(Text.assemble((place, "cyan"), (inside, "dim"), overflow="fold"))


def _code(number: int, code: str) -> RenderableType:
    return _indent(Text.assemble((f"{number:>5} │ ", "dim"), line(code.strip(), 160)))


def _way(finding: Finding, prefix: str) -> RenderableType:
    flow = finding.way
    begins, ends = ENDS[bool(finding.flow)]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    last = len(flow) - 1
    for number, step in enumerate(flow):
        mark = begins if number == 0 else ends if number == last else "│"
        place = f"{line(joined(prefix, step.location.path))}:{step.location.line}"
        said = Text.assemble((place, "cyan"), "  ", line(step_words(step)), "\n", (line(step.code.strip(), 160), "dim"))
        grid.add_row(mark, said)
    return _indent(grid)


def print_notices(console: Console, notices: Sequence[Notice], *, full: bool = False) -> None:
    """What there is to say about the review itself, the worst first."""
    if not notices:
        return
    ordered = sorted(notices, key=lambda notice: (not notice.partial, not marked(notice)))
    shown = ordered if full else ordered[:MAX_NOTICES]
    rows: list[RenderableType] = [Divider(Text("notices", style="bold"), align="left", style="dim")]
    for notice in shown:
        word = marked(notice)
        mark = (f"{word}  ", "yellow") if word else (f"{line(notice.kind)}  ", "dim")
        rows.append(Text.assemble(mark, (line(notice.path), "cyan"), " " if notice.path else "", line(notice.text)))
    if len(shown) < len(ordered):
        rows.append(Text(f"… and {len(ordered) - len(shown)} more; --verbose shows all", style="dim"))
    console.print(Padding(Group(*rows), (0, 0, 1, 0)))


def _summary(assessment: Assessment) -> RenderableType:
    review = assessment.review
    rows: list[RenderableType] = [Divider(Text("summary", style="bold"), align="left", style="dim")]
    if found := counts(assessment.shown):
        table = Table.grid(padding=(0, 2))
        for severity, number in found.items():
            table.add_row(Text(severity_word(severity), style=STYLES[severity]), Text(str(number), justify="right"))
        rows.append(table)
    rows.append(Text(verdict(assessment) + ".", style="bold" if assessment.shown or review.partial else "bold green"))
    if skipped := sum(map(left_out, review.notices)):
        says = "says" if skipped == 1 else "say"
        rows.append(Text(f"{amount(skipped, 'notice')} above {says} what was not reviewed.", style="yellow"))
    if review.suppressed:
        rows.append(Text(f"{amount(len(review.suppressed), 'finding')} suppressed."))
    if where := where_it_ran(assessment.remediations):
        rows.append(Text(where, style="dim"))
    rows.append(Text(extent(review) + ".", style="dim"))
    return Group(*rows)
