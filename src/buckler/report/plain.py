"""Makes text from reviewed code safe to show: it was written by whoever wrote the code.

Four tricks are disarmed before any format does its own escaping: escape sequences that drive a terminal,
direction marks and invisible characters that make code read other than it runs, words that a CI service takes for
commands when they appear in its log (`::error::`, `##vso[`), and bytes that were never UTF-8 (kept by Python as lone
surrogates, which many JSON readers refuse). Text for people goes through `visible`, what programs read through
`json_text`, which writes the same characters with JSON's own escapes.

Example::

    visible("rm \\x1b[2K \\u202e")   # 'rm \\\\x1b[2K \\\\u202e', as plain characters
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_COMMAND = r":(?=:[a-z][\w-]*(?:::|\s))|#(?=#(?:vso|teamcity)?\[)"
"""The first letter of what GitHub, Azure or TeamCity would obey, anywhere: lines are cut and wrapped later."""
_TRICKS = re.compile(f"[{_HIDDEN}]|(?i:{_COMMAND})")
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Halves of characters that stand for no byte of a file name."""
LONGEST = 400


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def visible(text: str) -> str:
    """Hidden and controlling characters and commands to CI written out; line breaks and tabs stay."""
    return _TRICKS.sub(_escape, text)


def all_visible(value: Any) -> Any:
    """The same for every string of a document that programs show to people as it is."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(key): all_visible(item) for key, item in value.items()}
    return [all_visible(item) for item in value] if isinstance(value, list) else value


def json_text(document: Any) -> str:
    """JSON in which nothing is hidden and no line is a command; a program reads the very same strings.

    Only bytes that were never text come out otherwise: as `\\xe9`, four plain characters, as people see them too.
    """
    return _TRICKS.sub(_json_escape, json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xD800 <= code <= 0xDFFF:
        return "\\" + _escape(match)
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def line(text: str, longest: int = LONGEST) -> str:
    """One safe line of bounded length."""
    flat = " ".join(visible(text.replace("\r\n", "\n")).replace("\t", "    ").split("\n"))
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def uri(path: str) -> str:
    """A relative, percent-encoded URI reference; undecodable bytes keep their value."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    named = _NO_BYTE.sub("?", "/".join(parts))
    return quote(named.encode("utf-8", "surrogateescape"), safe="/-._~!$&'()*+,;=@")


def joined(prefix: str, path: str) -> str:
    """The path as seen from where the command was given."""
    return f"{prefix.rstrip('/')}/{path}" if prefix else path
