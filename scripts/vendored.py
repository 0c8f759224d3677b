"""Learns what the releases of a package look like, from a folder of published archives; nothing of them is run.

Example::

    scripts/vendored.py npm jquery ~/archives/jquery 'dist/*.js'      # data/npm-jquery.json
"""

from __future__ import annotations

import io
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from packaging.version import Version

from buckler.dependencies.vendored.known import DATA, dumped, known_of

VERSION = re.compile(r"-(\d[^-]*?)(?:-py[\w.]+-none-any\.whl|\.tgz)$")


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, without the folder that npm puts around them."""
    data = archive.read_bytes()
    if archive.suffix == ".whl":
        with zipfile.ZipFile(io.BytesIO(data)) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as packed:
        for member in packed:
            file = packed.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name.partition("/")[2], file.read()


def chosen(archive: Path, patterns: list[str]) -> dict[str, bytes]:
    """The files of an archive whose paths are asked for."""
    return {path: data for path, data in members(archive) if any(fnmatch(path, pattern) for pattern in patterns)}


def main() -> None:
    ecosystem, name, folder, *patterns = sys.argv[1:]
    archives = {found[1]: file for file in Path(folder).iterdir() if (found := VERSION.search(file.name))}
    releases = [(version, chosen(archives[version], patterns)) for version in sorted(archives, key=Version)]
    known = known_of(ecosystem, name, releases)
    target = DATA / f"{ecosystem.lower()}-{name}.json"
    target.write_text(dumped(known), "utf-8")
    print(f"{target}: {len(known.versions)} releases, {len(known.files)} files, {len(known.functions)} functions")


if __name__ == "__main__":
    main()
