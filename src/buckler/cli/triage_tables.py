"""What `buckler triage` prints: tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import click
import msgspec
from rich.table import Table
from rich.text import Text

from buckler.base.counting import counted
from buckler.cli.screen import PatientConsole
from buckler.report.plain import visible
from buckler.triage.alert import Reading
from buckler.triage.decisions import Decision
from buckler.workbench.triage.deciding import Doubt, Effect
from buckler.workbench.triage.importing import Taken
from buckler.workbench.triage.ranking import Explained, Problem, Queue

COLORS = {"act": "bold red", "attend": "yellow", "track": "dim"}


def _json(value: Any, *, stderr: bool = False) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode(), err=stderr)


def _grid(*names: str, right: Iterable[str] = (), folded: Iterable[str] = ()) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        grid.add_column(name, justify="right" if name in right else "left", overflow="fold" if name in folded else "ellipsis", no_wrap=name not in folded)  # fmt: skip
    return grid


def readings(rows: list[Reading], form: str, *, stderr: bool = False) -> None:
    """For each file the format, the alerts, and what was skipped."""
    if form == "json":
        _json({"files": [_read(reading) for reading in rows]}, stderr=stderr)
        return
    grid = _grid("file", "format", "alerts", "skipped", "why", right=("alerts", "skipped"), folded=("file", "why"))
    for reading in rows:
        notes = [(f"{skipped.count:,}", visible(f"{skipped.what}: {skipped.why}")) for skipped in reading.skipped]
        first, *rest = notes or [("", "")]
        grid.add_row(visible(reading.path), reading.format or "not recognized", f"{reading.alerts:,}", *first)
        for note in rest:
            grid.add_row("", "", "", *note)
    console = PatientConsole(stderr=stderr)
    console.print(grid)
    total = sum(reading.alerts for reading in rows)
    console.print(f"{counted(total, 'alert')} in {counted(len(rows), 'file')}.", highlight=False)


def _read(reading: Reading) -> dict[str, Any]:
    skipped = [{"what": skipped.what, "why": skipped.why, "count": skipped.count} for skipped in reading.skipped]
    return {"path": reading.path, "format": reading.format or None, "alerts": reading.alerts, "skipped": skipped}


def taken(done: Taken, form: str) -> None:
    """What an import took in."""
    if form == "json":
        _json({"files": [_read(reading) for reading in done.readings], "known": done.known, "alerts": done.alerts})
        return
    if done.readings:
        readings(done.readings, form)
    if done.known:
        PatientConsole().print(f"{counted(len(done.known), 'file')} imported before: nothing changed.", highlight=False)


def decided(made: Decision, hides: Effect, form: str, *, preview: bool) -> None:
    """What a decision hides, or would hide."""
    if form == "json":
        _json(
            {
                "as": made.kind,
                "scope": dict(made.scope),
                "until": made.until,
                "preview": preview,
                "hides": asdict(hides),
            }
        )
        return
    notes = [
        f"{hides.exploited} of them known to be exploited" if hides.exploited else "",
        f"{hides.reproduced} of them reproduced" if hides.reproduced else "",
    ]
    verb = "Would hide" if preview else "Hides"
    said = f"{verb} {counted(hides.problems, 'problem')}: {counted(hides.findings, 'finding')} in {counted(hides.alerts, 'alert')}"
    PatientConsole().print(visible(", ".join(filter(None, [said, *notes])) + "."), highlight=False)


def queue(found: Queue, form: str, doubts: Sequence[Doubt] = ()) -> None:
    """What to act on first."""
    if form == "json":
        _json(
            {
                "problems": [_listed(problem) for problem in found.problems],
                "open": found.open,
                "findings": found.findings,
                "alerts": found.alerts,
                "decisions to look at": [{"number": d.decision.number, "why": d.why} for d in doubts],
            }
        )
        return
    console = PatientConsole()
    if not found.alerts:
        console.print("The queue is empty: nothing was imported. 'buckler triage import FILE' takes reports in.")
        return
    right = ("", "points", "alerts")
    grid = _grid("", "id", "decision", "points", "what", "where", "alerts", right=right, folded=("what", "where"))
    grid.columns[4].ratio, grid.columns[5].ratio, grid.expand = 5, 3, True
    for problem in found.problems:
        grid.add_row(
            str(problem.rank), problem.id[:8], Text(problem.decision, COLORS[problem.decision]), f"{problem.points:.0f}",
            visible(what(problem)), visible(where(problem)), f"{problem.alerts:,}",
        )  # fmt: skip
    console.print(grid)
    decisions = ", ".join(f"{count:,} to {decision}" for decision, count in found.open.items())
    states = ", ".join(f"{count:,} {state}" for state, count in found.findings.items() if state != "open")
    rest = f"; {states}" if states else ""
    shown = len(found.problems)
    console.print(
        f"\nThese {shown} first, of {counted(sum(found.open.values()), 'problem')} ({decisions}) in"
        f" {counted(found.alerts, 'alert')}{rest}. 'buckler triage why ID' says why.",
        highlight=False,
    )
    for doubt in doubts:
        reason = visible(
            f"Decision {doubt.decision.number} ({doubt.decision.kind}: {doubt.decision.reason}) {doubt.why}."
        )
        console.print(reason, highlight=False)


def what(problem: Problem) -> str:
    """One line that says what is wrong."""
    alert = problem.alert
    named = problem.weakness if problem.weakness and problem.kind != "runtime" else ""
    said = str(alert.get("title") or alert.get("message") or problem.rule).partition("\n")[0]
    if problem.kind == "package" and "package" in alert:
        fixed = f", fixed in {alert['fixed']}" if "fixed" in alert else ""
        return f"{alert['package'].removeprefix('pkg:')}: {named}{fixed}" + (
            f" and {problem.findings - 1} more" if problem.findings > 1 else ""
        )
    return f"{said} ({named})" if named and named.lower() not in said.lower() else said


def where(problem: Problem) -> str:
    alert = problem.alert
    if "path" in alert:
        return f"{alert['path']}:{alert['line']}" if "line" in alert else str(alert["path"])
    host = str(alert.get("url") or alert.get("host") or alert.get("service") or alert.get("image") or "")
    return f"{host}:{alert['port']}" if host and "port" in alert and "url" not in alert else host


def _listed(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), "what": what(problem), "where": where(problem)}


TERMS = {
    "severity": "how bad it is if true",
    "exploited": "known to be exploited (CISA KEV)",
    "likelihood": "probability of attacks within 30 days (EPSS)",
    "practice": "exploit code is public, or attacks were seen (SSVC)",
    "reach": "whether the code gets there",
    "evidence": "how far it is proved",
    "runtime": "alerts at run time about the same host, service or image",
    "fix": "a fixed version is out",
    "new": "the last import brought it",
    "precision": "how often this rule was right before",
}


def explained(found: Explained, form: str) -> None:
    """Why a problem has its rank."""
    if form == "json":
        _json(
            {
                "problem": _listed(found.problem),
                "findings": found.findings,
                "changes": [asdict(c) for c in found.changes],
            }
        )
        return
    console, problem = PatientConsole(), found.problem
    console.print(Text(what(problem), "bold"))
    console.print(visible(f"{where(problem)}  {problem.id}"), highlight=False)
    console.print(f"\n{problem.decision}, {problem.points:.0f} points:", highlight=False)
    grid = _grid("points", "for", right=("points",), folded=("for",))
    for name, points in problem.terms.items():
        if points:
            grid.add_row(f"{points:+.0f}", TERMS[name])
    others = problem.points - sum(problem.terms.values())
    if others:
        grid.add_row(f"{others:+.0f}", f"several tools say so: {', '.join(problem.tools)}")
    console.print(grid)
    for change in found.changes:
        console.print(f"If {change.fact}: {change.decision}, {change.points:.0f} points.", highlight=False)
    console.print(
        f"\n{counted(len({row['finding'] for row in found.findings}), 'finding')} that one fix settles:",
        highlight=False,
    )
    grid = _grid(
        "finding",
        "tool",
        "rule",
        "weakness",
        "alerts",
        "imports",
        "state",
        right=("alerts",),
        folded=("rule", "weakness"),
    )
    for row in found.findings:
        grid.add_row(
            row["finding"][:8], visible(row["tool"]), visible(row["rule"] or ""), visible(row["weakness"] or ""), f"{row['alerts']:,}",
            f"{row['first']}" if row["first"] == row["last"] else f"{row['first']} to {row['last']}", row["state"],
        )  # fmt: skip
    console.print(grid)


def alerts(rows: list[dict[str, Any]], form: str) -> None:
    """Alerts as the tools wrote them."""
    if form == "json":
        _json({"alerts": rows})
        return
    console = PatientConsole()
    for row in rows:
        grid = _grid("", " ", folded=(" ",))
        grid.show_header = False
        for name, value in row.items():
            said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            grid.add_row(name.replace("_", " "), visible(said[:2000]))
        console.print(grid)
        console.print()
