"""Identities, states and ranks, each on a handful of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from buckler.triage.alert import Alert
from buckler.triage.columns.engine import Engine, query
from buckler.triage.columns.expressions import POINTS, QUERIES
from buckler.triage.decisions import condition

CODE = Alert(
    "Lint", "R1", kind="code", path="shop/a.py", line=3, severity="medium", cwe=(89,), code="run(q)", message="A query"
)
PACKAGE = Alert("Deps", "CVE-2023-1", kind="package", package="pkg:pypi/a@1", ids=("CVE-2023-1",), severity="high", fixed="2", path="r.txt")  # fmt: skip


class Scene:
    """Imports one after the other, each some reports of one time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.imports: list[tuple[Any, ...]] = []
        self.ran: list[tuple[Any, ...]] = []
        self.segments: list[Path] = []
        self.facts: dict[str, list[tuple[Any, ...]]] = {}
        self.decisions: list[tuple[str, dict[str, str]]] = []

    def bring(
        self,
        *alerts: Alert,
        tools: Sequence[str] = (),
        rules: Sequence[str] = (),
        scope: str = "",
        project: str = "shop",
    ) -> None:
        number = len(self.segments) + 1
        shard = self.folder / f"report{number}.jsonl"
        shard.write_bytes(msgspec.json.Encoder().encode_lines(alerts))
        for tool in {*tools, *(alert.tool for alert in alerts)}:
            self.imports.append((number, shard.stem, tool, project, scope, float(number)))
            self.ran += [(number, tool, rule) for rule in rules]
        with Engine(self.folder) as engine:
            engine.fill("names", self.facts.get("names", []))
            engine.take([shard])
            self.segments.append(self.folder / f"segment{number}.parquet")
            engine.write(self.segments[-1])

    def engine(self) -> Engine:
        engine = Engine(self.folder)
        for name, rows in {"imports": self.imports, "ran": self.ran, **self.facts}.items():
            engine.fill(name, rows)
        engine.look(self.segments)
        for label, scope in self.decisions:
            engine.decide(label, *condition(scope))
        engine.states(self.folder / f"states{len(list(self.folder.iterdir()))}.parquet")
        engine.learn()
        return engine

    def states(self) -> dict[str, int]:
        with self.engine() as engine:
            engine.weigh()
            return engine.findings()

    def queue(self) -> list[dict[str, Any]]:
        with self.engine() as engine:
            rows = engine.rank(100)
            worst = {row["problem"]: row for row in engine.worst()}
        return [{**worst[row["problem"]], **row} for row in rows]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def changed(alert: Alert, **values: Any) -> Alert:
    return msgspec.structs.replace(alert, **values)


@pytest.mark.parametrize(
    ("first", "second", "same_finding", "same_problem"),
    [
        (CODE, changed(CODE, line=90, message="Other words"), True, True),
        (CODE, changed(CODE, code=" run( q )\n"), True, True),
        (CODE, changed(CODE, tool="Other", rule="sql", cwe=(564,)), True, True),
        (CODE, changed(CODE, code="run(other)"), False, False),
        (changed(CODE, symbol="find"), changed(CODE, symbol="find", code="run(other)"), False, True),
        (CODE, changed(CODE, path="shop/b.py"), False, False),
        (changed(CODE, code="", message="line 3 of 'a'"), changed(CODE, code="", message="line 9 of 'b'"), True, True),
        (PACKAGE, changed(PACKAGE, package="pkg:pypi/a@1.1", tool="Other", rule="X"), True, True),
        (PACKAGE, changed(PACKAGE, ids=("GHSA-2222-3333-4444",), rule="G"), True, True),
        (PACKAGE, changed(PACKAGE, ids=("CVE-2023-2",), rule="CVE-2023-2"), False, True),
        (PACKAGE, changed(PACKAGE, package="pkg:pypi/b@1"), False, False),
    ],
)
def test_identities(scene: Scene, first: Alert, second: Alert, same_finding: bool, same_problem: bool) -> None:
    scene.facts["names"] = [("GHSA-2222-3333-4444", "CVE-2023-1")]
    scene.bring(first, second)
    with scene.engine() as engine:
        rows = engine.rows("SELECT finding, problem FROM alerts")
    assert (len({row["finding"] for row in rows}) == 1, len({row["problem"] for row in rows}) == 1) == (
        same_finding,
        same_problem,
    )


