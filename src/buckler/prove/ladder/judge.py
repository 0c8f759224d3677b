"""The ladder for a patch: P0 to P8, each rung proved, refuted or not verified with its reason.

Whoever wrote the patch never saw the variants of P5 or the inputs of P6. A rung that cannot be run says so; missing
evidence is never success.

Example::

    rungs = judge(bench, finding, trial, Change(patch, old, new), again)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from buckler.base.counting import counted
from buckler.finding.evidence import Outcome, ProofKind, Rung
from buckler.prove.attack import TIMES, ProofAttempt, test_name
from buckler.prove.bench import ProofContext, exploited, landmarks, passed, ran_line, run_test, trouble
from buckler.prove.benign import sent
from buckler.prove.emit import test_file
from buckler.prove.entries.reach import sink_lines
from buckler.prove.ladder.apart import Apart, rang, seen_apart, with_alarm
from buckler.prove.ladder.compare import FAIR, differences
from buckler.prove.ladder.model import Judge, opcodes
from buckler.prove.ladder.mutate import mutants
from buckler.prove.ladder.own_tests import own_tests
from buckler.prove.ladder.patched import DoesNotStart, asked_for, patched
from buckler.prove.ladder.size import core, minimal
from buckler.prove.ladder.words import known, reworded
from buckler.prove.model import Attack, Oracle

LEAST_VARIANTS = 3
MOST_MUTANTS = 12
COMPILING = 60
"""Seconds for one file, however busy the machine."""
NO_VALUE = "the entry point takes no value, so there is nothing to vary"
STILL = {
    ProofKind.EXPLOIT: "the attack still works",
    ProofKind.PROPERTY: "the code still does what it should not",
    ProofKind.CONFIGURATION: "it is still set as before",
}


def judge(work: Judge) -> tuple[Rung, ...]:
    """Climb; the order is from cheap to dear, and a patch that fails to start is not climbed any further.

    Of a change too large to read, all of which stops every attack, the part that does so is climbed.
    """
    whole = work.change
    work.change = core(work)
    minimal(work, whole)
    reviewed = clean(work)
    if not reviewed:
        work.unknown(("P2", "P3", "P4", "P5", "P6", "P7"), "not tried, because the files are not sound")
    else:
        try:
            with patched(work.bench, work.change.new) as after:
                climb(work, after)
        except DoesNotStart as reason:
            work.say("P2", Outcome.REFUTED, f"the changed project does not start: {reason}")
            work.unknown(("P3", "P4", "P5", "P6", "P7"), "not tried, because the changed project does not start")
    find_variants(work)
    return tuple(sorted(work.rungs, key=lambda rung: rung.name))


def clean(work: Judge) -> bool:
    """P1: the files compile, the finding is no longer reported, and there is no new one."""
    for path, data in work.change.new.items():
        if path.endswith(".py"):
            answer = work.bench.session.run(f"compile({data!r}, {path!r}, 'exec', dont_inherit=True)", COMPILING)
            if answer.failure:
                work.say("P1", Outcome.REFUTED, f"{path} does not compile: {answer.failure}")
                return False
    reviewed = work.again(work.change.new)
    if reviewed.new:
        work.say("P1", Outcome.REFUTED, "the review has new findings", reviewed.new)
    elif reviewed.still:
        work.say(
            "P1",
            Outcome.NOT_VERIFIED,
            "the review still reports the finding; the next checks show whether it is right",
            reviewed.still,
        )
    else:
        work.say(
            "P1", Outcome.PROVED, "the files compile, the finding is no longer reported, and there is no new finding"
        )
    return True


def climb(work: Judge, after: ProofContext) -> None:
    """P2 to P7, on the changed project."""
    trial = work.trial
    if (
        trial.proof is None
        or trial.approach is None
        or trial.oracle is None
        or trial.benign is None
        or trial.headline is None
    ):
        work.unknown(("P2", "P3", "P5", "P7"), "there is no test that fails before the patch")
        suite(work, after)
        return
    stops = effect(work, after)
    suite(work, after)
    if stops:
        variants(work, after)
        compared(work, after)
        mutation_check(work)
    else:
        work.unknown(("P5", "P6", "P7"), "not tried, because the test still fails")


def effect(work: Judge, after: ProofContext) -> bool:
    """P2 and P3: the same file fails before and passes after; benign input still gets to the guarded lines."""
    trial = work.trial
    assert trial.proof is not None
    assert trial.headline is not None
    marks = landmarks(work.bench.project, guarded(work), work.change.new)
    text, word = with_alarm(trial.proof.test.text, trial.headline) if work.foreign else (trial.proof.test.text, "")
    answers = [run_test(after, text, trial.headline, marks.every) for _ in range(TIMES)]
    attack, benign = test_name(trial.headline, 0), "test_benign_input_still_works"
    if any(exploited(a, attack) for a in answers):
        work.say("P2", Outcome.REFUTED, STILL[trial.proof.shown])
        work.unknown(("P3",), "not tried, because the test still fails")
        return False
    if not all(passed(a, attack) for a in answers):
        work.say("P2", Outcome.NOT_VERIFIED, f"the test could not be run: {trouble(answers[0])}")
    else:
        work.say("P2", *stopped(work, after, silenced=bool(word) and not all(rang(a, word) for a in answers)))
    error = trial.benign.error if trial.benign else ""
    same = f"ends in the same {error} as before" if error else f"gives the same result{left_out(trial.oracle)}"
    if not all(passed(a, benign) for a in answers):
        said = trouble(answers[0])
        unknown = said.startswith(("ModuleNotFoundError", "ImportError"))
        words = "the changed project cannot be loaded here" if unknown else "benign input does not give the same result"
        if error and not unknown and failing(after, work):
            unknown, words = True, f"no input was found that works: {error} before, and now another error"
        work.say("P3", Outcome.NOT_VERIFIED if unknown else Outcome.REFUTED, f"{words}: {said}")
    elif not ran_line(answers[0], benign, marks.line):
        work.say("P3", Outcome.NOT_VERIFIED, "benign input did not reach the changed lines")
    elif ran_line(answers[0], benign, marks.handlers):
        words = "benign input gives the same result, but only that of the code's own handling of errors"
        work.say("P3", Outcome.NOT_VERIFIED, words)
    elif error in OWN_DOING:
        work.say("P3", Outcome.NOT_VERIFIED, f"benign input {same}, which may be the test's own doing")
    else:
        work.say("P3", Outcome.PROVED, f"benign input {same} and passes through the changed lines")
    return True


def stopped(work: Judge, after: ProofContext, *, silenced: bool) -> tuple[Outcome, str]:
    """P2 of a test that passes: whether somebody else's patch may have seen to that from inside."""
    words = f"the test failed before and passes now, in {TIMES} of {TIMES} runs each"
    if silenced:
        return Outcome.REFUTED, "a test that must fail does not fail either: the patch changes what its test says"
    apart = seen_apart(work.bench, after, work.trial) if work.foreign else None
    if apart is Apart.WORKS:
        return (
            Outcome.REFUTED,
            f"{words}, but seen from another process the attack still works: the patch changes what its test says",
        )
    if apart is Apart.STOPPED:
        return Outcome.PROVED, f"{words}, and the same is seen from a process that the patch cannot reach"
    if apart is Apart.UNSEEN:
        return (
            Outcome.PROVED,
            f"{words}; that can only be seen from inside the program, so the patch is assumed not to tamper with its test",
        )
    return Outcome.PROVED, words


