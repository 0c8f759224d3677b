"""The project's own tests: which pass, in the sandbox, within a time."""

from __future__ import annotations

import re
from pathlib import Path

from buckler.prove.bench import Outcomes, ProofContext, trouble

SECONDS = 120
MOST_FILES = 200
TEST = re.compile(r"/(?:test_[^/]*|[^/]*_test|tests?)\.py$")
ELSEWHERE = re.compile(r"/(?:\.[^/]*|venv|env|node_modules|build|dist|site-packages)/")
ARGUMENTS = ("-q", "-p", "no:cacheprovider", "-o", "addopts=", "--no-header", "--tb=line", "--maxfail=50")


def places_of(project: Path) -> list[str]:
    """What pytest is given: the folder of the tests, or every file that looks like one, wherever it is."""
    top = [name for name in ("tests", "test") if (project / name).is_dir()]
    top += [p.name for p in sorted(project.glob("test*.py"))]
    if top:
        return top
    found = [p.relative_to(project).as_posix() for p in project.rglob("*.py")]
    return sorted(path for path in found if TEST.search(f"/{path}") and not ELSEWHERE.search(f"/{path}"))[:MOST_FILES]


def own_tests(bench: ProofContext) -> Outcomes:
    """Run them once; the answer for a bench is kept."""
    if bench.tests is not None:
        return bench.tests
    places = places_of(bench.project)
    if not places:
        bench.tests = Outcomes(reason="the project has no tests")
        return bench.tests
    answer = bench.session.test({}, [*places, *ARGUMENTS], SECONDS)
    if answer.tests and not answer.failure:
        bench.tests = Outcomes({name: str(row["outcome"]) for name, row in answer.tests.items()})
    else:
        bench.tests = Outcomes(reason=f"the project's tests could not be run: {trouble(answer)}")
    return bench.tests
