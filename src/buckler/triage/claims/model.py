"""What somebody else says about code: a claim is a place and a kind of flaw, believed by nobody until it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Kinds = tuple[tuple[int, ...], tuple[str, ...]]
"""Weaknesses by number, and rules."""
Names = Mapping[str, str]
"""Words by which reports name weaknesses, in lower case, each with the id of the rule."""


@dataclass(slots=True, frozen=True)
class Claim:
    """One thing a report says."""

    text: str
    path: str
    """Empty for what names no place, which cannot be checked."""
    line: int
    cwe: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    """Rules whose flaw the words speak of."""
    functions: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    """Lines of code the report shows as being there."""
    section: int = 0
    """Claims of one section are about one thing, reported at several places."""
    denial: bool = False
    """Whether its words may say that there is no flaw. It is judged all the same, since words alone refute nothing."""
