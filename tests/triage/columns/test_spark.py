"""The same expressions on another engine give the same queue: a local Spark session, where one is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from buckler.triage.alert import Alert
from buckler.triage.columns import expressions
from buckler.triage.columns.engine import Engine
from buckler.triage.columns.schema import FACTS, RAW

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # sockets that Spark leaves open
]
ALERTS = [
    Alert("Lint", "R1", kind="code", path="a.py", line=3, severity="high", cwe=(89,), code="run( q )", message="x"),
    Alert("Other", "sql", kind="code", path="a.py", line=3, severity="medium", cwe=(564,), message="text 12 of 'me'"),
    Alert("Deps", "CVE-2023-1", kind="package", package="pkg:pypi/a@1", ids=("CVE-2023-1",), severity="critical", score=9.8, fixed="2"),
    Alert("Sensor", "SID-1", kind="runtime", host="web1", peer="10.0.0.1", severity="high", time=5.0),
    Alert("Scan", "open", kind="host", host="web1", port=22, severity="low"),
    Alert("Pages", "xss", kind="web", host="web1", url="https://web1/a?q=1", parameter="q", severity="medium", cwe=(79,)),
    Alert("Keys", "aws", kind="secret", path="k.sh", line=1, severity="high", status="suppressed"),
]  # fmt: skip


def test_spark_ranks_as_this_process_does(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    ibis: Any = pytest.importorskip("ibis")
    rows = [{**msgspec.structs.asdict(alert), "report": "r1"} for alert in ALERTS]
    facts: dict[str, list[tuple[Any, ...]]] = {
        "imports": [(1, "r1", alert.tool, "shop", "", 1.0) for alert in ALERTS],
        "exploited": [("CVE-2023-1", "2023-02-01", True)],
        "weaknesses": [(89, "sql injection"), (564, "sql injection")],
    }
    with Engine(tmp_path) as engine:
        for name, given in facts.items():
            engine.fill(name, given)
        (tmp_path / "r1.jsonl").write_bytes(msgspec.json.Encoder().encode_lines(ALERTS))
        engine.take([tmp_path / "r1.jsonl"])
        engine.write(tmp_path / "segment.parquet")
        engine.look([tmp_path / "segment.parquet"])
        engine.states(tmp_path / "states.parquet")
        ours = engine.rank(100)
    assert _on_spark(ibis, rows, facts) == ours


def _on_spark(ibis: Any, rows: list[dict[str, Any]], facts: dict[str, list[tuple[Any, ...]]]) -> list[dict[str, Any]]:
    from pyspark.sql import SparkSession  # noqa: PLC0415

    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        backend = ibis.pyspark.connect(session)
        kinds = {"string": "string", "int64": "bigint", "float64": "double", "boolean": "boolean", "array<int64>": "array<bigint>", "array<string>": "array<string>"}  # fmt: skip

        def view(name: str, columns: Any, given: list[tuple[Any, ...]]) -> None:
            typed = ", ".join(f"`{column}` {kinds[kind]}" for column, kind in columns.items())
            session.createDataFrame(given, typed).createOrReplaceTempView(name)

        view("raw", RAW, [tuple(list(v) if isinstance(v := row[n], tuple) else v for n in RAW) for row in rows])
        for name, columns in FACTS.items():
            view(name, columns, facts.get(name, []))
        for name, made in (("alerts", "identify"), ("findings", "states"), ("weighed", "weigh")):
            query = ibis.to_sql(expressions.QUERIES[made](), dialect="pyspark")
            session.sql(str(query)).createOrReplaceTempView(name)
        found = session.sql(str(ibis.to_sql(expressions.QUERIES["queue"](), dialect="pyspark"))).collect()
        del backend
        return [row.asDict() for row in found]
    finally:
        session.stop()
