"""What somebody else says about the code, held against the code: a report by a person, a tool, or a model.

A claim is a place and a kind of flaw. It is refuted when the place or the quoted code is not there, proved when the
flaw at that place can be reproduced, and otherwise not verified, with the reason.

Example::

    claims = read_claims(Path("report.md"))
    claims[0].path, claims[0].line, claims[0].cwe
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buckler.base.encodings import UnknownEncoding
from buckler.base.errors import InputError
from buckler.base.source import SourceFile, language_of
from buckler.finding.evidence import Defence, Outcome
from buckler.finding.model import Finding, Grade, Rule

LARGEST = 20_000_000
NEAR = 2
"""Lines a claim may be off."""
PLACE = re.compile(
    r"(?P<path>[\w./\\-]+\.(?:py|js|mjs|cjs|jsx|html?|jinja2?|j2|tpl))(?:`?\s*[:#]\s*L?|[`\s,(]+(?:(?:on|at)\s+)?lines?\s+)(?P<line>\d+)",
    re.I,
)
FILE_ONLY = re.compile(r"(?<![\w/])(?P<path>[\w./-]+\.py)\b")
CWE = re.compile(r"CWE[-_ ]?(\d{1,4})", re.I)
FUNCTION = re.compile(
    r"`(?:\w+\.)*(\w+)\([^`]{0,40}\)?`|\bfunction\s+`?(\w+)`?|\bin\s+`?(\w+_\w+)`?\s+at\b|`(\w+)`\s+(?:in|of)\s+`[\w./-]+\.py`"
)
DENIED = re.compile(r"\b(there is no|there are no|is not vulnerable|is safe|are safe|no longer)\b", re.I)
"""Sentences that say there is nothing."""
FENCE = re.compile(r"(?P<before>[^\n]*)\n+```(?P<language>\w*)[^\n]*\n(?P<code>.*?)```", re.S)
INTRODUCED = re.compile(r"\b(code|snippet|lines?|source|function|vulnerable|here is|reads?|looks like)\b|\.py\b", re.I)
"""What is said before code of the project is shown, rather than an attack or what came of it."""
ATTACKING = re.compile(
    r"^\s*(?:[$>#]\s|curl\b|GET |POST |HTTP/|import requests|from pwn|requests\.|urllib|python3? |\{|\[|<)|payload|exploit|proof of concept",
    re.I | re.M,
)
KINDS = {
    "sql": "sql-injection", "command": "command-injection", "shell": "command-injection", "traversal": "path-traversal",
    "deseriali": "unsafe-deserialisation", "pickle": "unsafe-deserialisation", "yaml": "unsafe-deserialisation", "ssrf": "ssrf",
    "server-side request": "ssrf", "cross-site scripting": "xss", "xss": "xss", "redirect": "open-redirect", "xxe": "xxe",
    "external entit": "xxe", "ldap": "ldap-injection", "xpath": "xpath-injection", "template injection": "template-injection",
    "ssti": "template-injection", "code injection": "code-injection", "eval": "code-injection", "redos": "redos",
    "denial of service": "redos", "header injection": "header-injection", "crlf": "header-injection", "log injection": "log-injection",
}  # fmt: skip


@dataclass(slots=True, frozen=True)
class Claim:
    """One thing a report says."""

    text: str
    path: str
    line: int
    cwe: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    """Rules whose flaw the words speak of."""
    functions: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    """Lines of code the report shows as being there."""
    section: int = 0
    """Claims of one section are about one thing, told at several places."""


@dataclass(slots=True, frozen=True)
class Verdict:
    """What is known about a claim after looking."""

    claim: Claim
    outcome: Outcome
    reason: str
    finding: Finding | None = None
    defence: Defence | None = None


def read_claims(file: Path) -> list[Claim]:
    """The claims of a Markdown, text or SARIF file; raises `InputError`."""
    try:
        if file.stat().st_size > LARGEST:
            raise InputError("is larger than a report should be", where=str(file))
        text = file.read_text("utf-8", "replace")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from error
    found = list(_sarif(text, file)) if text.lstrip().startswith("{") else list(_prose(text))
    if not found:
        raise InputError(
            "names no place in a file",
            where=str(file),
            remedy="a claim needs a file and a line, such as shop/app.py:12",
        )
    return found


def _sarif(text: str, file: Path) -> Iterator[Claim]:
    try:
        data = json.loads(text)
        runs = data["runs"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("is no SARIF file", where=str(file)) from error
    for run in runs if isinstance(runs, list) else ():
        rules = _rule_texts(run)
        for result in run.get("results", ()):
            claim = _sarif_claim(result, rules)
            if claim is not None:
                yield claim


def _rule_texts(run: Any) -> dict[str, str]:
    try:
        rows = run["tool"]["driver"].get("rules", [])
        return {str(row.get("id")): json.dumps(row) for row in rows}
    except (KeyError, TypeError, AttributeError):
        return {}


def _sarif_claim(result: Any, rules: dict[str, str]) -> Claim | None:
    try:
        place = result["locations"][0]["physicalLocation"]
        path = str(place["artifactLocation"]["uri"]).removeprefix("file://")
        line = int(place.get("region", {}).get("startLine", 1))
        words = str(result.get("message", {}).get("text", ""))
    except (KeyError, TypeError, IndexError, ValueError):
        return None
    about = f"{words} {result.get('ruleId', '')} {rules.get(str(result.get('ruleId')), '')}"
    return Claim(words, path, line, _cwes(about), _kinds(about))


def _prose(text: str) -> Iterator[Claim]:
    """One claim for each place that is named, with the words of its section."""
    for number, section in enumerate(sections(text)):
        if DENIED.search(section):
            continue
        words = FENCE.sub(lambda m: f"{m['before']}\n", section)
        places = dict.fromkeys((m["path"], int(m["line"])) for m in PLACE.finditer(words))
        if not places:
            places = dict.fromkeys((m["path"], 0) for m in FILE_ONLY.finditer(words) if _kinds(words) or _cwes(words))
        functions = tuple(dict.fromkeys(next(filter(None, m.groups())) for m in FUNCTION.finditer(words)))
        title = section.strip().splitlines()[0].lstrip("#*+- ")
        for path, line in places:
            yield Claim(title, path, line, _cwes(words), _kinds(words), functions, quoted(section), number)


def sections(text: str) -> list[str]:
    """Parts of a report that speak of one thing each: what stands under a heading, in an item, or in a paragraph of its own.

    An item or a paragraph is a part only if it names a kind of flaw and a place itself; others belong to what is before.
    """
    out: list[str] = []
    for part in re.split(r"\n(?=#{1,4} |[-*+] |\d+[.)] )|\n\s*\n(?!\s*```)", text):
        own = bool(PLACE.search(part) or FILE_ONLY.search(part)) and bool(_kinds(part) or _cwes(part))
        if out and not part.lstrip().startswith("#") and not own:
            out[-1] += f"\n\n{part}"
        elif (
            out
            and own
            and not part.lstrip().startswith("#")
            and not PLACE.search(out[-1])
            and not FILE_ONLY.search(out[-1])
        ):
            out[-1] += f"\n\n{part}"  # the heading said what it is, this says where
        else:
            out.append(part)
    return out


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
    return tuple(out)


def _cwes(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(n) for n in CWE.findall(text)))


def _kinds(text: str) -> tuple[str, ...]:
    lower = text.lower()
    return tuple(dict.fromkeys(rule for word, rule in KINDS.items() if word in lower))


def located(claim: Claim, root: Path) -> tuple[str, str]:
    """The file of a claim as a path in the project, or empty with the reason why the claim cannot be true."""
    wanted = claim.path.replace("\\", "/").lstrip("./")
    if (root / wanted).is_file():
        return wanted, ""
    same = [p.relative_to(root).as_posix() for p in root.rglob(wanted.rsplit("/", 1)[-1]) if p.is_file()]
    ending = [p for p in same if f"/{wanted}".endswith(f"/{p}") or f"/{p}".endswith(f"/{wanted}")]
    if len(ending) == 1:
        return ending[0], ""
    return "", f"there is no file {claim.path}" if not ending else f"{claim.path} may be any of {len(ending)} files"


def text_of(path: str, root: Path) -> str:
    """A file as its language reads it; empty when it cannot be decoded, so that it speaks against no claim."""
    try:
        return SourceFile(path, language_of(path), absolute=root / path).text().decode("utf-8", "replace")
    except UnknownEncoding:
        return ""


def contradicted(claim: Claim, path: str, root: Path) -> str:
    """Why the claim cannot be about this code, or empty: a line or a function that is not there."""
    text = text_of(path, root)
    lines = text.count("\n") + (not text.endswith("\n"))
    if not text:
        return ""
    if claim.line > lines:
        return f"{path} has {lines} lines, not {claim.line}"
    if not claim.line and claim.functions and not any(re.search(rf"\b{f}\b", text) for f in claim.functions):
        return f"there is no `{claim.functions[0]}` in {path}"
    return ""


def invented(claim: Claim, path: str, root: Path) -> str:
    """The same for code that is quoted and nowhere in the file; a flaw that is shown is true whatever was quoted."""
    text = text_of(path, root)
    plain = {"".join(line.split()) for line in text.splitlines()}
    if text and claim.quoted and not any("".join(q.split()) in text for q in claim.quoted for text in plain if text):
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


def judged(claim: Claim, path: str, defence: Defence | None) -> Verdict:
    """The verdict when the claim's code is there."""
    if defence is None:
        what = " or ".join(claim.kinds) or ", ".join(f"CWE-{n}" for n in claim.cwe) or "a flaw"
        where = f"within {NEAR} lines of {path}:{claim.line}" if claim.line else f"there in {path}"
        return Verdict(claim, Outcome.NOT_VERIFIED, f"the review sees no {what} {where}")
    if defence.grade in (Grade.REPRODUCED, Grade.FIXED):
        words = defence.proof.effect if defence.proof else ""
        return Verdict(claim, Outcome.PROVED, words, defence.finding, defence)
    reason = next((r.reason for r in defence.rungs if r.name == "F4"), "it was not tried")
    return Verdict(
        claim, Outcome.NOT_VERIFIED, f"the review agrees ({defence.grade}), but {reason}", defence.finding, defence
    )
