"""An assessment made by hand: a verified fix, a refuted patch whose every word is hostile, a refusal, and one not reached."""

from __future__ import annotations

from dataclasses import replace

from buckler.finding.evidence import (
    Assessment,
    Edit,
    Exposure,
    Outcome,
    Patch,
    Proof,
    ProofKind,
    Remediation,
    Rung,
    VerifiedPatch,
)
from buckler.finding.evidence import (
    TestFile as Emitted,
)
from buckler.finding.model import Review
from review_sample import HOSTILE, RULES, at, hostile, review, sql_injection, weak_hash


def proof(word: str) -> Proof:
    test = Emitted(f"tests/test_{word[:12]}.py", f"def test_it():\n    assert not {word!r}\n```\n</details>\n")
    return Proof(ProofKind.EXPLOIT, f"GET /{word}", Exposure.REMOTE, repr(word), "'x'", f"{word} was read", test)


def fixed() -> Remediation:
    names = ("P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8")
    rungs = tuple(Rung(name, Outcome.PROVED, f"{name} was checked") for name in names)
    edit = Edit("shop/db.py", 0, 3, "new")
    patch = Patch("Bind the value", "The text of the query is fixed now.", (edit,), "--- a\n+++ b\n-old | x\n+new\n")
    shown = (
        Rung("F4", Outcome.PROVED, "rows of others came back, in 3 of 3 runs"),
        Rung("F5", Outcome.PROVED, "passes"),
    )
    return Remediation(sql_injection(), shown, proof("q"), (VerifiedPatch(patch, rungs),))


def attacked() -> Remediation:
    """One whose every word is hostile."""
    patch = Patch(HOSTILE, HOSTILE, (), f"-{HOSTILE}\n+```\n+</details>\n", HOSTILE)
    tried = (Rung("P2", Outcome.PROVED, HOSTILE), Rung("P5", Outcome.REFUTED, HOSTILE, (HOSTILE,)))
    return Remediation(
        hostile(), (Rung("F4", Outcome.PROVED, HOSTILE),), proof(HOSTILE), (VerifiedPatch(patch, tried),)
    )


def declined() -> Remediation:
    four = Rung("F4", Outcome.NOT_VERIFIED, "no effect is known")
    return Remediation(weak_hash(), (four,), refused="what is stored | would no longer match")


def assessment() -> Assessment:
    """Everything at once; one finding was not reached and two smaller ones were not asked for."""
    remediations = [fixed(), attacked(), declined()]
    left = replace(weak_hash(), location=at("shop/late.py", 9), fingerprint="d" * 32)
    found = [*(done.finding for done in remediations), left]
    return Assessment(replace(review(), findings=found), RULES, chosen=found, remediations=remediations, smaller=2)


def only(remediation: Remediation) -> Assessment:
    """One finding and what is known about it."""
    finding = remediation.finding
    return Assessment(Review("x", findings=[finding]), RULES, chosen=[finding], remediations=[remediation])
