"""What the user is shown about an error: nothing of the calls that led to it.

Benign input is one on which the code fails; what it answers then is meant to change, its status is not.
"""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, texts

PROBE = Path(__file__).with_name("probe.py")
FAILING = texts(
    *(
        (row, "a string where something else may be wanted")
        for row in ("report", "Anna Maria", "a-b_c.d", "x" * 40, "ünï")
    )
)
TRACE = Oracle(
    ProofKind.PROPERTY,
    "the answer showed the user the stack trace of an error",
    Probe(PROBE, counterpart="counterpart"),
    FAILING,
    FAILING,
    fresh="the words about the error",
    same='""',
)
PROOF = ProofRecipe(lambda _: [TRACE], by_line=True)
