"""A bundle as it is read: what somebody claims, checked for its form and confined to the project, and nothing believed.

Only what is needed to look again is taken: which finding, in which files, with which test and which change. Rungs, grades and
other results in a bundle are its author's words.

Example::

    claim = read_claim(Path("evidence/ec96bfd2"), Path("shop"))
    claim.finding.fingerprint, claim.edits
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buckler.base.errors import InputError
from buckler.base.files import inside, read_regular, read_text
from buckler.finding.evidence import Edit, TestFile
from buckler.workbench.bundle import EVIDENCE, FORMAT, sha256

MOST_EVIDENCE = 64_000_000
MOST_FILE = 20_000_000
MOST_EDITS = 10_000
TEST = re.compile(r"(?:[\w.][\w.-]*/)*test_\w+\.py")
DIGEST = re.compile(r"[0-9a-f]{64}")
FINGERPRINT = re.compile(r"[0-9a-f]{8,64}")
Row = Mapping[str, Any]


@dataclass(slots=True, frozen=True)
class Claim:
    """What a bundle says."""

    folder: Path
    rule: str
    path: str
    line: int
    fingerprint: str
    files: Mapping[str, str]
    """SHA-256 of each reviewed file."""
    test: TestFile | None
    fixed: bool
    edits: tuple[Edit, ...] = ()
    diff: str = ""
    patched: Mapping[str, str] | None = None
    """SHA-256 of each file after the edits."""


class _Form(Exception):
    """The words say which value has another form than it should."""


def read_claim(bundle: Path, project: Path) -> Claim:
    """The claim of a bundle; raises `InputError` for what cannot be read or leads out of the project or the bundle."""
    folder = bundle if bundle.is_dir() else bundle.parent
    file = inside(folder, EVIDENCE) if bundle.is_dir() else bundle
    try:
        data = json.loads(read_text(file, MOST_EVIDENCE))
    except (ValueError, RecursionError) as error:
        raise InputError(
            "is no evidence that can be read", where=str(file), remedy="give the folder that holds evidence.json"
        ) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT or isinstance(data["format"], bool):
        raise InputError("is a bundle of another format", where=str(file), remedy=f"this version reads format {FORMAT}")
    try:
        claim = _claim(folder, data)
    except _Form as wrong:
        raise InputError(f"is no evidence: {wrong}", where=str(file), remedy="it was damaged or made by hand") from None
    for path in (claim.path, *claim.files, *(edit.path for edit in claim.edits), *(claim.patched or ())):
        inside(project, path)
    if claim.test is not None:
        inside(project, claim.test.path)
    return claim


def _claim(folder: Path, data: Row) -> Claim:
    finding = _row(data, "finding")
    location = _row(finding, "location")
    fixed = _text(data, "grade") == "fixed"
    edits, diff = _patch(data) if fixed else ((), "")
    return Claim(
        folder,
        _text(finding, "rule"),
        _text(location, "path"),
        _number(location, "line"),
        _matching(_text(finding, "fingerprint"), FINGERPRINT, "fingerprint"),
        _digests(_row(data, "project"), "files"),
        None if data.get("proof") is None else _test(_row(_row(data, "proof"), "test")),
        fixed,
        edits,
        diff,
        _digests(data, "patched") if fixed else None,
    )


def _test(row: Row) -> TestFile:
    return TestFile(_matching(_text(row, "path"), TEST, "test.path"), _text(row, "text"))


def _patch(data: Row) -> tuple[tuple[Edit, ...], str]:
    patches = data.get("patches")
    if not isinstance(patches, list) or not patches or not isinstance(patches[0], dict):
        raise _Form("'patches' must be a list with the verified patch")
    patch = _row(patches[0], "patch")
    rows = patch.get("edits")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not 0 < len(rows) <= MOST_EDITS:
        raise _Form("'edits' must be a list of changes")
    edits = tuple(Edit(_text(r, "path"), _number(r, "start"), _number(r, "end"), _text(r, "text")) for r in rows)
    return edits, _text(patch, "diff")


def _row(row: Row, name: str) -> Row:
    value = row.get(name)
    if not isinstance(value, dict):
        raise _Form(f"'{name}' must be an object")
    return value


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise _Form(f"'{name}' must be a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Form(f"'{name}' is not a string") from None
    return value


def _number(row: Row, name: str) -> int:
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_EVIDENCE:
        raise _Form(f"'{name}' must be a whole number")
    return value


def _matching(text: str, form: re.Pattern[str], name: str) -> str:
    if not form.fullmatch(text):
        raise _Form(f"'{name}' has an invalid form")
    return text


def _digests(row: Row, name: str) -> dict[str, str]:
    value = _row(row, name)
    if not all(isinstance(digest, str) and DIGEST.fullmatch(digest) for digest in value.values()):
        raise _Form(f"'{name}' must give a SHA-256 for each file")
    return dict(value)


def differences(claim: Claim, project: Path) -> list[str]:
    """Reviewed files that are missing or other than they were; the finding's own is one of them in any case."""
    files = {claim.path: "", **claim.files}
    return [path for path, digest in sorted(files.items()) if digest_of(project, path) != digest]


def altered(claim: Claim) -> str:
    """The first file of a bundle that does not agree with its evidence, or empty."""
    wanted = {Path(claim.test.path).name: claim.test.text} if claim.test is not None else {}
    if claim.fixed:
        wanted["fix.patch"] = claim.diff
    for name, text in wanted.items():
        if digest_of(claim.folder, name) != sha256(text.encode()):
            return name
    if claim.fixed:
        return "" if _subjects(claim) == claim.patched else "statement.json"
    # Without a claimed fix nothing of these is looked at, so they must not be there to be taken for verified.
    return next((name for name in ("fix.patch", "statement.json") if os.path.lexists(claim.folder / name)), "")


def _subjects(claim: Claim) -> dict[str, str] | None:
    """Files and digests that the statement is about; None if it cannot be read or says anything but passed."""
    try:
        data = json.loads(read_text(inside(claim.folder, "statement.json"), MOST_FILE))
        if data["predicate"]["result"] != "PASSED":
            return None
        return {str(s["name"]): str(s["digest"]["sha256"]) for s in data["subject"]}
    except (InputError, ValueError, KeyError, TypeError, RecursionError):
        return None


def digest_of(root: Path, path: str) -> str:
    """The SHA-256 of a file, empty for one that cannot be read."""
    try:
        return sha256(read_regular(inside(root, path), MOST_FILE))
    except InputError:
        return ""
