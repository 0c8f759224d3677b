"""Headers before an empty line, as the metadata of Python packages has them.

Example::

    list(headers(Text("METADATA", "Name: flask\\nVersion: 2.0\\n\\nText: no header\\n")))
    # [("name", "flask", 1), ("version", "2.0", 2)]
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.dependencies.documents.text import Text


def headers(text: Text) -> Iterator[tuple[str, str, int]]:
    """Each header in small letters with its value and its line; continued lines are left out."""
    for number, row in enumerate(text.lines, 1):
        row = row.rstrip("\r")
        if not row:
            return
        key, colon, value = row.partition(":")
        if colon and not row[0].isspace():
            yield key.strip().lower(), value.strip(), number
