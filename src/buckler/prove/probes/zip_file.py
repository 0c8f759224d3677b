"""A zip file around a name."""

from __future__ import annotations

import io
import zipfile


def archive(name: str) -> bytes:
    """A zip file with a member of that name."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for each in (name, "4711.txt"):
            file.writestr(zipfile.ZipInfo(each), b"0815")
    return data.getvalue()