def failing(after: ProofContext, work: Judge) -> bool:
    """Whether what was sent as benign input, and ended in an error before, ends in one now."""
    trial = work.trial
    if trial.approach is None or trial.oracle is None or trial.benign is None:
        return False
    reply = sent(after, trial.approach, trial.oracle, trial.benign.value)
    return reply is not None and bool(reply["error"])


OWN_DOING = frozenset(
    {
        "TypeError",
        "AttributeError",
        "NameError",
        "KeyError",
        "IndexError",
        "AssertionError",
        "NotImplementedError",
        "DecodeError",
    }
)
"""Errors that code raises when it is called in a way it was not made for."""


def left_out(oracle: Oracle | None) -> str:
    """What of an answer was left out when it was compared."""
    return f" (apart from {oracle.fresh}, which are meant to change)" if oracle is not None and oracle.fresh else ""


def guarded(work: Judge) -> dict[str, list[int]]:
    """Line numbers in the changed files: those that were changed, and the sink where it is now."""
    out: dict[str, list[int]] = {}
    sinks = sink_lines(work.trial.placed or work.finding)
    for path, new in work.change.new.items():
        old = work.change.old.get(path, b"")
        for tag, a, b, c, d in opcodes(old, new):
            if tag != "equal":
                out.setdefault(path, []).extend(range(c + 1, d + 1))
            else:
                out.setdefault(path, []).extend(line - a + c for line in sinks.get(path, ()) if a < line <= b)
    out.update({path: numbers for path, numbers in sinks.items() if path not in work.change.new})
    return out


