"""A tar file around a name."""

from __future__ import annotations

import io
import os
import tarfile


def archive(name: str) -> bytes:
    """A tar file with a member of that name; after `link:` it is written through a link that leads to its folder."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        if name.startswith("link:"):
            link = tarfile.TarInfo("link")
            link.type, link.linkname = tarfile.SYMTYPE, os.path.dirname(name[5:])
            tar.addfile(link)
            name = "link/" + os.path.basename(name)
        for each in (name, "4711.txt"):
            member = tarfile.TarInfo(each)
            member.size = 4
            tar.addfile(member, io.BytesIO(b"0815"))
    return data.getvalue()
