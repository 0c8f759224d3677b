"""Names and versions that a package manager takes for nothing else: no option, no address, no path.

They come from files of the reviewed tree. `--index-url=…` as a name or `git+https://…` as a version would choose which
server is asked.

Example::

    is_plain("@babel/core", "7.1.0")                 # True
    is_plain("x", "git+https://example.org/x")       # False
"""

from __future__ import annotations

import re

NAME = re.compile(r"(?:@[A-Za-z0-9][\w.-]{0,100}/)?[A-Za-z0-9][\w.-]{0,200}")
VERSION = re.compile(r"v?\d[\w.+!-]{0,100}", re.ASCII)


def is_plain(name: str, version: str = "0") -> bool:
    return NAME.fullmatch(name) is not None and VERSION.fullmatch(version) is not None
