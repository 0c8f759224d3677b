"""What each language says of itself: `language.toml` in its folder below analysis/languages, read as data.

File names are looked at before any engine is loaded, so this asks no front end.

Example::

    LANGUAGES["python"].suffixes      # (".py", ".pyi", ".pyw")
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOMS = Path(__file__).parents[1] / "analysis" / "languages"
CARD = "language.toml"


@dataclass(slots=True, frozen=True)
class Card:
    """One language, before its front end is loaded."""

    name: str
    grammar: str
    """The module with its tree-sitter grammar."""
    suffixes: tuple[str, ...]
    """Of its files, the usual one first."""
    comment: str
    """What begins a comment that ends with its line."""
    declares_encoding: bool
    """Whether a file may say in which encoding it is written."""
    imports_by_path: bool
    """It imports files by their path and packages by a bare name, which no file of the project can take."""
    manifests: tuple[str, ...]
    """Names of files without code that say by which names the files of a project are imported."""


def read_card(file: Path) -> Card:
    """One language's own words; KeyError for one that leaves out what must be there."""
    row = tomllib.loads(file.read_text("utf-8"))
    return Card(
        file.parent.name,
        row["grammar"],
        tuple(row["suffixes"]),
        row["comment"],
        row.get("declares-encoding", False),
        row.get("imports-by-path", False),
        tuple(row.get("manifests", ())),
    )


LANGUAGES: Mapping[str, Card] = {
    card.name: card for card in (read_card(file) for file in sorted(ROOMS.glob(f"*/{CARD}")))
}
