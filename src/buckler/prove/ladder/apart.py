"""Verdicts that the judged code cannot make for itself.

A test and the code it is about usually share a process, and code in the same process can change what the test says. So
the test of a patch that somebody else wrote is run once more with the two apart: the test in a process that never loads
the project, the code in another, between them only the value and what came back. That this works is shown before it is
believed: on the code before the patch the attack must be seen from there too.

Where an effect shows only inside the program (which statement reached a driver, which hash was asked for), there is no
such view. Then an alarm is added to the test file, a test that must fail, and the verdict says what it assumes.

Example::

    seen_apart(before, after, trial)    # Apart.STOPPED
"""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from buckler.prove.attack import ProofAttempt, test_name
from buckler.prove.bench import ARGUMENTS, SECONDS, ProofContext, exploited, passed
from buckler.prove.emit import Headline, test_file
from buckler.prove.entries.reach import code_of
from buckler.prove.model import SAYS, Attack, EntryDriver
from buckler.prove.session import Answer

PLAIN = re.compile(r"(?:from [\w.]+ )?import [\w.]+(?: as \w+)?")
"""All that an import may say which is run where the verdict is made, whoever wrote it."""
ALARM = """

def test_{name}_{number}():
    assert False, "{says}: {word}"
"""


class Apart(Enum):
    """What a test that shares no process with the code says of a patch."""

    STOPPED = "stopped"
    WORKS = "the attack still works"
    UNSEEN = "the effect cannot be seen from there"


def seen_apart(before: ProofContext, after: ProofContext, trial: ProofAttempt) -> Apart:
    """Run the test apart from the code before and after a patch."""
    if trial.headline is None or not trial.fired:
        return Apart.UNSEEN
    name = test_name(trial.headline, 0)
    first = run_apart(before, trial, trial.fired[:1])
    if first is None or not exploited(first, name):
        return Apart.UNSEEN
    second = run_apart(after, trial, trial.fired[:1])
    if second is not None and exploited(second, name):
        return Apart.WORKS
    return Apart.STOPPED if second is not None and passed(second, name) else Apart.UNSEEN


def run_apart(bench: ProofContext, trial: ProofAttempt, attacks: Sequence[Attack]) -> Answer | None:
    """The answer of such a run; None where the entry point needs fixtures of the project or there is nothing to run it with."""
    approach = trial.approach
    if (
        approach is None
        or trial.oracle is None
        or trial.benign is None
        or trial.headline is None
        or approach.fixtures
        or not bench.session.cell.tools
    ):
        return None
    text = test_file(trial.headline, far_side(approach), trial.oracle, trial.benign, attacks)
    parts = {"text": approach.text, "status": approach.status, "headers": approach.headers, "cookies": approach.cookies}
    return bench.session.judge(text, code_of(approach), parts, ARGUMENTS, SECONDS)


def far_side(approach: EntryDriver) -> EntryDriver:
    """The same entry point for a test that has nothing of the project: what is sent goes through a socket."""
    named = {line: line.split()[1].partition(".")[0] for line in approach.imports if PLAIN.fullmatch(line)}
    standard = [line for line, top in named.items() if top in sys.stdlib_module_names]
    return replace(
        approach,
        imports=(*standard, "from buckler_harness import far"),
        setup="",
        send="return far.send(value)",
        text="answer.text",
        status="answer.status" if approach.status else "",
        headers="answer.headers" if approach.headers else "",
        cookies="answer.cookies" if approach.cookies else "",
    )


def with_alarm(text: str, headline: Headline) -> tuple[str, str]:
    """The test file with one more test that must fail, under a name like the others', and the word it fails with."""
    word = secrets.token_hex(8)
    says = secrets.choice([*SAYS.values()])
    alarm = ALARM.format(name=headline.name, number=secrets.randbelow(900) + 100, says=says, word=word)
    return text.rstrip("\n") + "\n" + alarm, word


def rang(answer: Answer, word: str) -> bool:
    """Whether the alarm failed as it must, with its own word."""
    return any(row.get("outcome") == "failed" and word in str(row.get("text")) for row in answer.tests.values())
