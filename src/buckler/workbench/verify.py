"""A bundle held against the project: found again by a review, reproduced again by our own prover, fixed again by the ladder.

Nothing of the verdict comes from the bundle. Its test is code of somebody else: it is run too, after everything else and in a
sandbox of its own, and may only take a verdict away.

Example::

    verified = verify(Path("evidence/ec96bfd2"), Path("shop"), options, DefendOptions(wishes))
    verified.outcome
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from buckler.base.config import Config
from buckler.base.errors import InputError
from buckler.base.files import inside, read_regular
from buckler.base.progress import Progress
from buckler.base.version import VERSION
from buckler.finding.evidence import Outcome, Patch, Rung, Sandboxed, TestFile, VerifiedPatch
from buckler.finding.model import Finding
from buckler.fix.patch import apply, difference
from buckler.fix.site import Declined
from buckler.prove.attack import TIMES, ProofAttempt, prove
from buckler.prove.bench import ARGUMENTS, ProofContext, refresh, said
from buckler.prove.ladder.model import Change
from buckler.prove.ladder.patched import DoesNotStart, patched
from buckler.prove.session import Session
from buckler.store.cache import open_cache
from buckler.workbench.bundle import EVIDENCE, sha256
from buckler.workbench.defend import (
    DefendOptions,
    Project,
    every_finding,
    judged_change,
    opened,
    sandboxed,
    shown_by,
    upgraded,
)
from buckler.workbench.evidence import MOST_FILE, Claim, altered, differences, read_claim
from buckler.workbench.review import Options, review_paths

NOT_FOUND = "the review does not find this: no {rule} with this fingerprint at {path}:{line}"


@dataclass(slots=True)
class Verified:
    """What came of looking at a bundle again."""

    rungs: tuple[Rung, ...]
    outcome: Outcome
    finding: Finding | None = None
    """What our own review sees there; nothing is shown in the words of a bundle."""
    sandbox: Sandboxed | None = None
    """Where its code ran, if any did."""


def bundles_in(folder: Path) -> list[Path]:
    """The bundle itself, or every bundle in a folder of them."""
    inner = sorted(path.parent for path in folder.glob(f"*/{EVIDENCE}")) if folder.is_dir() else []
    return inner if inner and not (folder / EVIDENCE).is_file() else [folder]


def verify(
    bundle: Path, project: Path, options: Options, wanted: DefendOptions, progress: Progress | None = None
) -> Verified:
    """Look at a bundle again; raises `UserError` for one that cannot be read, and `NoSandbox`."""
    claim = read_claim(bundle, project)
    if differing := differences(claim, project):
        more = f", nor are {len(differing) - 1} others" if len(differing) > 1 else ""
        return _ended("F1", Outcome.NOT_VERIFIED, f"{differing[0]} is not the file that was reviewed{more}")
    if odd := altered(claim):
        return _ended("F1", Outcome.REFUTED, f"{odd} is not what the evidence says; the bundle was changed")
    if claim.test is None:
        return _ended("F4", Outcome.NOT_VERIFIED, "the bundle holds no test")
    change = change_of(claim, project) if claim.fixed else None
    if change is None and claim.fixed:
        return _ended("P0", Outcome.REFUTED, "fix.patch is not the change that was tested")
    finding = located(claim, project, options, progress)
    if finding is None:
        words = NOT_FOUND.format(rule=ascii(claim.rule), path=claim.path, line=claim.line)
        return _ended("F1", Outcome.NOT_VERIFIED, words)
    wanted = replace(wanted, wishes=replace(wanted.wishes, apart=True))
    cache = open_cache(options.cache, stamp=VERSION)
    try:
        with opened(project, options, wanted, [finding], cache, progress) as work:
            if finding.facts.dependency is not None:
                verified = upgrade_again(work, finding, wanted, claim)
            else:
                verified = again(work, finding, claim.test, change, claim)
            place = sandboxed(work.bench.session, work.environment)
            return replace(verified, finding=finding, sandbox=place)
    finally:
        cache.close()


def _ended(name: str, outcome: Outcome, reason: str) -> Verified:
    return Verified((Rung(name, outcome, reason),), outcome)


def located(claim: Claim, project: Path, options: Options, progress: Progress | None) -> Finding | None:
    """The claimed finding as a review of the project makes it now, whatever the project's settings hide."""
    review = review_paths([project], replace(options, tree=Config(), untrusted=True), progress).review
    wanted = (claim.rule, claim.path, claim.line, claim.fingerprint)
    return next(
        (f for f in review.findings if (f.rule, f.location.path, f.location.line, f.fingerprint) == wanted), None
    )


