"""The table of attacks in SECURITY.md, made from the marks of the tests in tests/attacks/.

Example::

    table(collected())      # "| tried | cases | tiers | shown by | …"
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- attacks: made by ./do docs from tests/attacks/ -->\n", "<!-- attacks: end -->\n"
HEADING = ("| tried | cases | sandbox tier | shown by |", "|---|---|---|---|")


@dataclass(slots=True, frozen=True)
class Attack:
    """One test: the wall it tries, what it tries, where, and in how many cases."""

    wall: str
    attempt: str
    tiers: str
    file: str
    test: str
    cases: int


class Collector:
    """A pytest plugin that keeps what was collected."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)


def collected() -> list[Attack]:
    """Every attack, by wall; cases are counted once, whatever the number of tiers here."""
    collector = Collector()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-q", "-m", "attack", str(ROOT / "tests/attacks")], plugins=[collector])
    if code:
        raise SystemExit(f"the tests in tests/attacks could not be collected:\n{said.getvalue()[-2000:]}")
    cases: dict[Attack, set[str]] = {}
    for item in collector.items:
        mark = next(item.iter_markers("attack"))
        tiers = str(mark.kwargs.get("tiers", "none needed"))
        name = str(getattr(item, "originalname", item.name))
        attack = Attack(*map(str, mark.args[:2]), tiers, item.path.name, name, 0)
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        case = repr(sorted((key, str(value)) for key, value in parameters.items() if key != "tier"))
        cases.setdefault(attack, set()).add(case)
    found = [Attack(a.wall, a.attempt, a.tiers, a.file, a.test, len(different)) for a, different in cases.items()]
    return sorted(found, key=lambda a: (a.wall, a.file, a.attempt))


def table(attacks: Sequence[Attack]) -> str:
    """All of them, in Markdown."""
    total = sum(attack.cases for attack in attacks)
    parts = [f"{len(attacks)} attacks in {total} cases, each of them held by the test named beside it."]
    for wall, rows in groupby(attacks, key=lambda attack: attack.wall):
        lines = [_row(attack) for attack in rows]
        parts.append("\n".join([f"### {wall.capitalize()}", "", *HEADING, *lines]))
    return "\n\n".join(parts) + "\n"


def _row(attack: Attack) -> str:
    attempt = attack.attempt.replace("|", "\\|")
    shown = f"[{attack.test.removeprefix('test_').replace('_', ' ')}](tests/attacks/{attack.file})"
    return f"| {attempt} | {attack.cases} | {attack.tiers} | {shown} |"


def with_table(text: str) -> str:
    """SECURITY.md with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table(collected()) + END + after
