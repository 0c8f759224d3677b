"""Lines of somebody else's in the log, which is looked at as its handlers write it."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("report\n4711 admin logged in", "a line break"),
    ("report\r\n4711 admin logged in", "a line break with a return"),
    ("report\r4711 admin logged in", "a return, which many viewers take for a line break"),
    ("\n4711 admin logged in", "a line break first"),
    ("report\n\n\n4711 admin logged in\n", "several"),
    ("report%0a4711 admin logged in", "in percent notation"),
)
PROOF = always(
    Oracle(
        ProofKind.EXPLOIT,
        "the log got a line of its own from what was sent",
        Probe(PROBE),
        ATTACKS,
        texts(*((text, "a plain word") for text in ("report", "Anna", "7"))),
    )
)
