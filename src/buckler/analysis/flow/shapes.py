"""Where in a text the untrusted part stands, and whether a rule cares about that place.

`lead` is the text before a hole, with `\\0` for parts nobody knows. A judge answers whether a hole after this
lead matters. One domain serves URL, redirect, path, option and SQL rules in every language.

>>> url_host("https://api.example.com/v1/")
False
>>> url_host("https://")
True
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from buckler.analysis.flow.value import UNSLASHED, Part

HOST_FIXED = re.compile(
    r"^(?:[A-Za-z][\w+.-]*:)?//[^/?#\0]+[/?#]|^/(?!/|\\)[^\0]|^[^:/?#\0\1]*[?#]|^[^:/?#\0\1]+/|^[A-Za-z][\w+.-]*:(?!//?)[^/]"
)


def url_host(lead: str) -> bool:
    """The hole can still change scheme or host."""
    if "\0" in lead:
        return False
    return not HOST_FIXED.match(lead)


def redirect(lead: str) -> bool:
    """The hole decides where a redirect goes: at the start, after `/`, or where a host would stand."""
    if "\0" in lead or lead.endswith("/" + UNSLASHED):
        return False
    lead = lead.replace(UNSLASHED, "")
    return lead in ("", "/", "\\", "/\\") or bool(re.fullmatch(r"(?:[A-Za-z][\w+.-]*:)?//[^/?#]*", lead))


def option(lead: str) -> bool:
    """The hole begins an argument."""
    return lead in ("", UNSLASHED)


def anywhere(lead: str) -> bool:
    return True


JUDGES: dict[str, Callable[[str], bool]] = {
    "url-host": url_host,
    "redirect": redirect,
    "option": option,
    "path": anywhere,
    "sql": anywhere,
    "any": anywhere,
}


def holes(shape: tuple[Part, ...], lead: str = "") -> Iterator[tuple[str, int]]:
    """Every tainted hole with the text before it."""
    for part in shape:
        if isinstance(part, str):
            lead += part
        else:
            if part:
                yield lead, part
            lead += "\0"
