"""LDAP: the structure of the filter must not depend on what was sent."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("*", "matches everything"),
    ("*)(objectClass=*", "adds a condition"),
    ("x)(|(cn=*", "begins a choice"),
    ("*)(uid=*))(|(uid=*", "closes the filter and begins another"),
    ("a*", "matches a beginning"),
)
PROOF = always(
    Oracle(
        ProofKind.EXPLOIT,
        "the input became part of the search filter",
        Probe(PROBE),
        ATTACKS,
        texts(("report", "a word"), ("7", "a number")),
    )
)
