"""Small data that grows to large: what is unpacked from it, told by the memory that was taken at most.

Example::

    bombs(situation)[0].attacks(situation)[0].value     # "zlib.compress(bytes(96 << 20))"
"""

from __future__ import annotations

import re

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

UNPACKS = re.compile(r"\b(zlib|gzip|bz2|lzma)\.decompress\w*\(")
HELPERS = '''

def most_memory(value):
    """The most memory that was taken at one time while it was dealt with."""
    tracemalloc.start()
    try:
        attempt(value)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
'''
ATTACK = """
value = VALUE
taken = most_memory(value)
assert taken < 36 << 20, f"EXPLOITED: {len(value) >> 10} KiB that were sent took {taken >> 20} MiB of memory"
"""


def bombs(situation: SinkContext) -> list[Oracle]:
    """Zeros, which every packer makes small; the largest that the sandbox has the memory for several times over."""
    found = UNPACKS.search(situation.code)
    if found is None:
        return []
    packer = found[1]
    rows = [("bytes(96 << 20)", "nothing but zeros"), ("b'0' * (64 << 20)", "one digit again and again"),
            ("b'ab' * (24 << 20)", "two letters in turn"), ("bytes(40 << 20)", "fewer zeros")]  # fmt: skip
    attacks = [Attack(f"{packer}.compress({text})", label) for text, label in rows]
    words = [
        Attack(f"{packer}.compress({text!r}.encode())", "a short text, packed") for text in ("report", "[]", "{}", "7")
    ]
    return [Oracle("memory", ProofKind.EXPLOIT, "a small piece of data took much memory when it was unpacked",
                   (f"import {packer}", "import tracemalloc"), HELPERS, (), ATTACK, lambda _: attacks, lambda _: words)]  # fmt: skip