def test_closed_only_if_the_rule_ran_again_in_the_same_scope(scene: Scene) -> None:
    scene.bring(CODE, PACKAGE)
    assert scene.states() == {"open": 2}
    scene.bring(PACKAGE, tools=["Lint"])
    assert scene.states() == {"not seen": 1, "open": 1}
    scene.bring(tools=["Lint"], rules=["R1"], scope="elsewhere")
    assert scene.states() == {"not seen": 1, "open": 1}
    scene.bring(tools=["Lint"], rules=["R1"])
    assert scene.states() == {"closed": 1, "open": 1}
    scene.bring(CODE)
    assert scene.states() == {"open": 2}


def test_what_the_tool_itself_settled_is_not_in_the_queue(scene: Scene) -> None:
    scene.bring(changed(CODE, status="suppressed"))
    assert scene.states() == {"settled": 1} and scene.queue() == []


@pytest.mark.parametrize(
    ("alert", "facts", "decision"),
    [
        (CODE, {}, "track"),
        (changed(CODE, grade="reproduced", severity="low"), {}, "act"),
        (changed(CODE, grade="traced"), {}, "attend"),
        (PACKAGE, {}, "attend"),
        (changed(PACKAGE, reach="not reachable"), {}, "track"),
        (changed(PACKAGE, severity="critical", reach="reachable"), {}, "act"),
        (changed(PACKAGE, severity="low"), {"exploited": [("CVE-2023-1", "2023-02-01", False)]}, "act"),
        (changed(PACKAGE, reach="not reachable"), {"exploited": [("CVE-2023-1", "2023-02-01", False)]}, "track"),
        (changed(PACKAGE, severity="low"), {"likelihood": [("CVE-2023-1", 0.4, 0.99)]}, "attend"),
        (changed(PACKAGE, severity="low"), {"points": [("CVE-2023-1", "active", True, "total")]}, "act"),
    ],
)
def test_decisions(scene: Scene, alert: Alert, facts: dict[str, list[tuple[Any, ...]]], decision: str) -> None:
    scene.facts |= facts
    scene.bring(alert)
    (row,) = scene.queue()
    assert row["decision"] == decision
    assert row["points"] == pytest.approx(sum(row[f"p_{name}"] for name in POINTS))


def test_alerts_at_run_time_raise_what_is_on_the_same_host(scene: Scene) -> None:
    page = Alert("Pages", "xss", kind="web", host="web1", url="https://web1/", severity="high")
    scene.bring(
        page,
        changed(page, host="web2", url="https://web2/"),
        Alert("Sensor", "S", kind="runtime", host="web1", severity="high"),
    )
    found = {row["host"]: (row["decision"], row["p_runtime"]) for row in scene.queue() if row["kind"] == "web"}
    assert found == {"web1": ("act", 10.0), "web2": ("attend", 0.0)}


def test_proved_before_claimed_and_the_same_order_every_time(scene: Scene) -> None:
    many = [changed(PACKAGE, package=f"pkg:pypi/p{n}@1", severity="critical", reach="reachable") for n in range(40)]
    scene.bring(*many, changed(CODE, grade="reproduced"))
    first = [row["problem"] for row in scene.queue()]
    assert scene.queue()[0]["tool"] == "Lint" and first == [row["problem"] for row in scene.queue()]


def test_a_decision_for_a_version_ends_with_it(scene: Scene) -> None:
    scene.decisions = [("accepted", {"package": "pkg:pypi/a@1"})]
    scene.bring(PACKAGE)
    assert scene.states() == {"decided": 1}
    scene.bring(changed(PACKAGE, package="pkg:pypi/a@1.1"))
    assert scene.states() == {"open": 1}


def test_false_positives_count_against_their_rule(scene: Scene) -> None:
    others = [changed(CODE, path=f"shop/m{n}.py") for n in range(8)]
    scene.bring(CODE, *others)
    before = next(row["points"] for row in scene.queue())
    scene.decisions = [("false positive", {"path": "shop/m*"})]
    (after,) = scene.queue()
    assert after["points"] < before and after["p_precision"] == pytest.approx((0.1 - 0.5) * 20)


def test_a_hundred_million_letters_of_decisions_are_no_queries(scene: Scene) -> None:
    scene.decisions = [("accepted", {"rule": "'; DROP TABLE imports; --"}), ("accepted", {"path": "shop/*"})]
    scene.bring(CODE, PACKAGE)
    assert scene.states() == {"decided": 1, "open": 1}


def test_every_query_is_written_as_sql() -> None:
    assert all(query(name) for name in QUERIES)
