"""Answers for the pages of other sites: a browser shows one if it names that site and permits cookies."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, SinkContext, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("https://attacker.example", "another site"),
    ("http://attacker.example:8080", "on another port"),
    ("https://localhost.attacker.example", "the own name in front"),
    ("null", "a page without a site, as in a frame with `sandbox`"),
    ("https://sub.attacker.example", "a name below"),
)
ORIGIN = Oracle(
    ProofKind.EXPLOIT,
    "the page of any other site may read the answer to a logged-in user",
    Probe(PROBE),
    ATTACKS,
    texts(("http://localhost", "a page of this site")),
    domain="http://[a-z]{3,8}\\.example",
)


def oracles(situation: SinkContext) -> list[Oracle]:
    return [ORIGIN] if situation.approach.headers else []


PROOF = ProofRecipe(oracles, by_line=True, afresh=True, header="Origin", with_cookie=True)
