"""Exit codes, which scripts and CI depend on; explained in docs/exit-codes.md.

Example::

    exit_code(review, Severity.MEDIUM)   # Exit.FINDINGS
"""

from __future__ import annotations

from enum import IntEnum

from buckler.finding.model import Review, Severity


class Exit(IntEnum):
    """One meaning each."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    PARTIAL = 3
    FINDINGS_AND_PARTIAL = 4
    INTERNAL = 70
    INTERRUPTED = 130


def about(**meanings: str) -> str:
    """The list of exit codes at the end of a command's help; what every command shares is added."""
    rows = {
        "2": "wrong option, configuration or input",
        "70": "an error of Buckler's own; the message names the log file",
        "130": "interrupted; what was finished is kept",
        **{name.removeprefix("code"): words for name, words in meanings.items()},
    }
    lines = [f"  {code:<4} {words}" for code, words in sorted(rows.items(), key=lambda row: int(row[0]))]
    return "\n".join(["\b", "exit codes:", *lines])


ABOUT = about(
    code0="nothing at or above --fail-on",
    code1="findings at or above --fail-on",
    code3="part of the input was not reviewed, nothing found in the rest",
    code4="both: findings, and part of the input was not reviewed",
)
ABOUT_DEPENDENCIES = about(
    code0="nothing known at or above --fail-on",
    code1="known vulnerabilities at or above --fail-on",
    code3="some of what the project is made of was not read, nothing known of the rest",
    code4="both: known vulnerabilities, and some of it was not read",
)
ABOUT_DEFENDING = about(
    code0="nothing serious was found, or every serious finding has a verified fix",
    code1="a serious finding is left without one",
    code3="as 0, but part of the input was not reviewed",
    code4="as 1, and part of the input was not reviewed, or a finding not reached",
)
ABOUT_EXPLAINING = about(code0="the finding was explained")
ABOUT_PROVING = about(
    code0="with --patch: the patch is verified",
    code1="reproduced; with --patch: the patch is refuted, or could not be verified",
    code3="not reproduced; the reason is given",
)
ABOUT_FIXING = about(
    code0="a verified fix: every check that could be run held", code1="there is none; the reason is given"
)
ABOUT_VERIFYING = about(
    code0="the evidence shows the same again", code1="it shows something else", code3="it could not be run here"
)
ABOUT_CHECKING = about(
    code0="every claim is refuted", code1="a claim is proved", code3="none is proved, some could not be verified"
)

ABOUT_RULES = about(
    code0="listed; with --check: every sample shows what it marks",
    code1="with --check: a sample shows something else, or there is none",
)
ABOUT_UPDATING = about(
    code0="every source is up to date",
    code2="none could be updated; or a wrong option or configuration",
    code3="some could not be updated; the reasons are given, what was known of them is kept",
)


def exit_code(review: Review, fail_on: Severity) -> Exit:
    """What a finished review means to a script."""
    found = any(finding.severity >= fail_on for finding in review.findings)
    if found:
        return Exit.FINDINGS_AND_PARTIAL if review.partial else Exit.FINDINGS
    return Exit.PARTIAL if review.partial else Exit.CLEAN