def suite(work: Judge, after: ProofContext) -> None:
    """P4: the project's own tests."""
    before, now = own_tests(work.bench), own_tests(after)
    if not before.outcomes:
        work.say("P4", Outcome.NOT_VERIFIED, before.reason or "the project has no tests that can be run here")
        return
    worse = [n for n, outcome in before.outcomes.items() if outcome == "passed" and now.outcomes.get(n) != "passed"]
    good = sum(outcome == "passed" for outcome in before.outcomes.values())
    if worse:
        work.say("P4", Outcome.REFUTED, f"{len(worse)} of its {good} passing tests no longer pass", worse[:10])
    elif not good:
        work.say("P4", Outcome.NOT_VERIFIED, "none of the project's tests passes here, before or after")
    else:
        names = asked_for(work.bench, work.change.new)
        given = f", with {', '.join(names)} set" if names else ""
        work.say("P4", Outcome.PROVED, f"{good} of the project's tests pass, as before{given}")


def takes_value(trial: ProofAttempt) -> bool:
    """Whether what is sent can differ at all; a page without parameters is always asked alike."""
    return trial.approach is None or re.search(r"\bvalue\b", trial.approach.send) is not None


def variants(work: Judge, after: ProofContext) -> None:
    """P5: everything else that is known to be sent, the fixer having seen none of it.

    What never worked says nothing about a patch, so at least one of the variants must have worked before it.
    """
    trial = work.trial
    assert trial.oracle is not None
    assert trial.situation is not None
    if not takes_value(trial):
        work.say("P5", Outcome.NOT_VERIFIED, NO_VALUE)
        return
    kin = disguised(trial) if trial.oracle.shown is ProofKind.EXPLOIT else []
    others = [attack for attack in trial.oracle.attacks(trial.situation) if attack != trial.fired[0]]
    before = {*trial.fired, *sent_all(work, work.bench, kin)[0]}
    through, stopped = sent_all(work, after, [*others, *(attack for attack in kin if attack in before)])
    worked = [attack for attack in stopped if attack in before]
    through += in_other_words(work, after, others)
    exploit = trial.oracle.shown is ProofKind.EXPLOIT
    if through:
        one = len(through) == 1
        what = f"get{'s' if one else ''} through" if exploit else f"{'is' if one else 'are'} not treated right"
        who = counted(len(through), "variant" if exploit else "other input")
        work.say("P5", Outcome.REFUTED, f"{who} {what}", [f"{a.label}: {a.value}" for a in through])
    elif len(stopped) < LEAST_VARIANTS:
        work.say("P5", Outcome.NOT_VERIFIED, f"only {counted(len(stopped), 'variant')} could be tried")
    elif spelled := known_words(work, others):
        reason = f"the patch looks for a word of what is sent ({spelled[0]}); other attacks need not hold it"
        work.say("P5", Outcome.NOT_VERIFIED, reason, spelled)
    elif not worked:
        work.say(
            "P5",
            Outcome.NOT_VERIFIED,
            f"none of {counted(len(stopped), 'variant')} worked before either, so they say nothing",
        )
    else:
        words = f"{len(stopped)} variants are stopped, {len(worked)} of which worked before"
        if not exploit:
            words = f"{len(stopped)} other inputs are treated as they should be; {len(worked)} of them were not before"
        work.say("P5", Outcome.PROVED, words, [f"{a.label}: {a.value}" for a in stopped])


def in_other_words(work: Judge, after: ProofContext, attacks: Sequence[Attack]) -> list[Attack]:
    """What gets through as soon as it is said with other commands, calls or hosts, and did so before the patch."""
    trial = work.trial
    every = [*trial.fired[:1], *attacks]
    through, _ = sent_all(work, after, every, reworded)
    before = set(sent_all(work, work.bench, through, reworded)[0])
    return [replace(attack, label=f"{attack.label}, in other words") for attack in through if attack in before]


def known_words(work: Judge, attacks: Sequence[Attack]) -> list[str]:
    """Words of the attacks in somebody else's patch, where the review itself does not see that it suffices."""
    trial = work.trial
    sound = any(rung.name == "P1" and rung.outcome is Outcome.PROVED for rung in work.rungs)
    if not work.foreign or sound or trial.benign is None:
        return []
    return known(work.change.old, work.change.new, [*trial.fired, *attacks], trial.benign.value)


def sent_all(
    work: Judge, bench: ProofContext, attacks: Sequence[Attack], said: Callable[[str], str] = str
) -> tuple[list[Attack], list[Attack]]:
    """Of these attacks, those that work on a bench and those that are stopped there; `said` rewrites the test file."""
    trial = work.trial
    assert trial.approach is not None
    assert trial.oracle is not None
    assert trial.benign is not None
    assert trial.headline is not None
    if not attacks:
        return [], []
    text = test_file(trial.headline, trial.approach, trial.oracle, trial.benign, attacks)
    answer = run_test(bench, said(text), trial.headline)
    names = [(attack, test_name(trial.headline, n)) for n, attack in enumerate(attacks)]
    return [a for a, name in names if exploited(answer, name)], [a for a, name in names if passed(answer, name)]


