"""Markup of somebody else's, as a browser would find it in the page."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, texts

PROBE = Path(__file__).with_name("probe.py")
ATTACKS = texts(
    ("<x-4711>", "an element"),
    ('"><x-4711>', "leaves an attribute in double quotes"),
    ("'><x-4711>", "leaves an attribute in single quotes"),
    ("</script><x-4711>", "leaves a script"),
    ("--><x-4711>", "leaves a comment"),
    ("</textarea></title></style><x-4711>", "leaves an element without markup"),
    ('" onx4711="1', "adds an attribute"),
    ("x onx4711=1", "adds an attribute where there are no quotes"),
    ("<X-4711 ", "an element that is not closed"),
    ('<a href="javascript:x4711">here</a>', "a link that is a script"),
    ('<button formaction="javascript:x4711">here</button>', "a button that runs a script"),
)
PROOF = always(
    Oracle(
        ProofKind.EXPLOIT,
        "the input became markup of the page, which a browser would run",
        Probe(PROBE),
        ATTACKS,
        texts(("Anna", "a name"), ("report", "a word")),
        ("import html",),
        same="html.unescape({})",
    )
)
