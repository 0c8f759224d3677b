"""From a finding to a test that shows it, or to the reason why there is none.

Approaches are tried in order until an attack works; then the test is written down and run three times, and once with
ordinary input in place of the attack. Only what those runs did is believed.

Example::

    trial = prove(bench, finding)
    trial.proof.test.text
"""

from __future__ import annotations

import json
import re
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from buckler.finding.evidence import Outcome, Proof, Rung, Shown, TestFile
from buckler.finding.model import Finding
from buckler.prove.emit import COUNTERPART, Headline, Ordinary, sending, test_file
from buckler.prove.entries.commands import command_approaches
from buckler.prove.entries.functions import function_approaches
from buckler.prove.entries.place import placed
from buckler.prove.entries.reach import Reached, code_of, sink_lines
from buckler.prove.entries.surface import Surface
from buckler.prove.entries.web import web_approaches
from buckler.prove.model import SAYS, Approach, Attack, Oracle, Situation, encoded
from buckler.prove.oracles import files
from buckler.prove.oracles.choose import ORACLES, oracles_for
from buckler.prove.oracles.secrets import literal_at
from buckler.prove.session import Answer, Session

TIMES = 3
ARGUMENTS = ("-q", "-p", "no:cacheprovider", "-o", "addopts=", "-o", "filterwarnings=", "--tb=short")
MOST_APPROACHES = 6
SECONDS = 30
MOST_EXCERPT = 60


