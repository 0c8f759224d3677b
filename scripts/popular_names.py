"""Writes the names of much used packages that ship: `python scripts/popular_names.py PyPI top-pypi-packages.min.json`.

PyPI's come as the JSON of "Top PyPI Packages", npm's as a text of names, one a line.
"""

from __future__ import annotations

import json
import lzma
import sys
from pathlib import Path

from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.names.known import FOLDER


def main(name: str, source: str) -> None:
    text = Path(source).read_text("utf-8")
    names = [row["project"] for row in json.loads(text)["rows"]] if source.endswith(".json") else text.split()
    known = dict.fromkeys(map(ecosystem(name).canonical, names))
    packed = lzma.compress("\n".join([*known, ""]).encode(), preset=9 | lzma.PRESET_EXTREME)
    (FOLDER / f"{name}.txt.xz").write_bytes(packed)


main(*sys.argv[1:])
