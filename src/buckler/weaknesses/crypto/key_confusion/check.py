"""Lists of what must not be in a key which forget a kind of public key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import BUILD, CALC
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView

RULE = "key-confusion"

KEY_TEXTS = (
    "-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----",
    "-----BEGIN EC PUBLIC KEY-----", "-----BEGIN X509 CERTIFICATE-----", "-----BEGIN DSA PUBLIC KEY-----",
    "ssh-rsa AAAA", "ssh-ed25519 AAAA", "ssh-dss AAAA", "ecdsa-sha2-nistp256 AAAA",
)  # fmt: skip
"""How public keys begin, which everybody may know and which therefore must not serve as a shared secret."""
MARKER = re.compile(r"^(?:-+\s*)?BEGIN |^ssh-|^ecdsa-sha2")
SHORTEST_LIST = 2
KEYS = re.compile(r"KEY|CERTIFICATE|^ssh-|^ecdsa")
"""Markers of keys, as against messages and signatures that begin alike."""


def key_formats(code: Code) -> Iterator[Misuse]:
    """A list of what must not be in a key that forgets a kind of public key."""
    for number, op in enumerate(code.ops):
        if op[0] != BUILD or ops.kind(op) not in ("list", "tuple", "set") or len(ops.items(op)) < SHORTEST_LIST:
            continue
        texts = [code.constant(i) for i in ops.items(op) if isinstance(i, int)]
        markers = [t for t in texts if isinstance(t, str) and MARKER.match(t)]
        if len(markers) < SHORTEST_LIST or len(markers) != len(ops.items(op)) or not refuses(code):
            continue
        if not any(KEYS.search(m) for m in markers):
            continue
        if any(not any(m in known for m in markers) for known in meant(markers)):
            yield Misuse(RULE, code.name, number, "list of key formats")


def meant(markers: list[str]) -> list[str]:
    """The keys a list is about: all of them, unless it names one family only."""
    families = {"BEGIN" in m for m in markers}
    return [k for k in KEY_TEXTS if ("BEGIN" in k) in families]


def refuses(code: Code) -> bool:
    """The function tests membership and raises."""
    within = (
        any(op[0] == CALC and ops.operator(op) == "in" for op in code.ops)
        or b" in " in code.text
        or b"includes(" in code.text
    )
    return within and any(w in code.text for w in (b"raise ", b"throw ", b"return False", b"return false"))


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("BEGIN ", "ssh-rsa"):
        yield from key_formats(code)


CHECKS = (Check(find),)
