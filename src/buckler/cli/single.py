"""`buckler explain`, `prove`, `fix`, `verify` and `check-report`: one step of the work alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from buckler.base.errors import InputError
from buckler.base.writing import write_all
from buckler.cli.defend import PROJECT, addressed, project_options
from buckler.cli.exits import (
    ABOUT_CHECKING,
    ABOUT_EXPLAINING,
    ABOUT_FIXING,
    ABOUT_PROVING,
    ABOUT_VERIFYING,
    Exit,
)
from buckler.cli.options import AUDIENCE_OPTION, FILE, FOLDER, FORMAT_OPTION, PROJECT_OPTIONS, Verb, with_options
from buckler.cli.outputs import Output, prefix_of, write_file, write_reports, write_stdout
from buckler.cli.progress import shown_progress
from buckler.cli.screen import console
from buckler.explain.model import Audience
from buckler.explain.sandbox import ran_in
from buckler.explain.words import explain
from buckler.finding.evidence import Outcome, Remediation
from buckler.finding.model import Finding, Grade, Notice
from buckler.report.checks import MARKS, check_name
from buckler.report.formats.terminal import OUTCOME_STYLES, print_notices
from buckler.report.plain import json_text, visible
from buckler.report.view import View
from buckler.triage.claims.model import Claim
from buckler.workbench.applying import apply_fix, ready
from buckler.workbench.claims import Verdict
from buckler.workbench.review import Options, limits_of
from buckler.workbench.single import Chosen, check_report, choose, judge_diff, known, work
from buckler.workbench.unpack import as_folder
from buckler.workbench.verify import Verified, bundles_in, verify

VERIFIED = {Outcome.PROVED: Exit.CLEAN, Outcome.REFUTED: Exit.FINDINGS, Outcome.NOT_VERIFIED: Exit.PARTIAL}


@contextmanager
def project_folder(path: Path, options: Options, unread: list[Notice] | None = None) -> Iterator[Path]:
    """The project as a folder; what of an archive is not there is said first, and added to `unread`."""
    notices: list[Notice] = [] if unread is None else unread
    with as_folder(path, limits_of(options), notices) as folder:
        for notice in notices:
            click.echo(f"buckler: {visible(notice.path)}: {visible(notice.text)}", err=True)
        yield folder


@click.command("explain", cls=Verb, epilog=ABOUT_EXPLAINING)
@click.argument("finding", metavar="ID")
@click.argument("path", type=PROJECT, default=".")
@AUDIENCE_OPTION
@FORMAT_OPTION
@with_options(PROJECT_OPTIONS)
def explain_command(finding: str, path: Path, audience: str, form: str, **given: Any) -> Exit:
    """Say in plain words what a finding means. Nothing of the project is run."""
    options, _ = project_options(path, given)
    with project_folder(path, options) as folder, shown_progress(quiet=given["quiet"]) as progress:
        chosen = choose(folder, options, finding, progress)
        remediation = known(chosen)
    view = view_of(chosen, path, Audience(audience))
    if form != "terminal":
        write_reports([Output(form)], chosen.assessed(remediation), view, quiet=False)
        return Exit.CLEAN
    print_explanation(chosen, remediation, view)
    print_notices(console(), chosen.outcome.review.notices)
    return Exit.CLEAN


def view_of(chosen: Chosen, path: Path, audience: Audience = Audience.DEVELOPER) -> View:
    """One finding is shown with all there is about it."""
    return View(prefix_of(chosen.root), audience, addressed(path), full=True)


def print_explanation(chosen: Chosen, remediation: Remediation, view: View) -> None:
    explanation = explain(remediation, chosen.rule, view.audience, view.command)
    screen = console()
    screen.print(f"{chosen.finding.title} ({remediation.grade})", style="bold")
    screen.print(f"{chosen.finding.location.path}:{chosen.finding.location.line}\n")
    rows = (("What can happen", [explanation.happens]), ("How an attacker gets there", [f"{n}. {t}" for n, t in enumerate(explanation.way, 1)]),
            ("Why this line", [explanation.why]), ("What the fix changes", [explanation.change]),
            ("What was checked", [*explanation.checked] or ["Nothing yet."]), ("What was not", [*explanation.unchecked] or ["Everything that applies was."]))  # fmt: skip
    for head, lines in rows:
        screen.print(head, style="bold")
        for line in lines:
            screen.print(f"  {line}")
        screen.print()
    screen.print("Severity", style="bold")
    if explanation.weighed:
        screen.print(f"  {explanation.weighed}")
    for vector in explanation.vectors:
        screen.print(f"  CVSS {vector.version}: {vector.score} {vector.severity}  {vector.text}")
        if view.audience is Audience.DEVELOPER and vector.version == "3.1":
            for metric in vector.metrics:
                screen.print(f"    {metric.name}:{metric.value}  {metric.reason}")


@click.command("prove", cls=Verb, epilog=ABOUT_PROVING)
@click.argument("finding", metavar="ID")
@click.argument("path", type=PROJECT, default=".")
@click.option("--patch", type=FILE, help="Judge this patch, written by somebody else.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the test here.")
@FORMAT_OPTION
@with_options(PROJECT_OPTIONS)
def prove_command(finding: str, path: Path, patch: Path | None, output: Path | None, form: str, **given: Any) -> Exit:
    """Try to reproduce a finding in the sandbox, or judge a patch for it."""
    options, wanted = project_options(path, given, fix=False)
    if output is not None and not output.parent.is_dir():
        raise InputError("there is no such folder", where=str(output.parent), remedy="make it first")
    with project_folder(path, options) as folder, shown_progress(quiet=given["quiet"]) as progress:
        chosen = choose(folder, options, finding, progress)
        defence = judge_diff(chosen, patch, wanted, progress) if patch else work(chosen, wanted, progress)
    write_reports([Output(form)], chosen.assessed(defence), view_of(chosen, path), quiet=given["quiet"])
    if output is not None:
        _write(
            output,
            defence.proof.test.text if defence.proof else "",
            "there is no test to write, because nothing was reproduced",
        )
    if patch:
        return Exit.CLEAN if defence.fix else Exit.FINDINGS
    return Exit.FINDINGS if defence.grade in (Grade.REPRODUCED, Grade.FIXED) else Exit.PARTIAL


@click.command("fix", cls=Verb, epilog=ABOUT_FIXING)
@click.argument("finding", metavar="ID")
@click.argument("path", type=PROJECT, default=".")
@click.option("--apply", "in_place", is_flag=True, help="Write the fix and its test into the working tree.")
@click.option(
    "--branch", metavar="NAME", default="", help="Commit the fix and its test on a new branch, and switch to it."
)
@click.option(
    "--patch-dir", type=click.Path(file_okay=False, path_type=Path), help="Write every candidate there as a patch file."
)
@click.option("--force", is_flag=True, help="Apply the best candidate even if it is not verified.")
@FORMAT_OPTION
@with_options(PROJECT_OPTIONS)
def fix_command(
    finding: str, path: Path, in_place: bool, branch: str, patch_dir: Path | None, force: bool, form: str, **given: Any
) -> Exit:
    """Write a fix for a finding, verify it, and show the difference."""
    options, wanted = project_options(path, given)
    if (in_place or branch) and not path.is_dir():
        raise InputError("is no folder, so nothing can be written there", where=str(path), remedy="use --patch-dir")
    with project_folder(path, options) as folder, shown_progress(quiet=given["quiet"]) as progress:
        chosen = choose(folder, options, finding, progress)
        if in_place or branch:
            ready(chosen.root, branch)
        defence = work(chosen, wanted, progress)
    write_reports([Output(form)], chosen.assessed(defence), view_of(chosen, path), quiet=given["quiet"])
    if patch_dir is not None:
        write_patches(defence, patch_dir, aside=form != "terminal")
    best = defence.fix or (defence.patches[0] if force and defence.patches else None)
    if in_place or branch:
        if best is None:
            click.echo(visible(f"buckler: {finding}: {not_applied(defence)}"), err=True)
            return Exit.FINDINGS
        changed = apply_fix(chosen.root, best.patch, branch, defence.proof.test if defence.proof else None)
        where = f" and committed on the new branch {branch}, which is checked out now" if branch else ""
        click.echo(visible(f"changed {', '.join(changed)}{where}"), err=form != "terminal")
    return Exit.CLEAN if defence.fix else Exit.FINDINGS


def not_applied(defence: Remediation) -> str:
    """Why nothing is applied."""
    if defence.patches:
        return "no verified fix; look at the candidates; --force applies the best of them"
    return f"there is no patch for it: {defence.refused or 'none was tried'}"


def write_patches(defence: Remediation, folder: Path, *, aside: bool) -> None:
    """Every candidate as a file that `git apply` takes; what is said goes aside where a program reads the report."""
    names = [f"{defence.finding.fingerprint[:8]}-{number}.patch" for number, _ in enumerate(defence.patches, 1)]
    write_texts(folder, {name: judged.patch.diff for name, judged in zip(names, defence.patches, strict=True)})
    for name, judged in zip(names, defence.patches, strict=True):
        doubt = "" if judged.holds else " (not verified)"
        click.echo(visible(f"wrote {folder / name}: {judged.patch.title}{doubt}"), err=aside)


@click.command("verify", cls=Verb, epilog=ABOUT_VERIFYING)
@click.argument("bundle", type=click.Path(exists=True, path_type=Path))
@click.argument("path", type=FOLDER, default=".")
@with_options(PROJECT_OPTIONS)
def verify_command(bundle: Path, path: Path, **given: Any) -> Exit:
    """Run the evidence of a bundle, or of a folder of bundles, again on a copy of the project it was made from."""
    options, wanted = project_options(path, {**given, "untrusted": True})  # a tree has no say in its own verdict
    screen = console()
    seen: list[Verified] = []
    for folder in bundles_in(bundle):
        with shown_progress(quiet=given["quiet"]) as progress:
            outcome = verify(folder, path, options, wanted, progress)
        screen.print(f"{headed(outcome.finding)}{folder.name}", style="dim")
        for rung in outcome.rungs if not given["quiet"] else ():
            screen.print(f"{MARKS[rung.outcome]} {check_name(rung)}: {rung.reason}", style=OUTCOME_STYLES[rung.outcome])
        screen.print(f"{outcome.outcome}", style="bold")
        seen.append(outcome)
    if len(seen) > 1:
        screen.print(tally([outcome.outcome for outcome in seen], "bundle"), style="bold")
    if not given["quiet"] and (where := ran_in([outcome.sandbox for outcome in seen])):
        screen.print(where, style="dim", soft_wrap=True)
    codes = [VERIFIED[outcome.outcome] for outcome in seen]
    return next((code for code in (Exit.FINDINGS, Exit.PARTIAL) if code in codes), Exit.CLEAN)


def headed(finding: Finding | None) -> str:
    """What a bundle is about, before its name; empty where the review does not find it."""
    if finding is None:
        return ""
    place = f"{finding.location.path}:{finding.location.line}"
    return f"{finding.title}  {finding.severity.name.lower()}  {place}  {finding.rule}  "


@click.command("check-report", cls=Verb, epilog=ABOUT_CHECKING)
@click.argument("report", type=FILE)
@click.argument("path", type=PROJECT, default=".")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@click.option(
    "--tests", type=click.Path(file_okay=False, path_type=Path), help="Write the test of each proved claim there."
)
@with_options(PROJECT_OPTIONS)
def check_report_command(report: Path, path: Path, form: str, tests: Path | None, **given: Any) -> Exit:
    """Hold a report by a person or another tool (Markdown, text or SARIF) against the code."""
    options, wanted = project_options(path, {**given, "untrusted": True}, fix=False)  # claims are about the code alone
    unread: list[Notice] = []
    with project_folder(path, options, unread) as folder, shown_progress(quiet=given["quiet"]) as progress:
        verdicts = check_report(report, folder, options, wanted, progress, whole=not any(n.partial for n in unread))
    if form == "json":
        rows = [{"claim": v.claim.text, "path": v.claim.path, "line": v.claim.line, "outcome": v.outcome.value, "reason": v.reason,
                 "finding": v.finding.fingerprint if v.finding else None} for v in verdicts]  # fmt: skip
        write_stdout(json_text(rows))
    else:
        screen = console()
        for verdict in verdicts:
            screen.print(
                f"{MARKS[verdict.outcome]} {verdict.outcome.upper()}  {place_of(verdict.claim)}  {verdict.claim.text[:90]}",
                style=OUTCOME_STYLES[verdict.outcome],
            )
            screen.print(f"  {verdict.reason}")
        screen.print(tally([verdict.outcome for verdict in verdicts]), style="bold")
        if tests is None and any(v.outcome is Outcome.PROVED for v in verdicts):
            screen.print("--tests FOLDER writes the tests that prove it.")
    if tests is not None:
        write_tests(verdicts, tests)
    if any(v.outcome is Outcome.PROVED for v in verdicts):
        return Exit.FINDINGS
    return Exit.PARTIAL if any(v.outcome is Outcome.NOT_VERIFIED for v in verdicts) else Exit.CLEAN


def place_of(claim: Claim) -> str:
    """Where a claim says that a flaw is."""
    return f"{claim.path}:{claim.line or '?'}" if claim.path else "(no place)"


def write_tests(verdicts: Sequence[Verdict], folder: Path) -> None:
    """The test of each claim that was proved, under the name it would have in the project."""
    proofs = [v.defence.proof for v in verdicts if v.defence is not None and v.defence.proof is not None]
    texts = {Path(proof.test.path).name: proof.test.text for proof in proofs}
    write_texts(folder, texts)
    for name in texts:
        click.echo(visible(f"wrote {folder / name}"), err=True)


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Files in a folder that the user named; their names are not the user's, so no link is followed there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", where=str(folder)) from error
    write_all(folder, {name: text.encode("utf-8", "surrogateescape") for name, text in texts.items()})


def tally(outcomes: Sequence[Outcome], what: str = "claim") -> str:
    """How many claims, or bundles, came out how, in one line."""
    counts = Counter(outcomes)
    words = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    return f"{len(outcomes)} {what}{'s' if len(outcomes) != 1 else ''}: {words or 'none was found in the report'}."


def _write(file: Path, text: str, otherwise: str) -> None:
    if not text:
        raise InputError(otherwise)
    write_file(file, text)
    click.echo(visible(f"wrote {file}"), err=True)
