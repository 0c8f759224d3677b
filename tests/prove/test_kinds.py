"""Every kind of flaw in a small real application, beside its harmless twin: the flaw is reproduced, the twin is not.

A line `# flaw: RULE` must be found by that rule and reproduced. For a line `# safe: RULE` the finding is moved there, as
if the review had been wrong about it, and must not be reproduced although the line runs.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from buckler.finding.model import Step
from buckler.prove.attack import prove
from buckler.prove.environment.build import EnvironmentOptions, build
from buckler.prove.session import Session
from buckler.workbench.defend import DefendOptions, started, ways_of
from buckler.workbench.review import Options, review_paths

APP = Path(__file__).parent / "apps" / "kinds"
CACHE = Path(__file__).parents[2] / ".venv" / "environments-for-tests"
LABEL = re.compile(r"# (flaw|safe): ([\w-]+)")


def places(kind):
    """(rule, file, line) of every label of a kind."""
    for file in sorted(APP.rglob("*.py")):
        for number, text in enumerate(file.read_text().splitlines(), 1):
            if (found := LABEL.search(text)) and found[1] == kind:
                yield found[2], file.relative_to(APP).as_posix(), number


FLAWS, TWINS = list(places("flaw")), list(places("safe"))


@pytest.fixture(scope="module")
def app():
    """The application with a warm sandbox, and what the review says of it."""
    findings = review_paths([APP], Options(cache=None)).review.findings
    environment = build(APP, EnvironmentOptions(CACHE))
    assert environment.missing == ()
    with Session.open(environment.cell(APP)) as session:
        yield started(APP, session, environment, ways_of(findings), DefendOptions(EnvironmentOptions(CACHE))), findings


def of(findings, rule, path, line):
    return next(f for f in findings if (f.rule, f.location.path, f.location.line) == (rule, path, line))


def moved(finding, path, number):
    """The finding as it would be at another line; data comes in at the head of the function there."""
    lines = (APP / path).read_text().splitlines()
    code = lines[number - 1].strip()
    place = replace(finding.location, path=path, line=number, end_line=number, end_column=len(lines[number - 1]) + 1)
    flow = ()
    if finding.flow:
        head = next(n for n in range(number, 0, -1) if re.match(r"\s*(async )?def ", lines[n - 1]))
        name = re.search(r"def (\w+)", lines[head - 1])[1]
        first = Step(replace(place, line=head, end_line=head), (), lines[head - 1].strip(), name)
        flow = (first, Step(place, finding.flow[-1].actions, code, name))
    return replace(finding, location=place, code=code, flow=flow, function=flow[-1].function if flow else "")


@pytest.mark.parametrize(("rule", "path", "line"), FLAWS, ids=str)
def test_the_flaw_is_shown(app, rule, path, line):
    bench, findings = app
    trial = prove(bench, of(findings, rule, path, line))
    assert trial.proof is not None, trial.rungs
    compile(trial.proof.test.text, "test.py", "exec")


@pytest.mark.parametrize(("rule", "path", "line"), TWINS, ids=str)
def test_the_harmless_twin_is_not(app, rule, path, line):
    bench, findings = app
    flaw = of(findings, *next(place for place in FLAWS if place[0] == rule))
    trial = prove(bench, moved(flaw, path, line))
    assert trial.proof is None, trial.proof
    reason = next(r.reason for r in trial.rungs if r.name == "F4")
    assert "reached the line and none had an effect" in reason, reason


def test_every_kind_has_a_twin():
    assert {rule for rule, _, _ in FLAWS} == {rule for rule, _, _ in TWINS}
