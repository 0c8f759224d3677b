"""Configuration files of sections and keys, as `setup.cfg` is one, with the line of every value.

Example::

    settings(Text("setup.cfg", "[options]\\ninstall_requires =\\n  flask\\n  six\\n"))
    # {("options", "install_requires"): [("flask", 3), ("six", 4)]}
"""

from __future__ import annotations

import re

from buckler.dependencies.documents.text import Text

SECTION = re.compile(r"\[([^\]]+)\]")
DIVIDER = re.compile(r"[=:]")
COMMENT = re.compile(r"(?:^|\s)[#;].*$")

Settings = dict[tuple[str, str], list[tuple[str, int]]]
"""The lines of each value, by section and key."""


def settings(text: Text) -> Settings:
    """Every value; lines that are part of none are left out, as are empty ones."""
    found: Settings = {}
    section, values = "", list[tuple[str, int]]()
    for number, row in enumerate(text.lines, 1):
        bare = COMMENT.sub("", row).strip()
        if not bare:
            continue
        heading = SECTION.match(row)
        if heading is not None:
            section, values = heading[1].strip(), []
        elif row[0].isspace():
            values.append((bare, number))
        elif len(parts := DIVIDER.split(bare, maxsplit=1)) == 2:
            values = found.setdefault((section, parts[0].strip().lower()), [])
            if parts[1].strip():
                values.append((parts[1].strip(), number))
    return found


def value(found: Settings, section: str, key: str) -> str:
    """A value of one line."""
    return next((text for text, _ in found.get((section, key), ())), "")
