"""Short content hashes for cache keys and fingerprints.

BLAKE2b because it is fast, in the standard library, and has a length parameter. Parts are hashed with
their lengths, so `digest(b"ab", b"c")` and `digest(b"a", b"bc")` differ.

Example::

    digest(b"rule", b"path").hex()   # 32 hexadecimal digits
"""

from __future__ import annotations

from hashlib import blake2b

SIZE = 16


def digest(*parts: bytes) -> bytes:
    """Hash the parts into 16 bytes."""
    state = blake2b(digest_size=SIZE)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.digest()


def text_digest(*parts: str) -> str:
    """Hash texts into 32 hexadecimal digits; undecodable file names are fine."""
    return digest(*(part.encode("utf-8", "surrogatepass") for part in parts)).hex()
