"""The project's own tests: which pass, in the sandbox, within a time."""

from __future__ import annotations

from buckler.prove.bench import Bench, Outcomes, trouble

SECONDS = 120
ARGUMENTS = ("-q", "-p", "no:cacheprovider", "-o", "addopts=", "--no-header", "--tb=line", "--maxfail=50")


def own_tests(bench: Bench) -> Outcomes:
    """Run them once; the answer for a bench is kept."""
    if bench.tests is not None:
        return bench.tests
    places = [name for name in ("tests", "test") if (bench.project / name).is_dir()]
    places += [p.name for p in sorted(bench.project.glob("test*.py"))]
    if not places:
        bench.tests = Outcomes(reason="the project has no tests")
        return bench.tests
    answer = bench.session.test({}, [*places, *ARGUMENTS], SECONDS)
    if answer.tests and not answer.failure:
        bench.tests = Outcomes({name: str(row["outcome"]) for name, row in answer.tests.items()})
    else:
        bench.tests = Outcomes(reason=f"the project's tests could not be run: {trouble(answer)}")
    return bench.tests
