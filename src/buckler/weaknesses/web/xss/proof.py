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
PARSED = texts(
    ("<noscript><style></noscript><x-4711></style></noscript>", "is text without scripts"),
    ("<svg></p><style><x-4711></style>", "is text outside a drawing"),
    ("<math></p><style><!--</style><x-4711>--></style>", "is a comment outside a formula"),
    ("<math><mtext><table><mglyph><style><!--</style><x-4711 title='--&gt;'>", "is a comment until it is moved"),
    ("<!--><x-4711>", "a comment that ends at once"),
    ("<!--a--!><x-4711>", "a comment that ends otherwise"),
    ("<<x-4711>>", "an element behind a sign"),
    ("<p <x-4711>", "an element inside another"),
    ("<x-4711\n>", "an element on two lines"),
    ("<p onx4711=1>a</p>", "an allowed element with a script"),
    ("<img src=a onx4711=1>", "a picture with a script"),
    ("<a href='java\nscript:x4711'>a</a>", "a script on two lines"),
    ("<a href='&#1;javascript:x4711'>a</a>", "a script behind a control character"),
    ("<svg><a xlink:href='javascript:x4711'>a</a></svg>", "a link in a drawing"),
    ("<input type=image formaction='javascript:x4711'>", "an input that runs a script"),
    ("[a](javascript:x4711)", "a Markdown link that is a script"),
    ("[a](JavaScript:x4711)", "the same with capitals"),
    ("[a]( javascript:x4711)", "the same behind a space"),
    ("[a](java\nscript:x4711)", "the same on two lines"),
    ("[a](&#106;avascript:x4711)", "the same with a character as a number"),
    ("[a](<javascript:x4711>)", "the same in brackets"),
    ("<javascript:x4711>", "an address in brackets that is a script"),
    ("[a][b]\n\n[b]: javascript:x4711", "a Markdown reference that is a script"),
    ("![a](javascript:x4711)", "a Markdown picture that is a script"),
    ('[a](b"onx4711="1)', "a Markdown link that leaves its address"),
    ('[a](b "c\\"onx4711=\\"1")', "a Markdown link that leaves its title"),
    ("[a](b 'c\"onx4711=\"1')", "the same with the other quotes"),
    ('![a"onx4711="1](b)', "a Markdown picture that leaves its name"),
    ('![a](b"onx4711="1)', "a Markdown picture that leaves its address"),
    ('<http://a"onx4711="1>', "an address in brackets that leaves its attribute"),
    ("<http://a/<x-4711>>", "an address in brackets with an element"),
    ('```"onx4711="1\na\n```\n', "Markdown code that leaves its language"),
    ('[^"><x-4711>]\n\n[^"><x-4711>]: a\n', "a Markdown footnote that leaves its name"),
    ("[<x-4711>](a)", "an element in a Markdown link"),
    ("$<x-4711>$", "an element in a formula"),
    ("`a` <x-4711 `b`>", "an element around code"),
)
"""For code that lets some markup through, or makes markup of something else."""
EFFECT = "the input became markup of the page, which a browser would run"
NAMES = texts(("Anna", "a name"), ("report", "a word"))
PROOF = always(
    *(
        Oracle(ProofKind.EXPLOIT, EFFECT, Probe(PROBE), rows, NAMES, ("import html",), same="html.unescape({})")
        for rows in (ATTACKS, PARSED)
    )
)
