"""XPath: a condition inside the text that is sent must not be evaluated."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("x' or '4711'='4711", "closes the string and adds a condition"),
    ('x" or "4711"="4711', "closes a string in double quotes"),
    ("x' or 4711=4711 or 'x'='", "adds a condition in the middle"),
    ("0 or 4711=4711", "adds a condition to a number"),
    ("x'] | //*[4711=4711] | //*['", "adds the nodes of another path"),
    ("x') or ('4711'='4711", "closes a bracket"),
    ("*[4711=4711]", "a condition on a name"),
    ("x' or contains(.,'') and '4711'='4711", "calls a function"),
)
PROOF = always(
    Oracle(
        ProofKind.EXPLOIT,
        "a condition inside the input was evaluated as part of the path",
        Probe(PROBE),
        ATTACKS,
        texts(("report", "a word"), ("7", "a number")),
    )
)
