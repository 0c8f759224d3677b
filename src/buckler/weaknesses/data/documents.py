"""Plain documents of XML, as benign input."""

from __future__ import annotations

from buckler.prove.model import Attack, SinkContext

DOMAIN = "<r>[a-z]{1,8}</r>"


def encoding(situation: SinkContext) -> str:
    """What follows a text where bytes are wanted."""
    return ".encode()" if situation.approach.kind == "bytes" else ""


def documents(situation: SinkContext) -> list[Attack]:
    end = encoding(situation)
    return [
        Attack("'<r>report</r>'" + end, "a plain document"),
        Attack("'<r><a>report</a></r>'" + end, "a nested document"),
    ]
