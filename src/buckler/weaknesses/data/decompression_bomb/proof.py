"""Small data that grows to large: what is unpacked from it, seen by the memory that was taken at most."""

from __future__ import annotations

import re
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, Probe, ProofRecipe, SinkContext

PROBE = Path(__file__).with_name("probe.py")
UNPACKS = re.compile(r"\b(zlib|gzip|bz2|lzma)\.decompress\w*\(")
ROWS = (
    ("bytes(96 << 20)", "nothing but zeros"),
    ("b'0' * (64 << 20)", "one digit again and again"),
    ("b'ab' * (24 << 20)", "two letters in turn"),
    ("bytes(40 << 20)", "fewer zeros"),
)
"""Every packer makes them small; the largest is what the sandbox has the memory for several times over."""


def oracles(situation: SinkContext) -> list[Oracle]:
    found = UNPACKS.search(situation.code)
    if found is None:
        return []
    packer = found[1]
    attacks = [Attack(f"{packer}.compress({text})", label) for text, label in ROWS]
    words = [
        Attack(f"{packer}.compress({text!r}.encode())", "a short string, packed")
        for text in ("report", "[]", "{}", "7")
    ]
    effect = "a small piece of data took much memory when it was unpacked"
    return [
        Oracle(ProofKind.EXPLOIT, effect, Probe(PROBE), lambda _: attacks, lambda _: words, (f"import {packer}",)),
    ]


PROOF = ProofRecipe(oracles)
