"""Values that a program takes for an option: seen in the list of words it is started with.

The words are looked at as the program would: what begins with a dash is an option unless `--` stands before it.
"""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("--x4711=1", "a long option"),
    ("-x4711", "a short option"),
    ("--x4711", "a long option without a value"),
    ("-4711", "a number with a dash"),
    ("-o4711 x", "an option with a space"),
)
PROOF = always(
    Oracle(
        ProofKind.EXPLOIT,
        "a program was started with an option of the attacker's choice",
        Probe(PROBE),
        ATTACKS,
        texts(("report", "a plain word"), ("a1", "a short word")),
        domain="[a-z]{1,8}",
    )
)
