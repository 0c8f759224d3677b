"""Forms of other sites that are taken: a request as a browser sends it, without the token of this site.

There is none unless something is sent to a view of Django, or a setting of Flask-WTF is looked at.
"""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Place, Probe, ProofRecipe, SinkContext
from buckler.prove.watches import benign
from buckler.weaknesses.web.settings import setting

PROBE = Path(__file__).with_name("probe.py")
FORM = Oracle(
    ProofKind.PROPERTY,
    "a form without the CSRF token of this site was accepted",
    Probe(PROBE, counterpart="counterpart"),
    benign,
    benign,
)


def oracles(situation: SinkContext) -> list[Oracle]:
    if "WTF_CSRF" in situation.code:
        effect = "forms of other sites are accepted"
        return [setting("WTF_CSRF_ENABLED", effect, wrong=(False,))]
    sends = situation.approach.entry.startswith(("POST", "PUT", "PATCH", "DELETE"))
    django = any("django" in line for line in situation.approach.imports)
    return [FORM] if sends and django else []


PROOF = ProofRecipe(oracles, by_line=True, place=Place.DECORATED)
