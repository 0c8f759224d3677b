"""Small real applications, each with flaws and their harmless twins: the flaws are reproduced, the twins are not.

A line `# flaw: NAME` must be found by the review and reproduced; for a line `# safe: NAME` the finding of its flaw is
moved there, as if the review had been wrong about it, and must not be reproduced.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from buckler.finding.evidence import Exposure
from buckler.finding.model import Action, Move, Step
from buckler.prove.attack import prove
from buckler.prove.environment.build import EnvironmentOptions, build
from buckler.prove.session import Session
from buckler.workbench.defend import DefendOptions, started, ways_of
from buckler.workbench.review import Options, review_paths

APPS = Path(__file__).parent / "apps"
CACHE = Path(__file__).parents[2] / ".venv" / "environments-for-tests"
LABEL = re.compile(r"# (flaw|safe): (\w+)")


def labels(root):
    """(flaw or safe, name) → places."""
    out = {}
    for file in sorted(root.rglob("*.py")):
        for number, text in enumerate(file.read_text().splitlines(), 1):
            if found := LABEL.search(text):
                out.setdefault(found.groups(), []).append((file.relative_to(root).as_posix(), number, text.strip()))
    return out


def moved(finding, root, path, number, code):
    """The same finding at another line, with the function it lies in as the whole way."""
    lines = (root / path).read_text().splitlines()
    head = next(n for n in range(number, 0, -1) if re.match(r"\s*(async )?def ", lines[n - 1]))
    function, parameter = re.search(r"def (\w+)\((\w*)", lines[head - 1]).groups()
    place = replace(finding.location, path=path, line=number, end_line=number, end_column=len(lines[number - 1]) + 1)
    first = Step(
        replace(place, line=head, end_line=head),
        (Action(Move.PARAMETER, parameter),),
        lines[head - 1].strip(),
        function,
    )
    return replace(
        finding,
        location=place,
        code=code,
        flow=(first, Step(place, finding.flow[-1].actions if finding.flow else (), code, function)),
        function=function,
    )


class Prover:
    """One application, reviewed, with a warm sandbox."""

    def __init__(self, name):
        self.root = APPS / name
        outcome = review_paths([self.root], Options(cache=None))
        environment = build(self.root, EnvironmentOptions(CACHE))
        assert environment.missing == ()
        self.findings = outcome.review.findings
        session = Session.open(environment.cell(self.root))
        self.bench = started(
            self.root, session, environment, ways_of(self.findings), DefendOptions(EnvironmentOptions(CACHE))
        )

    def at(self, path, line):
        return next(f for f in self.findings if (f.location.path, f.location.line) == (path, line))

    def flaws(self, exposure, most=99):
        """Every flaw is reproduced; gives the proofs by place."""
        out = {}
        places = [place for (kind, _), places in labels(self.root).items() if kind == "flaw" for place in places]
        for path, line, _ in places[:most]:
            trial = prove(self.bench, self.at(path, line))
            assert trial.proof is not None, (path, line, trial.rungs)
            assert trial.proof.exposure is exposure, (path, line, trial.proof.entry)
            out[path, line] = trial.proof
        return out

    def twins(self, most=99):
        """No twin is, although the attacks get there."""
        known = labels(self.root)
        twins = [(name, place) for (kind, name), places in known.items() if kind == "safe" for place in places]
        for name, place in twins[:most]:
            flaw = self.at(*known["flaw", name][0][:2])
            trial = prove(self.bench, moved(flaw, self.root, *place))
            assert trial.proof is None, (place, trial.proof)
            assert "reached the line and none had an effect" in trial.rungs[-1].reason, (place, trial.rungs)


@pytest.fixture
def prover():
    made = []

    def make(name):
        made.append(Prover(name))
        return made[-1]

    yield make
    for one in made:
        one.bench.session.close()


WAYS = {
    "django": Exposure.REMOTE, "fastapi": Exposure.REMOTE, "starlette": Exposure.REMOTE, "aiohttp": Exposure.REMOTE,
    "tornado": Exposure.REMOTE, "bottle": Exposure.REMOTE, "blueprint": Exposure.REMOTE, "commands": Exposure.CLI,
    "objects": Exposure.API, "documents": Exposure.API, "options": Exposure.API, "handlers": Exposure.REMOTE,
    "beginnings": Exposure.REMOTE, "asked": Exposure.API, "inside": Exposure.INTERNAL,
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS)
def test_one_of_each(prover, name):
    app = prover(name)
    app.flaws(WAYS[name], most=1)
    app.twins(most=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_all(prover, name):
    app = prover(name)
    app.flaws(WAYS[name])
    app.twins()


def test_what_was_assumed_is_said(prover):
    app = prover("guarded")
    said = {path_line[1]: proof.assumptions for path_line, proof in app.flaws(Exposure.REMOTE).items()}
    assert said == {
        21: ("assumes that `accounts.may` agrees",),
        27: ("assumes a session that holds `user`",),
        33: ("assumes a user who may log in",),
        41: (),
        47: (),
        58: (),
    }
    app.twins()


def test_an_attribute_that_is_looked_at_when_it_is_set(prover):
    app = prover("inside")
    ((path, line, _),) = labels(app.root)["flaw", "rule"]
    flaw = app.at(path, line)
    checked = next(n for n, text in enumerate((app.root / path).read_text().splitlines(), 1) if "# looked at" in text)
    place = replace(flaw.location, line=checked, end_line=checked)
    there = replace(
        flaw, location=place, function="CheckedRule.holds",
        flow=(replace(flaw.flow[-1], location=place, function="CheckedRule.holds"),),
    )  # fmt: skip
    trial = prove(app.bench, there)
    assert trial.proof is None
    assert "reached the line and none had an effect" in trial.rungs[-1].reason
