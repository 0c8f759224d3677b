"""Makes text from reviewed code safe to show: it was written by whoever wrote the code.

Three tricks are disarmed before any format does its own escaping: escape sequences that drive a terminal,
direction marks and invisible characters that make code read other than it runs, and bytes that were never
UTF-8 (kept by Python as lone surrogates, which many JSON readers refuse).

Example::

    visible("rm \\x1b[2K \\u202e")   # 'rm \\\\x1b[2K \\\\u202e', as plain characters
"""

from __future__ import annotations

import re
from urllib.parse import quote

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
LONGEST = 400


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def visible(text: str) -> str:
    """Hidden and controlling characters written out; line breaks and tabs stay."""
    return _HIDDEN.sub(_escape, text)


def line(text: str, longest: int = LONGEST) -> str:
    """One safe line of bounded length."""
    flat = " ".join(visible(text.replace("\r\n", "\n")).replace("\t", "    ").split("\n"))
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def encodable(text: str) -> str:
    """Text that every JSON reader accepts: lone surrogates replaced, everything else untouched."""
    return text.encode("utf-8", "replace").decode("utf-8")


def uri(path: str) -> str:
    """A relative, percent-encoded URI reference; undecodable bytes keep their value."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    return quote("/".join(parts).encode("utf-8", "surrogateescape"), safe="/-._~!$&'()*+,;=@")


def joined(prefix: str, path: str) -> str:
    """The path as seen from where the command was given."""
    return f"{prefix.rstrip('/')}/{path}" if prefix else path
