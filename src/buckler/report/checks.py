"""What every format says of evidence: which patch, which checks, which of their details, and what each is called.

Example::

    check_name(rung)            # "mutation (P7)"
    all_checks(remediation)     # of the finding, then of the patch that is shown
"""

from __future__ import annotations

from collections.abc import Iterable

from buckler.finding.evidence import RUNG_NAMES, RUNGS, Outcome, ProofKind, Remediation, Rung, VerifiedPatch

MARKS = {Outcome.PROVED: "✔", Outcome.REFUTED: "✘", Outcome.NOT_VERIFIED: "-"}
SENT = {ProofKind.EXPLOIT: "attack", ProofKind.PROPERTY: "input", ProofKind.CONFIGURATION: "input"}
MOST_DETAILS = 4


def best_of(remediation: Remediation) -> VerifiedPatch | None:
    """The verified fix, or else the first candidate."""
    return remediation.fix or (remediation.patches[0] if remediation.patches else None)


def all_checks(remediation: Remediation) -> list[Rung]:
    """The checks of the finding, and those of the patch that is shown."""
    best = best_of(remediation)
    return [*remediation.rungs, *(best.rungs if best else ())]


def check_name(rung: Rung) -> str:
    """What people call a check, with its code."""
    return f"{RUNG_NAMES[rung.name]} ({rung.name})"


def tried(judged: VerifiedPatch) -> bool:
    """Whether something was there to tell if the patch does anything: a test, or of an upgrade the release itself."""
    return any(r.name in ("P2", "U1") and r.outcome is not Outcome.NOT_VERIFIED for r in judged.rungs)


def details(rung: Rung, *, full: bool = True) -> tuple[str, ...]:
    """What speaks against a patch; and, where there is room for it, what was tried in vain."""
    vain = full and rung.name == "F4" and rung.outcome is Outcome.NOT_VERIFIED
    return rung.details[:MOST_DETAILS] if rung.outcome is Outcome.REFUTED or vain else ()


def fix_status(remediation: Remediation | None) -> str:
    """Whether there is a fix, in a word or two."""
    if remediation is None:
        return "not tried"
    if remediation.settled:
        return "verified fix"
    return "candidate" if remediation.patches else "none"


def explained(remediations: Iterable[Remediation]) -> list[tuple[str, str]]:
    """The checks that a report speaks of, each with what it asks."""
    used = {rung.name for remediation in remediations for rung in all_checks(remediation)}
    return [(f"{RUNG_NAMES[name]} ({name})", f"whether {words}") for name, words in RUNGS.items() if name in used]
