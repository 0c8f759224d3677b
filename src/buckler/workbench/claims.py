"""What somebody else says about the code, held against the code: a report by a person, a tool, or a model.

A claim is a place and a kind of flaw. It is refuted when the place or the quoted code is not there, proved when the
flaw at that place can be reproduced, and otherwise not verified, with the reason.

Example::

    claims = read_claims(Path("report.md"))
    claims[0].path, claims[0].line, claims[0].cwe
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from buckler.base.encodings import UnknownEncoding
from buckler.base.errors import InputError
from buckler.base.files import inside, read_regular, read_text
from buckler.base.source import SourceFile, language_of
from buckler.finding.evidence import Outcome, Remediation
from buckler.finding.model import Finding, Grade, Rule
from buckler.triage.claims.formats import claims
from buckler.triage.claims.model import Claim
from buckler.weaknesses.registry import known_as

LARGEST = 20_000_000
MOST_CLAIMS = 10_000
NEAR = 2
"""Lines a claim may be off."""


@dataclass(slots=True, frozen=True)
class Verdict:
    """What is known about a claim after looking."""

    claim: Claim
    outcome: Outcome
    reason: str
    finding: Finding | None = None
    defence: Remediation | None = None


def read_claims(file: Path) -> list[Claim]:
    """The claims of a report; raises `InputError`."""
    text = read_text(file, LARGEST).removeprefix("\ufeff")
    try:
        found = list(islice(claims(text, known_as()), MOST_CLAIMS + 1))
    except ValueError as error:
        raise InputError(str(error), where=str(file)) from error
    if not found:
        raise InputError(
            "names no place in a file",
            where=str(file),
            remedy="a claim needs a file and a line, such as shop/app.py:12",
        )
    if len(found) > MOST_CLAIMS:
        raise InputError(f"names more than {MOST_CLAIMS:,} places", where=str(file), remedy="check it in parts")
    return found


class Tree:
    """The files of a project by name, and their text; links are no files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names: dict[str, list[str]] = {}
        self._last = ""
        self._read: _Read | None = None
        for folder, _, names in os.walk(root):
            for name in names:
                path = (Path(folder) / name).relative_to(root).as_posix()
                self.names.setdefault(name, []).append(path)

    def regular(self, path: str) -> bool:
        try:
            return stat.S_ISREG(inside(self.root, path).lstat().st_mode)
        except (InputError, OSError, ValueError):
            return False

    def read(self, path: str) -> _Read | None:
        """The text of a file, None if it cannot be read; the last one is kept, as claims come file by file."""
        if path != self._last:
            self._last = path
            try:
                data = read_regular(inside(self.root, path), LARGEST)
                text = SourceFile(path, language_of(path), data=data).text().decode("utf-8", "replace")
                self._read = _Read(text, "\n".join("".join(line.split()) for line in text.splitlines()))
            except UnknownEncoding:
                self._read = UNKNOWN
            except InputError:
                self._read = None
        return self._read


@dataclass(slots=True, frozen=True)
class _Read:
    text: str
    plain: str
    """The same without blanks, line by line."""


UNKNOWN = _Read("", "")
"""Of a file in an encoding that is not read: it speaks against no claim."""


def located(claim: Claim, tree: Tree) -> tuple[str, str]:
    """The file of a claim as a path in the project, or empty with the reason why the claim cannot be true."""
    if not claim.path:
        return "", "not checkable: it names no place in a file, such as shop/app.py:12"
    wanted = claim.path.replace("\\", "/").removeprefix("./")
    if ".." in wanted.split("/"):
        return "", f"{claim.path} leads out of the project"
    wanted = wanted.lstrip("./")
    if tree.regular(wanted):
        return _readable(wanted, tree)
    same = tree.names.get(wanted.rpartition("/")[2], ())
    ending = [p for p in same if (f"/{wanted}".endswith(f"/{p}") or f"/{p}".endswith(f"/{wanted}")) and tree.regular(p)]
    if len(ending) == 1:
        return _readable(ending[0], tree)
    return "", f"there is no file {claim.path}" if not ending else f"{claim.path} may be any of {len(ending)} files"


def _readable(path: str, tree: Tree) -> tuple[str, str]:
    return (path, "") if tree.read(path) is not None else ("", f"{path} cannot be read, or is too large")


def contradicted(claim: Claim, path: str, tree: Tree) -> str:
    """Why the claim cannot be about this code, or empty: a line or a function that is not there."""
    read = tree.read(path)
    if read is None or read is UNKNOWN:
        return ""
    text = read.text
    lines = text.count("\n") + (not text.endswith("\n"))
    if claim.line > lines:
        return f"{path} has {lines} lines, not {claim.line}"
    if not claim.line and claim.functions and not any(re.search(rf"\b{f}\b", text) for f in claim.functions):
        return f"there is no `{claim.functions[0]}` in {path}"
    return ""


def invented(claim: Claim, path: str, tree: Tree) -> str:
    """The same for code that is quoted and nowhere in the file; a flaw that is shown is true whatever was quoted."""
    read = tree.read(path)
    if read is None or read is UNKNOWN:
        return ""
    if claim.quoted and not any("".join(q.split()) in read.plain for q in claim.quoted):
        return f"the code it quotes is not in {path}"
    return ""


def matching(claim: Claim, path: str, findings: Sequence[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """Findings of the review that are about the same place and the same kind of flaw, the nearest first."""
    families = {rule.id: set(rule.cwe) for rule in rules}

    def same_kind(f: Finding) -> bool:
        if not claim.cwe and not claim.kinds:
            return True
        return f.rule in claim.kinds or bool(families.get(f.rule, set(f.cwe)) & set(claim.cwe))

    def distance(f: Finding) -> int:
        places = [(s.location.path, s.location.line) for s in f.flow] + [(f.location.path, f.location.line)]
        here = [abs(line - claim.line) for p, line in places if p == path]
        functions = {name.rpartition(".")[2] for name in (f.function, *(s.function for s in f.flow))}
        if not claim.line:
            return 0 if here and (not claim.functions or functions & set(claim.functions)) else 10**6
        return min(here, default=10**6)

    return sorted((f for f in findings if same_kind(f) and distance(f) <= NEAR), key=distance)


def judged(claim: Claim, path: str, defence: Remediation | None) -> Verdict:
    """The verdict when the claim's code is there."""
    read_so = "it reads as a denial of a flaw, and " if claim.denial else ""
    if defence is None:
        what = " or ".join(claim.kinds) or ", ".join(f"CWE-{n}" for n in claim.cwe) or "flaw"
        where = f"within {NEAR} lines of {path}:{claim.line}" if claim.line else f"there in {path}"
        return Verdict(claim, Outcome.NOT_VERIFIED, f"{read_so}the review sees no {what} {where}")
    if defence.grade in (Grade.REPRODUCED, Grade.FIXED):
        words = defence.proof.effect if defence.proof else ""
        return Verdict(claim, Outcome.PROVED, words, defence.finding, defence)
    reason = next((r.reason for r in defence.rungs if r.name == "F4"), "it was not tried")
    sees = "it reads as a denial of a flaw, yet the review sees one" if claim.denial else "the review agrees"
    return Verdict(claim, Outcome.NOT_VERIFIED, f"{sees} ({defence.grade}), but {reason}", defence.finding, defence)
