"""A baseline: the findings a team has looked at and decided to live with for now, as a JSON file in git.

Matching is by fingerprint alone, which survives moved lines; rule, path and title are there for the
person who reads the diff. Entries that no longer match anything are reported, so that the file shrinks.

Example::

    {"version": 1, "findings": [
      {"fingerprint": "9f2c…", "rule": "weak-hash", "path": "shop/etag.py", "title": "…", "reason": "ETag"}
    ]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.files import inside, read_text
from buckler.base.writing import write_all
from buckler.finding.model import Finding, Notice, Suppressed

VERSION = 1
MOST = 100_000_000
"""Bytes of a file worth reading."""
FIELDS = ("fingerprint", "rule", "path", "title", "reason")
DEFAULT_REASON = "in the baseline"


@dataclass(slots=True, frozen=True)
class Accepted:
    """One line of the baseline."""

    fingerprint: str
    rule: str
    path: str
    title: str = ""
    reason: str = ""


def read_baseline(file: Path) -> tuple[Accepted, ...]:
    """Read and check a baseline file."""
    try:
        document = json.loads(read_text(file, MOST))
    except InputError as error:
        raise InputError(error.what, where=str(file), remedy="make one with --write-baseline") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"not a JSON file: {error}", where=str(file)) from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise InputError(f"not a baseline of version {VERSION}", where=str(file))
    entries = document.get("findings")
    if not isinstance(entries, list):
        raise InputError("'findings' must be a list", where=str(file))
    return tuple(_entry(entry, number, file) for number, entry in enumerate(entries, 1))


def _entry(entry: object, number: int, file: Path) -> Accepted:
    if not isinstance(entry, dict) or not isinstance(entry.get("fingerprint"), str):
        raise InputError(f"entry {number} has no fingerprint", where=str(file))
    values = {name: entry.get(name, "") for name in FIELDS}
    if unknown := sorted(entry.keys() - set(FIELDS)):
        raise InputError(f"entry {number} has an unknown key '{unknown[0]}'", where=str(file))
    if not all(isinstance(value, str) for value in values.values()):
        raise InputError(f"entry {number} has a value that is not a string", where=str(file))
    return Accepted(**values)


def write_baseline(file: Path, findings: Iterable[Finding], known: Iterable[Accepted] = ()) -> int:
    """Write all findings; reasons given earlier are kept. Says how many were written.

    The file may lie in the tree of somebody else: no link is followed, and only a baseline is overwritten.
    """
    reasons = {entry.fingerprint: entry.reason for entry in (*_before(file), *known) if entry.reason}
    entries = {f.fingerprint: _accept(f, reasons.get(f.fingerprint, "")) for f in findings}
    ordered = sorted(entries.values(), key=lambda e: (e.path, e.rule, e.fingerprint))
    document = {"version": VERSION, "findings": [asdict(entry) for entry in ordered]}
    write_all(file.parent, {file.name: f"{json.dumps(document, indent=2)}\n".encode()})
    return len(ordered)


def _before(file: Path) -> tuple[Accepted, ...]:
    """The baseline that is about to be overwritten, if there is one; raises `InputError` for any other file."""
    if not inside(file.parent, file.name).exists():
        return ()
    try:
        return read_baseline(file)
    except InputError as error:
        raise InputError(
            "is no baseline, so it is not overwritten", where=str(file), remedy="give the name of a new file"
        ) from error


def _accept(finding: Finding, reason: str) -> Accepted:
    return Accepted(finding.fingerprint, finding.rule, finding.location.path, finding.title, reason)


def apply_baseline(
    findings: Sequence[Finding], baseline: Sequence[Accepted], file: str = "", *, complete: bool = True
) -> tuple[list[Finding], list[Suppressed], list[Notice]]:
    """Split findings into new and accepted; `complete` is False if only part of the rules were applied."""
    accepted = {entry.fingerprint: entry for entry in baseline}
    kept, suppressed = [], []
    for finding in findings:
        entry = accepted.get(finding.fingerprint)
        if entry is None:
            kept.append(finding)
        else:
            suppressed.append(Suppressed(finding, entry.reason or DEFAULT_REASON, "baseline"))
    stale = accepted.keys() - {finding.fingerprint for finding in findings}
    if not stale or not complete:
        return kept, suppressed, []
    text = f"{len(stale)} of {len(accepted)} baseline entries match nothing any more; write it anew"
    return kept, suppressed, [Notice("baseline", file, text, partial=False)]
