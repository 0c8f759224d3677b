"""For reading in a terminal: grouped worst first, each with its path, and a table at the end.

Built with Rich from `Text` objects only, never from markup strings, and after `plain.line` has written
out control characters: reviewed code can neither colour the report nor drive the terminal.

Example::

    print_review(Console(), review, rules, prefix="services/shop")
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule as Divider
from rich.table import Table
from rich.text import Text

from buckler.explain.steps import step_words
from buckler.finding.model import Finding, Location, Notice, Review, Rule, Severity, Step
from buckler.report.plain import joined, line, visible
from buckler.report.words import (
    APPROXIMATIONS,
    amount,
    blind_spots,
    by_severity,
    counts,
    cwe_id,
    extent,
    first_of_rule,
    left_out,
    marked,
    severity_word,
    verdict,
    worst_first,
)

STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold blue",
    Severity.NOTE: "bold",
}
WIDTH = 100
MAX_NOTICES = 20


def render(review: Review, rules: Sequence[Rule], prefix: str = "") -> str:
    """The review as plain text of fixed width, for files and pipes."""
    buffer = io.StringIO()
    console = Console(file=buffer, width=WIDTH, color_system=None, force_terminal=False, emoji=False)
    print_review(console, review, rules, prefix)
    return visible("\n".join(row.rstrip() for row in buffer.getvalue().splitlines())) + "\n"


def print_review(
    console: Console, review: Review, rules: Sequence[Rule], prefix: str = "", *, verbose: bool = False
) -> None:
    """Print everything: findings, notices, summary."""
    del rules  # a finding carries its own words
    first = iter(first_of_rule(worst_first(review.findings)))
    for severity, findings in by_severity(review.findings):
        title = Text(f"{severity_word(severity)} · {len(findings)}", style=STYLES[severity])
        console.print(Divider(title, align="left", style="dim"))
        for finding in findings:
            console.print(_finding(finding, prefix, next(first)))
    print_notices(console, review.notices, verbose=verbose)
    if verbose and (spots := blind_spots(review)):
        console.print(Text("syntax not understood: " + ", ".join(map(line, spots)), style="dim"))
    console.print(_summary(review))


def _finding(finding: Finding, prefix: str, first: bool) -> RenderableType:
    head = Text.assemble(
        (f" {severity_word(finding.severity).upper()} ", STYLES[finding.severity]),
        " ",
        (line(finding.title), "bold"),
        (f"  {finding.grade.value}", "dim"),
        (f"  {', '.join(map(cwe_id, finding.cwe))}", "dim"),
        (f"  {line(finding.rule)}", "dim"),
        (f"  {finding.fingerprint[:8]}", "dim"),
    )
    return Padding(Group(head, *_body(finding, prefix, first)), (0, 0, 1, 0))


def _body(finding: Finding, prefix: str, first: bool) -> Iterator[RenderableType]:
    yield _place(finding.location, prefix, finding.function)
    yield _code(finding.location.line, finding.code)
    yield _indent(Text(line(finding.message)))
    if finding.flow:
        yield _flow(finding.flow, prefix)
    if not first:
        yield _indent(Text(f"attacker, fix: see the first {line(finding.rule)}", style="dim"))
    if finding.attacker and first:
        yield _indent(Text.assemble(("attacker  ", "red"), line(finding.attacker)))
    if finding.fix and first:
        yield _indent(Text.assemble(("fix       ", "green"), line(finding.fix)))
    for mark in finding.approximations:
        yield _indent(Text.assemble(("approx.   ", "yellow"), line(APPROXIMATIONS.get(mark, mark))))


def _indent(text: RenderableType) -> Padding:
    return Padding(text, (0, 0, 0, 2))


def _place(location: Location, prefix: str, function: str) -> RenderableType:
    place = f"{line(joined(prefix, location.path))}:{location.line}:{location.column}"
    inside = f"  in {line(function)}" if function else ""
    return _indent(Text.assemble((place, "cyan"), (inside, "dim"), overflow="fold"))


def _code(number: int, code: str) -> RenderableType:
    return _indent(Text.assemble((f"{number:>5} │ ", "dim"), line(code.strip(), 160)))


def _flow(flow: Sequence[Step], prefix: str) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    last = len(flow) - 1
    for number, step in enumerate(flow):
        mark = "source" if number == 0 else "sink" if number == last else "│"
        place = f"{line(joined(prefix, step.location.path))}:{step.location.line}"
        said = Text.assemble((place, "cyan"), "  ", line(step_words(step)), "\n", (line(step.code.strip(), 160), "dim"))
        grid.add_row(mark, said)
    return _indent(grid)


def print_notices(console: Console, notices: Sequence[Notice], *, verbose: bool = False) -> None:
    """What there is to say about the review itself, the worst first."""
    if not notices:
        return
    ordered = sorted(notices, key=lambda notice: (not notice.partial, not marked(notice)))
    shown = ordered if verbose else ordered[:MAX_NOTICES]
    rows: list[RenderableType] = [Divider(Text("notices", style="bold"), align="left", style="dim")]
    for notice in shown:
        word = marked(notice)
        mark = (f"{word}  ", "yellow") if word else (f"{line(notice.kind)}  ", "dim")
        rows.append(Text.assemble(mark, (line(notice.path), "cyan"), " " if notice.path else "", line(notice.text)))
    if len(shown) < len(ordered):
        rows.append(Text(f"… and {len(ordered) - len(shown)} more; --verbose shows all", style="dim"))
    console.print(Padding(Group(*rows), (0, 0, 1, 0)))


def _summary(review: Review) -> RenderableType:
    rows: list[RenderableType] = [Divider(Text("summary", style="bold"), align="left", style="dim")]
    if found := counts(review.findings):
        table = Table.grid(padding=(0, 2))
        for severity, number in found.items():
            table.add_row(Text(severity_word(severity), style=STYLES[severity]), Text(str(number), justify="right"))
        rows.append(table)
    rows.append(Text(verdict(review) + ".", style="bold" if review.findings or review.partial else "bold green"))
    if skipped := sum(map(left_out, review.notices)):
        says = "says" if skipped == 1 else "say"
        rows.append(Text(f"{amount(skipped, 'notice')} above {says} what was not reviewed.", style="yellow"))
    if review.suppressed:
        rows.append(Text(f"{amount(len(review.suppressed), 'finding')} suppressed."))
    rows.append(Text(extent(review) + ".", style="dim"))
    return Group(*rows)
