"""Python: the source of a test without the bodies that nobody wants."""

from __future__ import annotations

import re

from buckler.analysis.languages.shared import Wanted

SKIMMED = re.compile(
    rb"""^([ \t]*)(?:async[ \t]+)?def[ \t]+\w+\([^()\n"'#]*\)[^()\n"'#:]*:[ \t]*\n"""
    rb"""(?P<body>(?:\1[ \t]+[^\n]*\n|[ \t]*(?:\#[^\n]*)?\n)+)"""
    rb"""|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\#[^\n]*""",
    re.MULTILINE | re.DOTALL,
)
"""A function whose head is one line, or what may look like one and is a text or comment."""

BLANK = bytes(c if c in b"\n" else ord(" ") for c in range(256))


def skim(source: bytes, wanted: Wanted) -> bytes:
    """The source without the bodies of functions nobody wants: parsing those takes most of the time a test takes.

    Bodies are told by their indentation alone; where that misleads, what is left does not parse.
    """
    out: list[bytes] = []
    end = 0
    for function in SKIMMED.finditer(source):
        body = function["body"]
        if body is None or wanted(function[0]):
            continue
        if body.count(b'"""') % 2 or body.count(b"'''") % 2:  # a text goes on further to the left
            return source
        kept = len(body.rstrip())
        last = body[body.rfind(b"\n", 0, kept) + 1 : kept].lstrip()
        if kept and not last.startswith(b"#") and not last.endswith(b"\\"):
            start = function.start("body")
            out += (source[end:start], body[: kept - 1].translate(BLANK), b"0")
            end = start + kept
    return b"".join((*out, source[end:]))
