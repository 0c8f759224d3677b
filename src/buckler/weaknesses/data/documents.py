"""Plain documents of XML, as benign input."""

from __future__ import annotations

import re

from buckler.prove.model import Attack, SinkContext

NAME = re.compile(r"""['"]([A-Za-z][\w-]{0,40})['"]""")
MOST_NAMES = 5
DOMAIN = "<r>[a-z]{1,8}</r>"


def encoding(situation: SinkContext) -> str:
    """What follows a text where bytes are wanted."""
    return ".encode()" if situation.approach.kind == "bytes" else ""


def named(situation: SinkContext, inner: str) -> list[str]:
    """A document whose elements have the names that the code around mentions, one within the other."""
    names = dict.fromkeys(name for line in (*situation.near, situation.code) for name in NAME.findall(line))
    around = [*names][:MOST_NAMES]
    return (
        ["".join([*(f"<{name}>" for name in around), inner, *(f"</{name}>" for name in around[::-1])])]
        if around
        else []
    )


def documents(situation: SinkContext) -> list[Attack]:
    end = encoding(situation)
    return [
        *(Attack(f"{text!r}{end}", "a document with the names of the code") for text in named(situation, "report")),
        Attack("'<r>report</r>'" + end, "a plain document"),
        Attack("'<r><a>report</a></r>'" + end, "a nested document"),
    ]
