"""Deciding once: what a decision would hide, and which of them no longer hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from buckler.base.errors import InputError
from buckler.store.triage.store import Store
from buckler.triage.columns.engine import Engine
from buckler.triage.decisions import Book, Decision, add, condition, read_book, remove
from buckler.workbench.triage.facts import Facts
from buckler.workbench.triage.ranking import columns, whole_id

FILE = "buckler-triage.toml"
"""Where decisions are, in the folder that they are about."""


@dataclass(slots=True, frozen=True)
class Effect:
    """What a decision hides, or would hide, of what is open."""

    problems: int
    findings: int
    alerts: int
    exploited: int
    reproduced: int


def today() -> date:
    return datetime.now(UTC).date()


def effect(store: Store, facts: Facts, book: Book, scope: Mapping[str, str]) -> Effect:
    """What a scope would hide on top of what the decisions of a book hide."""
    with columns(store, facts, book) as engine:
        return _effect(engine, scope) if store.tools() else Effect(0, 0, 0, 0, 0)


def _effect(engine: Engine, scope: Mapping[str, str]) -> Effect:
    engine.weigh()
    return Effect(**engine.covers(*condition(scope)))


def decide(
    store: Store, facts: Facts, book: Book, decision: Decision, problem: str = "", *, preview: bool = False
) -> tuple[Decision, Effect]:
    """Adds a decision to the file; raises `InputError` where its scope is about nothing that is open."""
    with columns(store, facts, book) as engine:
        scope = dict(decision.scope)
        if problem:
            scope["problem"] = whole_id(engine, problem, bool(store.tools()))
        hides = _effect(engine, scope) if store.tools() else Effect(0, 0, 0, 0, 0)
    if not hides.findings:
        raise InputError(
            "nothing that is open is in this scope", where=str(book.path), remedy="'buckler triage list' shows what is"
        )
    made = Decision(decision.kind, decision.reason, decision.author, decision.made, scope, decision.until)
    if not preview:
        add(book, made)
    return made, hides


@dataclass(slots=True, frozen=True)
class Doubt:
    """A decision that somebody should look at again."""

    decision: Decision
    why: str


def doubts(book: Book) -> list[Doubt]:
    """Decisions that have expired, or are about all that a rule or a tool will ever say."""
    out = [Doubt(d, f"expired on {d.until}: it hides nothing now") for d in book.decisions if d.expired(today())]
    wide = (d for d in book.decisions if d.broad and not d.expired(today()))
    return out + [Doubt(d, "hides whatever this rule or tool will ever say") for d in wide]


def undo(path: Path, number: int) -> Decision:
    """Takes a decision back; raises `ConfigError` if there is none of that number."""
    return remove(read_book(path), number)
