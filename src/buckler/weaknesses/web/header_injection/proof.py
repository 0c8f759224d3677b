"""Headers that one value splits in two."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("a\r\nX-4711: 1", "a line break"),
    ("a\nX-4711: 1", "half a line break"),
    ("a\rX-4711: 1", "a carriage return"),
    ("a\u560a\u560dX-4711: 1", "letters that turn into line breaks"),
    ("a%0d%0aX-4711: 1", "in percent notation"),
)
PROOF = always(
    Oracle(
        ProofKind.EXPLOIT,
        "the response got a header of the attacker's choice",
        Probe(PROBE),
        ATTACKS,
        texts(("Anna", "a name"), ("report", "a word")),
    )
)
