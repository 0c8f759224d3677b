"""Commands: whoever can run one can leave a file behind."""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, filled, texts
from buckler.prove.watches import MARKER

ATTACKS = filled(
    ("x; touch {marker} #", "ends the command and begins another"),
    ("x' ; touch {marker} ; '", "leaves single quotes first"),
    ('x" ; touch {marker} ; "', "leaves double quotes first"),
    ("$(touch {marker})", "a command in place of a word"),
    ("`touch {marker}`", "a command in backquotes"),
    ("x\ntouch {marker}\n", "a new line is a new command"),
    ("x || touch {marker} #", "runs when the first command fails"),
    ("x && touch {marker} #", "runs when the first command succeeds"),
    ("x | touch {marker} #", "runs beside the first command"),
    ("touch {marker}", "the whole command"),
)
PROOF = always(
    Oracle(
        ProofKind.EXPLOIT,
        "a command of the attacker's choice was run",
        Probe(MARKER),
        ATTACKS,
        texts(("report", "a plain word"), ("a1", "a short word")),
        domain="[a-z]{1,8}",
    )
)