@dataclass(slots=True)
class Outcomes:
    """How the project's own tests ended, by name, or why they could not be run."""

    outcomes: dict[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(slots=True)
class Bench:
    """Everything an attempt needs: the project, the running sandbox, what answers requests, the budget."""

    project: Path
    session: Session
    surface: Surface
    versions: dict[str, str] = field(default_factory=dict)
    seconds: float = 60
    warmth: str = ""
    """Statements that load the project into the interpreter the attempts are forks of."""
    tests: Outcomes | None = None


@dataclass(slots=True)
class Trial:
    """What came of trying to prove one finding."""

    proof: Proof | None
    rungs: tuple[Rung, ...]
    approach: Approach | None = None
    oracle: Oracle | None = None
    ordinary: Ordinary | None = None
    fired: tuple[Attack, ...] = ()
    """Every attack that worked, the one in the test first; the others are kept back for the patch."""
    headline: Headline | None = None
    situation: Situation | None = None


@dataclass(slots=True, frozen=True)
class Hit:
    """An attack that worked once."""

    reached: Reached
    oracle: Oracle
    ordinary: Ordinary
    fired: tuple[Attack, ...]
    headline: Headline
    situation: Situation


def prove(bench: Bench, finding: Finding) -> Trial:
    """Try every way in until one works."""
    base = static_rungs(finding)
    if finding.rule not in ORACLES:
        return Trial(None, (*base, unverified("F4", f"no effect is known by which `{finding.rule}` could be told")))
    finding = placed(bench.project, finding)
    deadline = time.monotonic() + bench.seconds
    reasons: list[str] = []
    for number, reached in enumerate(approaches(bench, finding)):
        if number >= MOST_APPROACHES or time.monotonic() > deadline:
            break
        hit = strike(bench, finding, reached, reasons)
        if hit is not None:
            return confirmed(bench, finding, hit, base)
    return Trial(None, (*base, unverified("F4", why(bench, reasons))))


def approaches(bench: Bench, finding: Finding) -> Iterator[Reached]:
    """Ways in, the most exposed first."""
    yield from web_approaches(bench.session, bench.surface, finding, bench.versions)
    yield from command_approaches(bench.session, bench.project, bench.surface, finding)
    yield from function_approaches(bench.session, bench.project, bench.surface, finding)


def why(bench: Bench, reasons: Sequence[str]) -> str:
    if reasons:
        return reasons[0]
    if bench.session.over:
        return "the sandbox ended while the project ran in it"
    failed = next(iter(bench.surface.failed.items()), None)
    if not bench.surface.applications and failed:
        return f"the project could not be loaded: {failed[0]}: {failed[1]}".replace(": :", ":")
    return "no way in was found that carries a value to this line"


def strike(bench: Bench, finding: Finding, reached: Reached, reasons: list[str]) -> Hit | None:
    """Send every attack of every oracle that fits; the first oracle with a hit wins."""
    situation = seen_situation(bench, finding, reached)
    oracles = oracles_for(finding.rule, situation)
    if not oracles:
        reasons.append(f"no effect is known by which this form of `{finding.rule}` could be told")
    for oracle in oracles:
        ordinary = ordinary_of(bench, reached.approach, oracle, situation)
        if ordinary is None:
            reasons.append("ordinary input could not be sent")
            continue
        headline = headline_of(finding, reached.approach)
        attacks = oracle.attacks(situation)
        text = test_file(headline, reached.approach, oracle, ordinary, attacks)
        answer = run_test(bench, text, headline)
        if not passed(answer, "test_ordinary_input_still_works"):
            reasons.append(f"the test could not be run: {trouble(answer)}")
            continue
        fired = tuple(attack for n, attack in enumerate(attacks) if exploited(answer, test_name(headline, n)))
        if fired:
            return Hit(reached, oracle, ordinary, fired, headline, situation)
        what = "attacks" if oracle.shown is Shown.EXPLOIT else "ordinary inputs"
        reasons.append(f"{len(attacks)} {what} reached the line and none had an effect")
    return None


def confirmed(bench: Bench, finding: Finding, hit: Hit, base: tuple[Rung, ...]) -> Trial:
    """The test as it is handed out, three times; then with ordinary input in place of the attack."""
    approach = hit.reached.approach
    attack = hit.fired[0]
    text = test_file(hit.headline, approach, hit.oracle, hit.ordinary, [attack])
    lines = sink_lines(finding)
    answers = [run_test(bench, text, hit.headline, lines) for _ in range(TIMES)]
    alike = [
        a for a in answers if exploited(a, test_name(hit.headline, 0)) and passed(a, "test_ordinary_input_still_works")
    ]
    harmless, reaches = controlled(bench, hit, lines, alike)
    fires = len(alike) == TIMES
    four = Rung("F4", Outcome.PROVED if fires else Outcome.NOT_VERIFIED,
                f"{hit.oracle.effect}, {len(alike)} of {TIMES} times")  # fmt: skip
    five = control_rung(harmless=harmless, reaches=reaches, counterpart=bool(hit.oracle.counterpart))
    proof = Proof(hit.oracle.shown, approach.entry, approach.exposure, attack.value, hit.ordinary.value.value, hit.oracle.effect,
                  TestFile(place_of(bench.project, hit.headline), text), events_of(hit.reached), approach.assumptions)  # fmt: skip
    good = fires and harmless and reaches
    return Trial(proof if good else None, (*with_entry(base, approach), four, five), approach, hit.oracle, hit.ordinary,
                 hit.fired, hit.headline, hit.situation)  # fmt: skip


def controlled(bench: Bench, hit: Hit, lines: dict[str, list[int]], runs: Sequence[Answer]) -> tuple[bool, bool]:
    """Whether the test is silent where it should be, and whether ordinary input reaches the line.

    Where ordinary input is all that is sent, the control is code that does it right, and stands in the same file.
    """
    ordinary = "test_ordinary_input_still_works"
    if hit.oracle.counterpart:
        reaches = bool(runs) and all(ran_line(run, ordinary, lines) for run in runs)
        return bool(runs) and all(passed(run, COUNTERPART) for run in runs), reaches
    text = test_file(hit.headline, hit.reached.approach, hit.oracle, hit.ordinary, [hit.ordinary.value])
    control = run_test(bench, text, hit.headline, lines)
    return passed(control, test_name(hit.headline, 0)), ran_line(control, ordinary, lines)


def control_rung(*, harmless: bool, reaches: bool, counterpart: bool) -> Rung:
    if not harmless:
        what = "code that does it right" if counterpart else "ordinary input"
        return Rung("F5", Outcome.REFUTED, f"{what} shows the same effect, so the effect says nothing")
    if not reaches:
        return Rung("F5", Outcome.NOT_VERIFIED, "ordinary input did not reach the line")
    if counterpart:
        words = "ordinary input reaches the line, and the same watch is silent about code that does it right"
        return Rung("F5", Outcome.PROVED, words)
    return Rung("F5", Outcome.PROVED, "ordinary input reaches the same line and shows no effect")


def static_rungs(finding: Finding) -> tuple[Rung, ...]:
    out = [Rung("F1", Outcome.PROVED, f"`{finding.code[:80]}` is at {finding.location.path}:{finding.location.line}")]
    if finding.flow:
        first = finding.flow[0].location
        out.append(Rung("F2", Outcome.PROVED, f"{len(finding.flow)} steps from {first.path}:{first.line}"))
    else:
        out.append(unverified("F2", "the rule needs no flow of data"))
    return tuple(out)


def with_entry(rungs: tuple[Rung, ...], approach: Approach) -> tuple[Rung, ...]:
    reachable = approach.exposure.name != "INTERNAL"
    outcome = Outcome.PROVED if reachable else Outcome.NOT_VERIFIED
    return (*rungs, Rung("F3", outcome, f"{approach.entry} ({approach.exposure})"))


def unverified(name: str, reason: str) -> Rung:
    return Rung(name, Outcome.NOT_VERIFIED, reason)


def seen_situation(bench: Bench, finding: Finding, reached: Reached) -> Situation:
    near = tuple(step.code for step in finding.flow[-4:])
    events = tuple((name, tuple(given)) for name, given in reached.answer.seen.events)
    situation = Situation(
        reached.approach, reached.mark, events, finding.code, near, (), finding.location.path, finding.function,
        finding.message, literal_at((bench.project / finding.location.path).read_bytes(), finding),
    )  # fmt: skip
    folder = files.folder_of(situation)
    return replace(situation, neighbours=neighbours(bench, folder)) if folder else situation


def neighbours(bench: Bench, folder: str) -> tuple[str, ...]:
    """Names of the files in a folder, as seen inside."""
    listed = bench.session.run(
        f"import os\nreport(sorted(n for n in os.listdir({folder!r}) if os.path.isfile({folder!r} + '/' + n))[:8])"
    ).value
    return tuple(map(str, listed)) if isinstance(listed, list) else ()


def events_of(reached: Reached) -> tuple[str, ...]:
    out = [f"{name}({', '.join(given)})".replace(reached.mark, "…") for name, given in reached.answer.seen.events]
    return tuple(dict.fromkeys(e for e in out if not e.startswith(("compile", "import", "exec"))))[:6]


def ordinary_of(bench: Bench, approach: Approach, oracle: Oracle, situation: Situation) -> Ordinary | None:
    """The first ordinary value that is answered without an error, else the first that is answered at all."""
    failing: Ordinary | None = None
    for value in oracle.benign(situation):
        told = [sent(bench, approach, oracle, value) for _ in range(2)]
        if any(t is None for t in told):
            continue
        first, second = told
        if first is None or second is None or first["status"] != second["status"] or first["error"] != second["error"]:
            continue
        status = repr(first["status"]) if first["status"] is not None else ""
        excerpt = excerpt_of(first["text"], second["text"])
        whole = whole_of(first["text"], second["text"])
        here = (
            Ordinary(value, status, first["error"])
            if first["error"] or oracle.fresh
            else Ordinary(value, status, "", excerpt, whole)
        )
        if not first["error"] and (first["status"] is None or int(first["status"]) < 400):
            return here
        failing = failing or here
    return failing


TELL = """
try:
    answer = send({given})
    told = {{"status": {status}, "text": text(answer)[:{most}], "error": ""}}
except (Exception, SystemExit) as error:
    told = {{"status": None, "text": "", "error": type(error).__name__}}
"""
MOST_TEXT = 8_000
MOST_WHOLE = 60


def sent(bench: Bench, approach: Approach, oracle: Oracle, value: Attack) -> dict[str, Any] | None:
    """Status, text and error of one ordinary value."""
    given = ", ".join([*approach.fixtures, encoded(approach, value.value)])
    told = asked(
        bench, approach, oracle, TELL.format(given=given, status=approach.status or "None", most=MOST_TEXT), "told"
    )
    return told if isinstance(told, dict) and set(told) == {"status", "text", "error"} else None


def asked(bench: Bench, approach: Approach, oracle: Oracle, code: str, name: str) -> Any:
    """Run statements that use `send` and give the value of a name in them; inside a test where fixtures are needed."""
    if not approach.fixtures and not oracle.needs:
        head = "\n".join(i for i in oracle.imports if i != "import pytest")
        return bench.session.run(f"{head}\n{code_of(approach)}\n{code}\nreport({name})", SECONDS).value
    fixtures = ", ".join(dict.fromkeys([*approach.fixtures, *oracle.needs]))
    body = textwrap.indent(f"{code}\nassert False, 'TOLD ' + json.dumps({name}) + ' TOLD'", "    ")
    head = "\n".join(["import json", *oracle.imports, *approach.imports, approach.setup])
    text = f"{head}\n{oracle.helpers}\n{sending(approach)}\ndef test_told({fixtures}):\n{body}\n"
    headline = Headline("", "ordinary.py, ", "", "", "told")
    found = re.search(r"TOLD (.*) TOLD", str(record(run_test(bench, text, headline), "test_told").get("text")), re.S)
    try:
        return json.loads(found[1]) if found else None
    except ValueError:
        return None


def excerpt_of(first: object, second: object) -> str:
    """A line that came back alike twice and says something."""
    one, two = str(first).splitlines(), set(str(second).splitlines())
    same = [line.strip() for line in one if line in two and re.search(r"[A-Za-z]{3}", line) and " at 0x" not in line]
    last = same[-1] if same else ""
    return last if len(last) <= MOST_EXCERPT else ""


def whole_of(first: object, second: object) -> str | None:
    """A short answer that came back alike twice and holds no address in memory."""
    text = str(first)
    return text if first == second and len(text) <= MOST_WHOLE and not re.search(r"0x[0-9a-f]{6}|\n.", text) else None


def headline_of(finding: Finding, approach: Approach) -> Headline:
    where = f"{finding.location.path}, {finding.function or 'at the top'}"
    return Headline(finding.title, where, approach.entry, finding.attacker, finding.rule.replace("-", "_"))


def test_name(headline: Headline, number: int) -> str:
    return f"test_{headline.name}_{number + 1}" if number else f"test_{headline.name}"


def place_of(project: Path, headline: Headline) -> str:
    """Where the project keeps its tests."""
    folder = next((name for name in ("tests", "test") if (project / name).is_dir()), "")
    mark = re.sub(r"\W+", "_", headline.place.rpartition("/")[2].replace(".py", "")).strip("_").lower()
    name = f"test_{headline.name}_{mark}.py"
    return f"{folder}/{name}" if folder else name


def run_test(bench: Bench, text: str, headline: Headline, lines: dict[str, list[int]] | None = None) -> Answer:
    """Run a test file where it belongs; if the project's own settings are in the way, in a folder of its own."""
    place = place_of(bench.project, headline)
    answer = bench.session.test({place: text}, [place, *ARGUMENTS], SECONDS, lines)
    if answer.tests or answer.ended in ("time", "gone"):
        return answer
    name = f"security/{place.rpartition('/')[2]}"
    bare = ("-c", "/dev/null", "--rootdir", "/project/security", "--noconftest")
    return bench.session.test({name: text}, [name, *ARGUMENTS, *bare], SECONDS, lines)


def record(answer: Answer, name: str) -> dict[str, object]:
    return next((r for node, r in answer.tests.items() if node.rpartition("::")[2] == name), {})


def passed(answer: Answer, name: str) -> bool:
    return record(answer, name).get("outcome") == "passed"


def exploited(answer: Answer, name: str) -> bool:
    """Failed by the oracle's own assertion and nothing else."""
    found = record(answer, name)
    return found.get("outcome") == "failed" and said(str(found.get("text")))


def said(text: str) -> bool:
    """The words of a failure are those of an oracle."""
    return any(word in text.split("\n", maxsplit=1)[0] for word in SAYS.values())


def ran_line(answer: Answer, name: str, lines: dict[str, list[int]]) -> bool:
    seen = record(answer, name).get("seen") or {}
    ran = seen.get("ran", {}) if isinstance(seen, dict) else {}
    return any(set(numbers) & set(lines.get(path.removeprefix("/project/"), ())) for path, numbers in ran.items())


def trouble(answer: Answer) -> str:
    """Why a test could not be run, in one line."""
    if answer.failure:
        return answer.failure
    texts = [*answer.errors, *(str(r["text"]) for r in answer.tests.values() if r["outcome"] != "passed")]
    words = [line for text in texts for line in text.splitlines() if "Error" in line or line.startswith("E ")]
    return (words[-1].removeprefix("E ").strip() if words else "it did not run")[:200]
