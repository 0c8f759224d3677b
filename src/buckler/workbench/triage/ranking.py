"""The queue: what to act on first, and why.

What was said of each finding is worked out once for a set of imports and decisions and kept beside the segments; a new
rank, after other facts or verdicts, begins there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from buckler.base.digest import text_digest
from buckler.base.errors import InputError
from buckler.base.scratch import passing
from buckler.store.cache import user_folder
from buckler.store.triage.store import Store
from buckler.triage.columns.engine import Engine, query
from buckler.triage.decisions import Book, condition
from buckler.workbench.triage.facts import Facts

KEPT = 8
"""Files with the states of findings that are kept."""
TERMS = ("severity", "exploited", "likelihood", "practice", "reach", "evidence", "runtime", "fix", "new", "precision")
SHOWN = ("title", "message", "path", "line", "symbol", "package", "fixed", "host", "port", "url", "service", "image", "severity", "cwe", "ids", "grade", "reach")  # fmt: skip
"""What a problem shows of the alert that stands for it."""


@dataclass(slots=True)
class Problem:
    """What one fix would settle."""

    id: str
    project: str
    kind: str
    decision: str
    points: float
    findings: int
    alerts: int
    tools: list[str]
    new: bool
    weakness: str
    rule: str
    terms: dict[str, float]
    alert: dict[str, Any]
    """The alert that stands for it, without what is empty."""
    rank: int = 0


@dataclass(slots=True)
class Queue:
    """The problems to act on first, and how many others there are."""

    problems: list[Problem]
    open: dict[str, int]
    """Problems by decision."""
    findings: dict[str, int]
    """Findings by state."""
    alerts: int


@contextmanager
def columns(store: Store, facts: Facts, book: Book) -> Iterator[Engine]:
    """The engine with all alerts and the state of each finding."""
    with passing("buckler-triage-") as scratch, Engine(scratch) as engine:
        facts.fill(engine)
        tools = store.tools()
        rules = store.rules()
        engine.fill("imports", tools)
        engine.fill("ran", rules)
        segments = store.segments(user_folder() / "triage")
        if segments:
            engine.look(segments)
            decisions = book.current(datetime.now(UTC).date())
            for decision in decisions:
                engine.decide(decision.kind, *condition(decision.scope))
            known = (query("states"), *map(str, segments), repr(tools), repr(rules), repr(decisions))
            engine.states(segments[0].with_name(f"{text_digest(*known)}.states.parquet"))
            engine.learn()
            _prune(segments[0].parent)
        yield engine


def _prune(folder: Path) -> None:
    """States of former imports and decisions are made again when somebody goes back to them."""
    states = sorted(folder.glob("*.states.parquet"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in states[KEPT:]:
        file.unlink(missing_ok=True)


def queue(store: Store, facts: Facts, book: Book, limit: int) -> Queue:
    """The first problems with what stands for each."""
    with columns(store, facts, book) as engine:
        if not store.tools():
            return Queue([], {}, {}, 0)
        rows = engine.rank(limit)
        worst = {(row["project"], row["problem"]): row for row in engine.worst()}
        said = engine.said([row["finding"] for row in worst.values()])
        problems = [
            _problem(rank, row, worst[row["project"], row["problem"]], said) for rank, row in enumerate(rows, 1)
        ]
        return Queue(problems, engine.decisions(), engine.findings(), engine.count())


def _problem(rank: int, row: dict[str, Any], worst: dict[str, Any], said: dict[str, Any]) -> Problem:
    alert = said.get(worst["finding"], {})
    return Problem(
        id=row["problem"], project=row["project"], kind=row["kind"], decision=worst["decision"], points=float(row["points"]),
        findings=row["findings"], alerts=int(row["alerts"]), tools=alert.pop("tools", [worst["tool"]]),
        new=float(worst["p_new"]) > 0, weakness=worst["weakness"], rule=worst["rule"],
        terms={name: float(worst[f"p_{name}"]) for name in TERMS},
        alert={name: alert[name] for name in SHOWN if alert.get(name) not in (None, "", [], 0, -1.0)}, rank=rank,
    )  # fmt: skip


@dataclass(slots=True)
class Explained:
    """A problem with the reasons for its rank and for what was put together."""

    problem: Problem
    findings: list[dict[str, Any]]
    """Each by tool: what it is, since which import, in which state, and how many alerts say so."""
    changes: list[Change]


@dataclass(slots=True, frozen=True)
class Change:
    """What one other fact would make of a problem."""

    fact: str
    decision: str
    points: float


def explained(store: Store, facts: Facts, book: Book, wanted: str) -> Explained:
    """Raises `InputError` if no problem has an id that begins so, or several have."""
    with columns(store, facts, book) as engine:
        name = whole_id(engine, wanted, bool(store.tools()))
        (row,) = engine.only(name)
        worst = engine.worst()[0]
        problem = _problem(0, row, worst, engine.said([worst["finding"]]))
        changes = [
            Change(fact, changed["decision"], float(changed["points"]))
            for fact, changed in engine.what_if(worst["finding"], worst["tool"])
            if changed["decision"] != worst["decision"]
        ]
        return Explained(problem, engine.findings_of(name), changes)


def alerts_of(store: Store, facts: Facts, book: Book, wanted: str, limit: int) -> list[dict[str, Any]]:
    """The alerts of a problem as they were read, without what is empty."""
    with columns(store, facts, book) as engine:
        name = whole_id(engine, wanted, bool(store.tools()))
        rows = engine.rows(
            "SELECT * EXCLUDE (report, problem) FROM alerts WHERE problem = ? ORDER BY finding, tool, report, record LIMIT ?",
            [name, limit],
        )
    return [{key: value for key, value in row.items() if value not in (None, "", [], 0, -1.0)} for row in rows]


def whole_id(engine: Engine, wanted: str, filled: bool) -> str:
    """The whole id that begins as somebody wrote it."""
    found = (
        engine.run("SELECT DISTINCT problem FROM findings WHERE starts_with(problem, ?) LIMIT 3", [wanted.lower()])
        if filled
        else []
    )
    if len(found) != 1:
        what = "several problems have an id that begins so" if found else "no problem has an id that begins so"
        raise InputError(what, where=wanted, remedy="'buckler triage list' shows ids")
    return str(found[0][0])
