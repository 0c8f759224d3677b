"""Requests that the server makes: where they go is seen at the socket, before anything leaves the machine."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("http://127.0.0.1/4711", "the machine itself"),
    ("http://169.254.169.254/latest/meta-data/", "the cloud metadata address"),
    ("http://localhost/4711", "the machine itself, by name"),
    ("http://10.0.0.7/4711", "a private network"),
    ("http://inside.example/4711", "a public name for a private address"),
    ("http://[::1]/4711", "the machine itself in version 6"),
    ("http://partner.example/moved", "a permitted URL that redirects to the cloud metadata"),
    ("http://0.0.0.0/4711", "every address of the machine"),
    ("http://2130706433/4711", "the machine itself as one number"),
    ("http://127.1/4711", "the machine itself, abbreviated"),
    ("http://partner.example@127.0.0.1/4711", "a permitted name before the at sign"),
    ("http://127.0.0.1#partner.example", "a permitted name after the fragment sign"),
    ("@127.0.0.1/4711", "what comes before becomes a user name"),
    (".inside.example/4711", "the end of a name"),
    ("127.0.0.1", "a bare address"),
)
ADDRESSES = texts(
    ("http://partner.example/prices", "a public URL"), ("partner.example", "a public name"), ("report", "a word")
)
PROOF = always(
    Oracle(
        ProofKind.EXPLOIT,
        "the server connected to an internal address",
        Probe(PROBE),
        ATTACKS,
        ADDRESSES,
        domain=r"http://partner\.example/[a-z]{1,8}",
        needs=("connections",),
    )
)