def disguised(trial: ProofAttempt) -> list[Attack]:
    """What was sent, with something harmless around it: a check that knows the attack by heart lets these through."""
    assert trial.benign is not None
    sent, word = trial.fired[0].value, trial.benign.value.value
    return [
        Attack(f"{word} + ({sent})", "the same behind benign input"),
        Attack(f"({sent}) + {word}", "the same before benign input"),
        Attack(f"({sent}) * 2", "the same twice"),
        Attack(f"({sent})[:0].ljust(1) + ({sent})", "the same behind a blank"),
        Attack(f"({sent}) + ({sent})[:0].ljust(1)", "the same before a blank"),
    ]


def compared(work: Judge, after: ProofContext) -> None:
    """P6: old against new on generated benign input."""
    trial = work.trial
    assert trial.approach is not None
    assert trial.oracle is not None
    if not takes_value(trial):
        work.say("P6", Outcome.NOT_VERIFIED, NO_VALUE)
        return
    assert trial.benign is not None
    before = landmarks(work.bench.project, sink_lines(trial.placed or work.finding))
    marks = landmarks(work.bench.project, guarded(work), work.change.new)
    outcome = differences(work.bench, after, trial.approach, trial.oracle, trial.benign, before, marks)
    if outcome.tried == 0:
        work.say("P6", Outcome.NOT_VERIFIED, "benign input could not be generated for this entry point")
    elif not outcome.answered and not outcome.worse:
        work.say(
            "P6",
            Outcome.NOT_VERIFIED,
            "every generated input ends in an error here, before and after; nothing could be compared",
        )
    elif outcome.worse:
        work.say(
            "P6",
            Outcome.REFUTED,
            f"{len(outcome.worse)} of {outcome.tried} benign inputs give another result",
            outcome.worse[:6],
        )
    else:
        better = f"; {len(outcome.better)} that used to fail now work" if outcome.better else ""
        fair = outcome.through * FAIR >= outcome.tried
        through = f"{outcome.through if outcome.through < outcome.tried else 'all'} of them through the guarded line"
        words = f"{outcome.tried} generated inputs give the same results{left_out(trial.oracle)}, {through}{better}"
        more = "" if fair else ", so they say little about input that works"
        work.say("P6", Outcome.PROVED if fair else Outcome.NOT_VERIFIED, words + more, outcome.better[:6])


def mutation_check(work: Judge) -> None:
    """P7: each changed line put back as it was must bring the flaw back, or the test shows nothing."""
    survived: list[str] = []
    killed = 0
    for mutant in list(mutants(work.change.old, work.change.new))[:MOST_MUTANTS]:
        if notices(work, mutant.files):
            killed += 1
        else:
            survived.append(mutant.label)
    if survived and work.foreign and killed:
        words = f"the test fails when {killed} of {killed + len(survived)} changes are reverted; the others may serve another purpose, or repeat a check"
        work.say("P7", Outcome.PROVED, words, survived)
    elif survived:
        work.say(
            "P7",
            Outcome.REFUTED,
            f"{len(survived)} changed line{'s' if len(survived) != 1 else ''} can be reverted and the test still passes",
            survived,
        )
    elif not killed:
        work.say("P7", Outcome.NOT_VERIFIED, "no changed line could be reverted on its own")
    else:
        work.say(
            "P7",
            Outcome.PROVED,
            f"the test fails when {'the change' if killed == 1 else f'any of {killed} changes'}is reverted",
        )


def notices(work: Judge, files: Mapping[str, bytes]) -> bool:
    trial = work.trial
    assert trial.proof is not None
    assert trial.headline is not None
    try:
        with patched(work.bench, files) as mutant:
            answer = run_test(mutant, trial.proof.test.text, trial.headline)
    except DoesNotStart:
        return True
    names = (test_name(trial.headline, 0), "test_benign_input_still_works")
    return not all(passed(answer, name) for name in names)


def find_variants(work: Judge) -> None:
    """P8: the same rule elsewhere."""
    found = len(work.elsewhere)
    places = ", ".join(place.partition(" at ")[2] for place in work.elsewhere[:3]) + (" …" if found > 3 else "")
    words = f"{found} more finding{'s' if found != 1 else ''} of this rule: {places}"
    work.say("P8", Outcome.PROVED, words if found else "no other finding of this rule", list(work.elsewhere)[:12])
