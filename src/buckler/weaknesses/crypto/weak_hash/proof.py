"""Hash functions that no longer resist forgery: a watch around what makes them."""

from __future__ import annotations

import re
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

PROBE = Path(__file__).with_name("probe.py")
PACKAGED = re.compile(r"\b(MD[245]|SHA1?|RIPEMD160)\b")
DIGESTS = r"""re.sub(r"^b(['\"]).*\1$|[\w+/=-]*\d[\w+/=-]*|[\w+/=-]{20,}", "…", {})"""
"""What hash functions give is left out when answers are compared, because that is what has to change."""


def oracles(situation: SinkContext) -> list[Oracle]:
    kind = "_packaged" if PACKAGED.search(situation.code) else ""
    return [Oracle(
        ProofKind.PROPERTY, "a hash function was used that no longer resists forgery",
        watching(PROBE, situation, kind), benign, benign, ("import re",),
        fresh="the hashes", same=DIGESTS,
    )]  # fmt: skip


PROOF = ProofRecipe(oracles, by_line=True)
