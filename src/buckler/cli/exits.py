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


ABOUT = """\
\b
exit codes:
  0    nothing at or above --fail-on
  1    findings at or above --fail-on
  2    wrong option, configuration or input
  3    part of the input was not reviewed, nothing found in the rest
  4    both: findings, and part of the input was not reviewed
  70   an error of Buckler's own; the message names the log file
  130  interrupted
"""


ABOUT_DEFENDING = """\
\b
exit codes:
  0    nothing serious was found, or every serious finding has a fix that holds
  1    a serious finding is left without one
  2    wrong option, configuration or input
  3    as 0, but part of the input was not reviewed or not reached
  4    as 1, and part of the input was not reviewed or not reached
  70   an error of Buckler's own; the message names the log file
  130  interrupted; what was finished is kept
"""


def exit_code(review: Review, fail_on: Severity) -> Exit:
    """What a finished review means to a script."""
    found = any(finding.severity >= fail_on for finding in review.findings)
    if found:
        return Exit.FINDINGS_AND_PARTIAL if review.partial else Exit.FINDINGS
    return Exit.PARTIAL if review.partial else Exit.CLEAN
