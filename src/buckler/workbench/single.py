"""One finding at a time: explain it, prove it, fix it, judge somebody's patch for it, check somebody's report about it.

A finding is named by the beginning of its fingerprint, by `file:line`, or by its rule where that is enough.

Example::

    chosen = choose(Path("shop"), options, "ec96bfd2")
    defence = work(chosen, wanted)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.files import read_regular
from buckler.base.progress import Progress, Silent
from buckler.base.version import VERSION
from buckler.finding.evidence import Assessment, Edit, Outcome, Patch, Remediation, VerifiedPatch
from buckler.finding.model import HIDDEN, Finding, Rule
from buckler.prove.attack import prove, static_rungs
from buckler.prove.bench import refresh
from buckler.prove.environment.build import EnvironmentOptions
from buckler.prove.environment.imports import added
from buckler.prove.ladder.model import Change
from buckler.review.rulebook import book_of
from buckler.store.cache import open_cache
from buckler.store.defences import read_defence
from buckler.workbench.claims import Tree, Verdict, contradicted, invented, judged, located, matching, read_claims
from buckler.workbench.defend import (
    LAYER,
    DefendOptions,
    advisories_of,
    defend,
    every_finding,
    files_behind,
    judged_change,
    latest_key,
    opened,
    place_of,
    shown_by,
    work_on,
)  # fmt: skip
from buckler.workbench.diffs import LARGEST_DIFF, patched_files
from buckler.workbench.inputs import collect
from buckler.workbench.review import Options, limits_of, review_paths


@dataclass(slots=True)
class Chosen:
    """A finding in its review."""

    finding: Finding
    outcome: Assessment
    options: Options

    @property
    def root(self) -> Path:
        return self.outcome.root

    @property
    def rule(self) -> Rule | None:
        return next((r for r in self.outcome.rules if r.id == self.finding.rule), None)

    def assessed(self, remediation: Remediation) -> Assessment:
        """This finding alone, with what is known about it."""
        review = replace(self.outcome.review, findings=[self.finding])
        return replace(self.outcome, review=review, chosen=[self.finding], remediations=[remediation])


def choose(path: Path, options: Options, word: str, progress: Progress | None = None) -> Chosen:
    """The finding a word names; raises `InputError` when it names none, or several."""
    outcome = review_paths([path], options, progress or Silent())
    word = book_of(outcome.rules).current(word)
    found = _meant(word, outcome.review.findings)
    if not found and _meant(word, [item.finding for item in outcome.review.hidden]):
        how = next(notice.text for notice in outcome.review.notices if notice.kind == HIDDEN)
        raise InputError(f"'{word}' is not shown: {how}", where=str(path))
    if not found:
        raise InputError(f"no finding '{word}'", where=str(path), remedy="'buckler review' lists them with their ids")
    if len(found) > 1:
        names = ", ".join(f"{f.fingerprint[:8]} ({place_of(f)})" for f in found[:4])
        raise InputError(f"'{word}' names {len(found)} findings: {names}", where=str(path), remedy="give one id")
    return Chosen(found[0], outcome, options)


def _meant(word: str, findings: Sequence[Finding]) -> list[Finding]:
    """By fingerprint, else by place, else by advisory, else by rule."""
    return (
        [f for f in findings if f.fingerprint.startswith(word)]
        or [f for f in findings if place_of(f).endswith((f" {word}", f"/{word}"))]
        or [f for f in findings if word in advisories_of(f)]
        or [f for f in findings if f.rule == word]
    )


def known(chosen: Chosen) -> Remediation:
    """What earlier runs found out, without running anything; the bare finding if nothing is known."""
    cache = open_cache(chosen.options.cache, stamp=VERSION)
    try:
        files = collect([chosen.root], limits_of(chosen.options)).files
        key = latest_key(files_behind(files, chosen.root, chosen.finding), chosen.finding)
        row = cache.get_many(LAYER, [key]).get(key)
    finally:
        cache.close()
    found = read_defence(row, chosen.finding) if row else None
    return found or Remediation(chosen.finding, static_rungs(chosen.finding))


def work(chosen: Chosen, wanted: DefendOptions, progress: Progress | None = None) -> Remediation:
    """Prove a finding and, if wanted, fix it; raises `NoSandbox`."""
    cache = open_cache(chosen.options.cache, stamp=VERSION)
    try:
        with opened(chosen.root, chosen.options, wanted, [chosen.finding], cache, progress) as project:
            project.findings = every_finding(project)
            return work_on(project, chosen.finding, wanted)
    finally:
        cache.close()


def judge_diff(chosen: Chosen, diff: Path, wanted: DefendOptions, progress: Progress | None = None) -> Remediation:
    """Put a patch that somebody else wrote to the ladder; raises `InputError` when it does not apply."""
    change = patched_files(chosen.root, diff)
    wanted = replace(wanted, wishes=wishes_for(wanted.wishes, chosen.root, change))
    cache = open_cache(chosen.options.cache, stamp=VERSION)
    try:
        with opened(chosen.root, chosen.options, wanted, [chosen.finding], cache, progress) as project:
            project.findings = every_finding(project)
            trial = prove(project.bench, chosen.finding)
            refresh(project.bench)
            rungs = judged_change(project, chosen.finding, trial, change, foreign=True)
            patch = Patch(
                f"The patch in {diff.name}",
                "Written by somebody else.",
                edits_of(change),
                read_regular(diff, LARGEST_DIFF).decode("utf-8", "replace"),
            )
            return Remediation(
                chosen.finding, trial.rungs, trial.proof, (VerifiedPatch(patch, rungs, shown_by(trial)),)
            )
    finally:
        cache.close()


def wishes_for(wishes: EnvironmentOptions, root: Path, change: Change) -> EnvironmentOptions:
    """The environment in which a change can run: with the packages that only it imports."""
    return replace(wishes, apart=True, besides=(*wishes.besides, *added(root, change.old, change.new)))


def edits_of(change: Change) -> tuple[Edit, ...]:
    """Whole files, before and after, as edits."""
    return tuple(
        Edit(path, 0, len(change.old.get(path, b"")), data.decode("utf-8", "replace"))
        for path, data in change.new.items()
    )


def check_report(
    report: Path, project: Path, options: Options, wanted: DefendOptions, progress: Progress | None = None, *,
    whole: bool = True,
) -> list[Verdict]:  # fmt: skip
    """Every claim of a report with its verdict; each finding is proved once.

    Where not the whole of an archive was unpacked, a file that is not there refutes nothing.
    """
    claims = read_claims(report)
    outcome = review_paths([project], options, progress or Silent())
    tree = Tree(outcome.root)
    out: list[Verdict | None] = []
    wanted_ids: dict[str, Finding] = {}
    pending: list[tuple[int, Finding, str]] = []
    for claim in claims:
        path, missing = located(claim, tree)
        why = missing or contradicted(claim, path, tree)
        if why:
            sure = not missing or (whole and missing.startswith("there is no file"))
            out.append(Verdict(claim, Outcome.REFUTED if sure else Outcome.NOT_VERIFIED, why))
            continue
        found = matching(claim, path, outcome.review.findings, outcome.rules)
        if not found:
            out.append(unless_invented(judged(claim, path, None), path, tree))
            continue
        wanted_ids[found[0].fingerprint] = found[0]
        pending.append((len(out), found[0], path))
        out.append(None)
    defences = _defences(project, options, wanted, list(wanted_ids), progress)
    for number, finding, path in pending:
        verdict = judged(
            claims[number], path, defences.get(finding.fingerprint, Remediation(finding, static_rungs(finding)))
        )
        out[number] = unless_invented(verdict, path, tree)
    return settled([verdict for verdict in out if verdict is not None])


def unless_invented(verdict: Verdict, path: str, tree: Tree) -> Verdict:
    """What was not proved is refuted if the code it quotes is not there."""
    why = invented(verdict.claim, path, tree) if verdict.outcome is not Outcome.PROVED else ""
    return replace(verdict, outcome=Outcome.REFUTED, reason=why) if why else verdict


def settled(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Where one place of a section is proved, its other places are the way there and no claims of their own."""
    proved = {v.claim.section for v in verdicts if v.outcome is Outcome.PROVED}
    return [v for v in verdicts if v.outcome is Outcome.PROVED or v.claim.section not in proved]


def _defences(
    project: Path, options: Options, wanted: DefendOptions, ids: Sequence[str], progress: Progress | None
) -> dict[str, Remediation]:
    if not ids:
        return {}
    done = defend(project, options, replace(wanted, only=tuple(ids), fix=False), progress)
    return {d.finding.fingerprint: d for d in done.remediations}
