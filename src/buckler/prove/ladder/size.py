"""P0: a patch changes code only, and no more of it than a reader takes in; of a large one, the part that matters.

Example::

    work.change = core(work)
    minimal(work, whole)
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from buckler.finding.evidence import Outcome
from buckler.prove.attack import ProofAttempt, test_name
from buckler.prove.bench import ProofContext, passed, run_test
from buckler.prove.emit import test_file
from buckler.prove.ladder.model import Change, Judge, opcodes
from buckler.prove.ladder.narrow import narrowed
from buckler.prove.ladder.patched import DoesNotStart, patched
from buckler.prove.ladder.reaching import reaching

NOT_CODE = re.compile(
    r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$|(^|/)\.(github|gitlab|circleci|ci)/"
)
MOST_LINES = 40


def core(work: Judge) -> Change:
    """Of a large change, or one of somebody else's, the part that matters, if the whole is good; ours as it is."""
    whole, trial = work.change, work.trial
    readable = changed_lines(whole) <= MOST_LINES and not work.foreign
    if readable or not changed_files(whole) or trial.proof is None or tampered(whole):
        return whole

    def stops(files: Mapping[str, bytes]) -> bool:
        try:
            with patched(work.bench, files) as after:
                return stands(trial, after)
        except DoesNotStart:
            return False

    near = {work.finding.location.path, *(step.location.path for step in work.finding.flow)}
    new = narrowed(whole.old, whole.new, near, stops)
    return whole if new is None else Change({path: whole.old.get(path, b"") for path in new}, new)


def stands(trial: ProofAttempt, after: ProofContext) -> bool:
    """Whether no attack has an effect and benign input works."""
    if trial.approach is None or trial.oracle is None or trial.benign is None or trial.headline is None:
        return False
    attacks = list(dict.fromkeys([*trial.fired, *(trial.oracle.attacks(trial.situation) if trial.situation else ())]))
    answer = run_test(
        after, test_file(trial.headline, trial.approach, trial.oracle, trial.benign, attacks), trial.headline
    )
    names = [test_name(trial.headline, n) for n in range(len(attacks))]
    return all(passed(answer, name) for name in (*names, "test_benign_input_still_works"))


def minimal(work: Judge, whole: Change) -> None:
    """P0: it changes code only, and not much of it."""
    changed = changed_files(work.change)
    size, every = changed_lines(work.change), changed_lines(whole)
    if tampered(whole):
        work.say("P0", Outcome.REFUTED, f"it changes {tampered(whole)[0]}, which judges the code")
    elif not changed:
        work.say("P0", Outcome.REFUTED, "it changes nothing")
    elif work.foreign and (found := reaching(whole.old, whole.new)):
        words = f"it looks at the program that runs it ({found[0]}), which no test can judge; read it"
        work.say("P0", Outcome.NOT_VERIFIED, words, found)
    elif size > MOST_LINES:
        work.say("P0", Outcome.NOT_VERIFIED, f"{size} changed lines are more than a reader takes in at a glance")
    else:
        where = changed[0] if len(changed) == 1 else f"{len(changed)} files"
        words = f"{size} changed line{'s' if size != 1 else ''} in {where}"
        about = f"{words} of {every} stop the attack by themselves" if size < every else words
        work.say("P0", Outcome.PROVED, f"{about}, no test among them")


def changed_files(change: Change) -> list[str]:
    return [path for path in change.new if change.old.get(path) != change.new[path]]


def tampered(change: Change) -> list[str]:
    return [path for path in changed_files(change) if NOT_CODE.search(path)]


def changed_lines(change: Change) -> int:
    return sum(count_changed(change.old.get(path, b""), change.new[path]) for path in changed_files(change))


def count_changed(old: bytes, new: bytes) -> int:
    return sum(max(b - a, d - c) for tag, a, b, c, d in opcodes(old, new) if tag != "equal")