def change_of(claim: Claim, project: Path) -> Change | None:
    """The claimed change as whole files, None if digests or the printed patch speak of another one."""
    old: dict[str, bytes] = {}
    for path in dict.fromkeys(edit.path for edit in claim.edits):
        old[path] = read_regular(inside(project, path), MOST_FILE)
    if any(not edit.start <= edit.end <= len(old[edit.path]) for edit in claim.edits):
        raise InputError("has a change outside its file", where=str(claim.folder / EVIDENCE))
    try:
        new = {path: apply(claim.edits, path, data) for path, data in old.items()}
    except Declined as declined:
        raise InputError(f"has a change that cannot be made: {declined}", where=str(claim.folder / EVIDENCE)) from None
    printed = "".join(difference(path, old[path], new[path]) for path in old)
    same = {path: sha256(data) for path, data in new.items()} == claim.patched
    return Change(old, new) if same and printed == claim.diff else None


def again(work: Project, finding: Finding, test: TestFile, change: Change | None, claim: Claim) -> Verified:
    """Our own proof, our own ladder for the change, and last the bundle's test."""
    work.findings = every_finding(work)
    trial = prove(work.bench, finding)
    rungs = [*trial.rungs]
    judged = _judged(work, finding, trial, change, claim) if change is not None and trial.proof is not None else None
    rungs += judged.rungs if judged is not None else ()
    theirs: tuple[Rung, ...] = ()
    if trial.proof is not None:
        refresh(work.bench)
        theirs = their_test(work.bench, test, trial, change.new if change is not None else {})
    rungs += theirs
    good = trial.proof is not None and (change is None or (judged is not None and judged.holds))
    refuted = any(rung.outcome is Outcome.REFUTED for rung in (*theirs, *(judged.rungs if judged is not None else ())))
    shown = good and all(rung.outcome is Outcome.PROVED for rung in theirs)
    return Verified(tuple(rungs), Outcome.REFUTED if refuted else Outcome.PROVED if shown else Outcome.NOT_VERIFIED)


def upgrade_again(work: Project, finding: Finding, wanted: DefendOptions, claim: Claim) -> Verified:
    """A flaw of a dependency: our own proof and our own upgrade, which has to be the claimed one."""
    done = upgraded(work, finding, wanted)
    judged = done.patches[0] if done.patches else None
    same = judged is not None and judged.patch.diff == claim.diff
    rungs = [*done.rungs, *(judged.rungs if judged is not None and claim.fixed else ())]
    if claim.fixed and not same:
        words = "the upgrade is not the one that is made now" if judged is not None else done.refused
        rungs.append(Rung("P0", Outcome.NOT_VERIFIED, words))
    shown = done.proof is not None and (not claim.fixed or (same and judged is not None and judged.holds))
    refuted = any(rung.outcome is Outcome.REFUTED for rung in rungs)
    return Verified(tuple(rungs), Outcome.PROVED if shown else Outcome.REFUTED if refuted else Outcome.NOT_VERIFIED)


def _judged(work: Project, finding: Finding, trial: ProofAttempt, change: Change, claim: Claim) -> VerifiedPatch:
    refresh(work.bench)
    patch = Patch("The patch of the bundle", "Written by somebody else.", claim.edits, claim.diff)
    return VerifiedPatch(patch, judged_change(work, finding, trial, change, foreign=True), shown_by(trial))


def their_test(bench: ProofContext, test: TestFile, trial: ProofAttempt, new: Mapping[str, bytes]) -> tuple[Rung, ...]:
    """The bundle's test: before the change it fails by its assertion, after it passes. Ours need not be run again."""
    if trial.proof is not None and trial.proof.test == test:
        return ()
    with Session.open(bench.session.cell) as session:
        session.warm(bench.warmth)
        own = replace(bench, session=session)
        fired = sum(_shows(own, test) for _ in range(TIMES))
        outcome = Outcome.PROVED if fired == TIMES else Outcome.NOT_VERIFIED if fired else Outcome.REFUTED
        words = f"the bundle's own test, which is third-party code, failed by its assertion in {fired} of {TIMES} runs"
        before = Rung("F4", outcome, words)
        if not new or not fired:
            return (before,)
        try:
            with patched(own, new) as changed:
                answer = changed.session.test({test.path: test.text}, [test.path, *ARGUMENTS])
        except DoesNotStart as reason:
            return before, Rung("P2", Outcome.REFUTED, f"the changed project does not start: {reason}")
    good = bool(answer.tests) and all(r["outcome"] == "passed" for r in answer.tests.values())
    words = "passes with the patch" if good else "does not pass with the patch"
    return before, Rung("P2", Outcome.PROVED if good else Outcome.REFUTED, f"the bundle's own test {words}")


def _shows(bench: ProofContext, test: TestFile) -> bool:
    answer = bench.session.test({test.path: test.text}, [test.path, *ARGUMENTS])
    return any(r["outcome"] == "failed" and said(str(r["text"])) for r in answer.tests.values())
