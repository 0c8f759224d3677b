"""Fills a folder with what a project needs: wheels, else sources of plain Python, else wheels of a later day.

Example::

    filled(folder, ("flask", "pyyaml<5.1"), ("flask",), "3.9.18", Asked(cache))     # []: nothing is missing
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from buckler.prove.environment.installer import Asked, install, last_words
from buckler.prove.environment.requirements import declared
from buckler.prove.environment.sources import unpacked


def instead(folder: Path, text: str, version: str, asked: Asked) -> list[str]:
    """What a pinned release needs, one by one, and the release by itself, where all together cannot be had."""
    if "==" not in text or install(folder, (text,), version, asked, alone=True):
        return []
    found = next(folder.glob("*.dist-info"), None)
    rows = declared(folder).needed if found else ()
    return [row for row in rows if row != text]


UNMET = re.compile(r"requirement ([A-Za-z0-9._-]+)[^(\n]*(?:\(from (?:versions: [^)]*|([A-Za-z0-9._-]+)[^)]*)\))?")
MOST_TRIES = 12
MOST_YEARS = 12


def filled(
    made: Path, wanted: Sequence[str], needed: Sequence[str], version: str, asked: Asked, *, sources: bool
) -> list[str]:
    """Install what can be had; what of the needed cannot is named, with the installer's reason."""
    missing = wheels(made, wanted, needed, version, asked)
    left = [row for row in missing if not (sources and otherwise(made, row[0], wanted, version, asked))]
    return [f"{text}: {reason}" for text, reason in left]


def otherwise(made: Path, text: str, others: Sequence[str], version: str, asked: Asked) -> bool:
    """Whether a requirement without a wheel could be met by sources of plain Python, or a wheel of a later day."""
    more = unpacked(made, text, version, asked)
    if more is None:
        return later(made, text, version, asked)
    for besides in more:
        if by_itself(made, besides, others, version, asked):
            unpacked(made, besides, version, asked)
    return True


def later(made: Path, text: str, version: str, asked: Asked) -> bool:
    """Whether there was a wheel some years later: the first there was is the nearest to what was meant."""
    if asked.before is None:
        return False
    today = datetime.now(tz=UTC).date()
    days = [asked.before + timedelta(days=365 * years) for years in range(1, MOST_YEARS)]
    tries = [*(day for day in days if day < today), None]
    return any(not install(made, (text,), version, replace(asked, before=day)) for day in tries)


def wheels(
    made: Path, wanted: Sequence[str], needed: Sequence[str], version: str, asked: Asked
) -> list[tuple[str, str]]:
    """Install wheels: a requirement that cannot be met, by itself or for what it needs, is left out and named."""
    left = list(wanted)
    missing: list[tuple[str, str]] = []
    for _ in range(MOST_TRIES):
        shutil.rmtree(made, ignore_errors=True)
        if not left:
            return missing
        said = install(made, left, version, asked)
        if not said:
            return missing
        guilty = blamed(said, left) or next((t for t in left if "==" in t and "ResolutionImpossible" in said), None)
        if guilty is None:
            break
        left.remove(guilty)
        more = [text for text in instead(made.parent / "alone", guilty, version, asked) if text not in left]
        left, needed = [*left, *more], [*needed, *more]
        if guilty in needed:
            missing.append((guilty, last_words(said)))
    shutil.rmtree(made, ignore_errors=True)
    one_by_one = [requirement for requirement in dict.fromkeys(needed) if requirement in left]
    tried = ((requirement, by_itself(made, requirement, one_by_one, version, asked)) for requirement in one_by_one)
    return missing + [(requirement, last_words(said)) for requirement, said in tried if said]


def by_itself(made: Path, text: str, others: Sequence[str], version: str, asked: Asked) -> str:
    """One requirement with what it needs, of which no other version is brought in than the others ask for.

    Where that cannot be had, the requirement alone: without a part of what it needs it may still be loaded.
    """
    bounds = [bound for other in others if other != text and (bound := as_bound(other))]
    if not install(made, (text,), version, asked, bounds=bounds):
        return ""
    return install(made, (text,), version, asked, alone=True)


def as_bound(text: str) -> str:
    """A requirement as the installer takes it for a constraint: without extras."""
    found = Requirement(text)
    return f"{found.name}{found.specifier}" if found.specifier else ""


def blamed(said: str, wanted: Sequence[str]) -> str | None:
    """The requirement of ours that the installer could not meet, or whose own needs it could not."""
    names = {canonicalize_name(Requirement(text).name): text for text in wanted}
    for match in UNMET.finditer(said):
        for name in match.groups():
            if name and canonicalize_name(name) in names:
                return names[canonicalize_name(name)]
    return None
