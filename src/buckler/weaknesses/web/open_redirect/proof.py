"""Users who are redirected to an untrusted site, as a browser reads the URL."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("https://attacker.example/", "another site"),
    ("//attacker.example/", "another site without a scheme"),
    ("/\\attacker.example/", "a backslash that browsers take for a slash"),
    ("https:attacker.example/", "a scheme without slashes"),
    ("///attacker.example/", "three slashes"),
    ("\\\\attacker.example/", "two backslashes"),
    ("https://localhost@attacker.example/", "the own host as a user name"),
    ("https://localhost.attacker.example/", "the own host as a prefix"),
    ("\thttps://attacker.example/", "white space first"),
    (".attacker.example/", "the end of a host name"),
    ("@attacker.example/", "what comes before becomes a user name"),
)
REDIRECT = Oracle(
    ProofKind.EXPLOIT,
    "the user was redirected to a site of the attacker's",
    Probe(PROBE),
    ATTACKS,
    texts(("/account", "a page of this site"), ("account", "a page beside this one")),
    domain="/[a-z]{1,8}(/[a-z]{1,8})?",
)
PROOF = ProofRecipe(lambda _: [REDIRECT], slashes=True)
