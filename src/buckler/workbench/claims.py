"""What somebody else says about the code, held against the code: a report by a person, a tool, or a model.

A claim is a place and a kind of flaw. It is refuted when the place or the quoted code is not there, proved when the
flaw at that place can be reproduced, and otherwise not verified, with the reason.

Example::

    claims = read_claims(Path("report.md"))
    claims[0].path, claims[0].line, claims[0].cwe
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from buckler.base.encodings import UnknownEncoding
from buckler.base.errors import InputError
from buckler.base.files import inside, read_regular, read_text
from buckler.base.source import SourceFile, language_of
from buckler.finding.evidence import Outcome, Remediation
from buckler.finding.model import Finding, Grade, Rule
from buckler.weaknesses.registry import known_as

LARGEST = 20_000_000
MOST_CLAIMS = 10_000
MOST_NAMES = 50
NEAR = 2
"""Lines a claim may be off."""
# A report is hostile input and any of these may meet a megabyte of its favorite letter: each begins only where nothing that it
# could begin with stands before, and gives nothing back (`+`, `*+`) where that cannot help.
PLACE = re.compile(
    r"(?<![\w./\\-])(?P<path>[\w./\\-]+\.(?:py|js|mjs|cjs|jsx|html?|jinja2?|j2|tpl))(?:`?\s*[:#]\s*L?|[`\s,(]+(?:(?:on|at)\s+)?lines?\s+)(?P<line>\d{1,9})",
    re.I,
)
FILE_ONLY = re.compile(r"(?<![\w./-])(?P<path>[\w./-]+\.py)\b")
CWE = re.compile(r"CWE[-_ ]?(\d{1,4})", re.I)
FUNCTION = re.compile(
    r"`(?:\w+\.)*(\w+)\([^`]{0,40}\)?`|\bfunction\s+`?(\w+)`?|\bin\s+`?(?=\w+_\w)(\w++)`?\s+at\b|`(\w+)`\s+(?:in|of)\s+`[\w./-]+\.py`"
)
DENIED = re.compile(r"\b(there is no|there are no|is not vulnerable|is safe|are safe|no longer)\b", re.I)
"""Words of sentences that say there is nothing, and of true claims too ("there is no escaping at all")."""
FENCE = re.compile(r"(?:^(?P<before>[^\n]++)\n++|\A\n++)```(?P<language>\w*+)[^\n]*+\n(?P<code>.*?)```", re.S | re.M)
GAP = re.compile(r"\n\s*+")
PART = re.compile(r"#{1,4} |[-*+] |\d++[.)] ")
INTRODUCED = re.compile(r"\b(code|snippet|lines?|source|function|vulnerable|here is|reads?|looks like)\b|\.py\b", re.I)
"""What is said before code of the project is shown, rather than an attack or what came of it."""
ATTACKING = re.compile(
    r"^[^\S\n]*+(?:[$>#]\s|curl\b|GET |POST |HTTP/|import requests|from pwn|requests\.|urllib|python3? |\{|\[|<)|payload|exploit|proof of concept",
    re.I | re.M,
)
Kinds = tuple[tuple[int, ...], tuple[str, ...]]
"""Weaknesses by number, and rules."""


@dataclass(slots=True, frozen=True)
class Claim:
    """One thing a report says."""

    text: str
    path: str
    """Empty for what names no place, which cannot be checked."""
    line: int
    cwe: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    """Rules whose flaw the words speak of."""
    functions: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    """Lines of code the report shows as being there."""
    section: int = 0
    """Claims of one section are about one thing, told at several places."""
    denial: bool = False
    """Whether its words may say that there is no flaw. It is judged all the same, since words alone refute nothing."""


@dataclass(slots=True, frozen=True)
class Verdict:
    """What is known about a claim after looking."""

    claim: Claim
    outcome: Outcome
    reason: str
    finding: Finding | None = None
    defence: Remediation | None = None


def read_claims(file: Path) -> list[Claim]:
    """The claims of a Markdown, text or SARIF file; raises `InputError`."""
    text = read_text(file, LARGEST).removeprefix("\ufeff")
    claims = _sarif(text, file) if text.lstrip().startswith("{") else _prose(text)
    found = list(islice(claims, MOST_CLAIMS + 1))
    if not found:
        raise InputError(
            "names no place in a file",
            where=str(file),
            remedy="a claim needs a file and a line, such as shop/app.py:12",
        )
    if len(found) > MOST_CLAIMS:
        raise InputError(f"names more than {MOST_CLAIMS:,} places", where=str(file), remedy="check it in parts")
    return found


def _sarif(text: str, file: Path) -> Iterator[Claim]:
    try:
        runs = json.loads(text)["runs"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("is no SARIF file", where=str(file)) from error
    number = 0
    for run in _rows(runs):
        rules = _rule_kinds(run)
        for result in _rows(run.get("results")):
            yield replace(_sarif_claim(result, rules), section=number)
            number += 1


def _rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list; whatever else stands there is passed over."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _rule_kinds(run: dict[str, Any]) -> dict[str, Kinds]:
    """What the texts of each rule speak of."""
    try:
        rows = _rows(run["tool"]["driver"].get("rules"))
        texts = ((str(row.get("id")), json.dumps(row)) for row in rows)
        return {name: (_cwes(text), _kinds(text)) for name, text in texts}
    except (KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _sarif_claim(result: dict[str, Any], rules: dict[str, Kinds]) -> Claim:
    """A result, also one whose place is missing or makes no sense: that it cannot be checked is said."""
    message = result.get("message")
    words = str(message.get("text", "")) if isinstance(message, dict) else ""
    rule = str(result.get("ruleId") or "")
    path, line = _sarif_place(result)
    about = f"{words} {rule}"
    cwes, kinds = rules.get(rule, ((), ()))
    return Claim(
        words or rule or "a result without a message",
        path,
        line,
        tuple(dict.fromkeys((*_cwes(about), *cwes))),
        tuple(dict.fromkeys((*_kinds(about), *kinds))),
    )


def _sarif_place(result: dict[str, Any]) -> tuple[str, int]:
    """File and line of a result, or nothing."""
    try:
        place = result["locations"][0]["physicalLocation"]
        path = str(place["artifactLocation"]["uri"]).removeprefix("file://")
        line = int(place.get("region", {}).get("startLine", 1))
    except (KeyError, TypeError, IndexError, ValueError, AttributeError, OverflowError, RecursionError):
        return "", 0
    return (path, line) if 0 < line <= LARGEST else ("", 0)


def _prose(text: str) -> Iterator[Claim]:
    """One claim for each place that is named, with the words of its section; one without a place if it names a flaw."""
    found = sections(text)
    for number, section in enumerate(found):
        words = FENCE.sub(lambda m: f"{m['before'] or ''}\n", section)
        cwes, kinds = _cwes(words), _kinds(words)
        places = dict.fromkeys((m["path"], int(m["line"])) for m in PLACE.finditer(words))
        if not places and (cwes or kinds):
            places = dict.fromkeys((m["path"], 0) for m in FILE_ONLY.finditer(words))
        if not places and _headed(section) and (cwes or kinds) and not _leads(section, found[number + 1 : number + 2]):
            places = {("", 0): None}
        named = (next(filter(None, m.groups())) for m in FUNCTION.finditer(words))
        functions = tuple(islice(dict.fromkeys(named), MOST_NAMES))
        shown = quoted(section)
        denial = bool(DENIED.search(section))
        for path, line in places:
            yield Claim(_title(section, path), path, line, cwes, kinds, functions, shown, number, denial)


def _title(section: str, path: str) -> str:
    """What a claim is called: the first line of its section, or of the part that names flaw and place if that does not."""
    lines = [line for line in section.splitlines() if line.strip()] or [""]
    speaking = [line for line in lines if _kinds(line) or _cwes(line)]
    own = lines[0] if lines[0] in speaking else next((line for line in speaking if path in line), lines[0])
    return own.strip().lstrip("#*+- ")


def _headed(section: str) -> bool:
    return PART.match(section.lstrip()) is not None


def _leads(section: str, following: Sequence[str]) -> bool:
    """Whether a section only stands above others: the next heading is a deeper one."""
    return bool(following) and 0 < _level(section) < _level(following[0])


def _level(section: str) -> int:
    text = section.lstrip()
    return len(text) - len(text.lstrip("#"))


@dataclass(slots=True)
class _Section:
    """Parts that speak of one thing."""

    parts: list[str]
    placed: bool
    """Whether one of them names a file."""


def sections(text: str) -> list[str]:
    """Parts of a report that speak of one thing each: what stands under a heading, in an item, or in a paragraph of its own.

    An item or a paragraph is a part only if it names a kind of flaw and a place itself; others belong to what is before.
    """
    out: list[_Section] = []
    for part in _parts(text):
        heads = part.lstrip().startswith("#")
        placed = bool(PLACE.search(part) or FILE_ONLY.search(part))
        own = placed and bool(_kinds(part) or _cwes(part))
        # Behind a heading that said what it is, the first part with a place says where.
        if out and not heads and not (own and out[-1].placed):
            out[-1].parts.append(part)
            out[-1].placed |= placed
        else:
            out.append(_Section([part], placed))
    return ["\n\n".join(section.parts) for section in out]


def _parts(text: str) -> Iterator[str]:
    """What stands between blank lines, headings and items; a blank line before code is none."""
    at = 0
    for gap in GAP.finditer(text):
        blank = gap[0].rfind("\n") if not text.startswith("```", gap.end()) else 0
        if blank or PART.match(text, gap.start() + 1):
            yield text[at : gap.start()]
            at = gap.start() + blank + 1
    yield text[at:]


def quoted(section: str) -> tuple[str, ...]:
    """Lines shown as code of the project; attacks, answers and what is cut short are none."""
    out: list[str] = []
    for fence in FENCE.finditer(section):
        code = fence["code"]
        if (
            fence["language"].lower() in ("", "python", "py")
            and INTRODUCED.search(fence["before"])
            and not ATTACKING.search(code)
        ):
            out += [line.strip() for line in code.splitlines() if len(line.strip()) > 8 and "..." not in line]
    return tuple(out[:MOST_NAMES])


def _cwes(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(n) for n in CWE.findall(text)))


def _kinds(text: str) -> tuple[str, ...]:
    lower = text.lower()
    return tuple(dict.fromkeys(rule for word, rule in known_as().items() if word in lower))


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
