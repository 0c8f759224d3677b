"""A pytest plugin: how each test ended, in plain data, with what was seen of the watched lines meanwhile."""

from buckler_harness import watch


class Outcomes:
    """Collects; one record per test that ran, one text per file that could not be loaded."""

    def __init__(self, lines, marks):
        self.lines = lines
        self.marks = marks
        self.tests = {}
        self.errors = []
        self.seen = None

    def pytest_runtest_setup(self, item):
        self.seen = watch.start(self.lines, self.marks)

    def pytest_runtest_teardown(self, item):
        watch.stop()

    def pytest_runtest_logreport(self, report):
        record = self.tests.setdefault(report.nodeid, {"outcome": "passed", "text": "", "seconds": 0.0, "kind": ""})
        record["seconds"] += report.duration
        if report.failed or (report.skipped and record["outcome"] == "passed"):
            record["outcome"] = "error" if report.failed and report.when != "call" else report.outcome
            crash = getattr(report.longrepr, "reprcrash", None)
            record["text"] = (crash.message if crash else str(report.longrepr))[:20_000]
        if report.when == "call" and self.seen is not None:
            record["seen"] = self.seen.told()

    def pytest_collectreport(self, report):
        if report.failed:
            self.errors.append("%s: %s" % (report.nodeid, str(report.longrepr)[-1500:]))
