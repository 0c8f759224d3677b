"""The text of a Python file as Python reads it: a comment in its first lines names the encoding of all that follows.

An encoding can turn comments into code: with `unicode_escape` the letters of a line break inside a comment are a line
break, with `utf-7` a comment may spell a quote in letters. Files in such encodings are decoded; those in one of a
byte a letter that holds ASCII are the same program byte by byte; others are not read.

>>> as_utf8(b"# coding: unicode_escape\\n# a\\\\nb = 1")
b'# coding: unicode_escape\\n# a\\nb = 1'
"""

from __future__ import annotations

import codecs
import re
from functools import cache

BOM = codecs.BOM_UTF8
FIRST_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)?[^\r\n]*")
DECLARED = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
EMPTY = re.compile(rb"[ \t\f]*(?:#.*)?$")
UTF8 = frozenset({"utf-8", "utf-8-sig"})
DECODED = re.compile(
    r"utf-7|(?:raw-)?unicode-escape|shift-jis.*|cp932|cp949|cp950|gb2312|gbk|gb18030|hz|big5.*|euc-.*|johab|iso2022-.*"
)
"""Encodings of which several bytes make one letter, or one letter many bytes."""


class UnknownEncoding(OSError):
    """A file that says it is in an encoding which is not read; `strerror` says which."""


def as_utf8(data: bytes) -> bytes:
    """A Python source in UTF-8; raises `UnknownEncoding`."""
    name = declared(data)
    if not name or is_plain(name):
        return data
    try:
        if must_be_decoded(name):
            return data.decode(name).encode("utf-8", "surrogatepass")
    except (LookupError, ValueError):
        pass
    raise UnknownEncoding(0, f"it says it is in the encoding {name!r}, which it is not or which is not read")


def declared(data: bytes) -> str:
    """The encoding that one of the first two lines names, the second only below an empty one."""
    head = FIRST_LINES.match(data, len(BOM) if data.startswith(BOM) else 0)
    for line in head[0].splitlines() if head is not None else ():
        found = DECLARED.match(line)
        if found is not None:
            return found[1].decode("ascii", "replace")
        if not EMPTY.match(line):
            break
    return ""


def must_be_decoded(name: str) -> bool:
    return DECODED.fullmatch(codecs.lookup(name).name.replace("_", "-")) is not None


@cache
def is_plain(name: str) -> bool:
    """UTF-8, or one byte a letter and ASCII where ASCII is."""
    try:
        codec = codecs.lookup(name)
        if codec.name in UTF8 or must_be_decoded(name):
            return codec.name in UTF8
        letters = bytes(range(256)).decode(codec.name, "replace")
    except (LookupError, ValueError, AttributeError):
        return False
    return len(letters) == 256 and letters[:128].encode() == bytes(range(128)) and min(letters[128:]) > "\x7f"
