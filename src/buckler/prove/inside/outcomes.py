"""A pytest plugin: how each test ended, in plain data, with what was seen of the watched lines meanwhile."""

from __future__ import annotations

from typing import Any

from . import watch


class Outcomes:
    """Collects; one record per test that ran, one text per file that could not be loaded."""

    def __init__(self, lines: watch.Lines, marks: list[str]) -> None:
        self.lines = lines
        self.marks = marks
        self.tests: dict[str, dict[str, Any]] = {}
        self.errors: list[str] = []
        self.seen: watch.Seen | None = None

    def pytest_runtest_setup(self, item: object) -> None:
        self.seen = watch.start(self.lines, self.marks)

    def pytest_runtest_teardown(self, item: object) -> None:
        watch.stop()

    def pytest_runtest_logreport(self, report: Any) -> None:
        record = self.tests.setdefault(report.nodeid, {"outcome": "passed", "text": "", "seconds": 0.0, "kind": ""})
        record["seconds"] += report.duration
        if report.failed or (report.skipped and record["outcome"] == "passed"):
            record["outcome"] = "error" if report.failed and report.when != "call" else report.outcome
            crash = getattr(report.longrepr, "reprcrash", None)
            record["text"] = (crash.message if crash else str(report.longrepr))[:20_000]
        if report.when == "call" and self.seen is not None:
            record["seen"] = self.seen.as_row()

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.errors.append("%s: %s" % (report.nodeid, str(report.longrepr)[-1500:]))
