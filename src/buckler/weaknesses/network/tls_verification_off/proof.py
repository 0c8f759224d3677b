"""Certificates that nobody checks: a server that nobody trusts is accepted, or a context is made that would.

The first is an exploit: whatever the code connects to, it ends at a small server of the test, which shows a
certificate of its own making and remembers what it was sent all the same. The second is a property, for code that only
prepares connections. In both the control is a careful client, which is turned away.
"""

from __future__ import annotations

import re
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

HERE = Path(__file__).parent
ASSIGNED = re.compile(r"check_hostname|verify_mode")
REQUESTED = re.compile(r"\brequests\.\w+\(")
ACCEPTED = Oracle(
    ProofKind.EXPLOIT,
    "a server with a certificate of its own making was taken for the one that was meant",
    Probe(HERE / "probe.py", counterpart="counterpart"),
    benign,
    benign,
    domain="[a-z]{1,8}",
)


def oracles(situation: SinkContext) -> list[Oracle]:
    """Where two settings together decide, each is looked at; otherwise a connection says most."""
    both = [prepared(situation), ACCEPTED]
    return both if ASSIGNED.search(situation.code) else both[::-1]


def prepared(situation: SinkContext) -> Oracle:
    """A context that would accept anybody, or a request for which nobody is to look."""
    file = HERE / ("probe_requests.py" if REQUESTED.search(situation.code) else "probe_settings.py")
    probe = watching(file, situation)
    effect = "a connection was prepared for which certificates are not checked"
    return Oracle(ProofKind.PROPERTY, effect, probe, benign, benign)


PROOF = ProofRecipe(oracles, by_line=True)
