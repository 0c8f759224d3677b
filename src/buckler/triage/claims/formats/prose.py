"""Reports by people and models: Markdown or plain text that names places in files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from buckler.triage.claims.model import Claim, Names
from buckler.triage.claims.words import cwes, kinds

MOST_NAMES = 50
# A report is hostile input and any of these may meet a megabyte of its favorite letter: each begins only where nothing that it
# could begin with stands before, and gives nothing back (`+`, `*+`) where that cannot help.
PLACE = re.compile(
    r"(?<![\w./\\-])(?P<path>[\w./\\-]+\.(?:py|js|mjs|cjs|jsx|html?|jinja2?|j2|tpl))(?:`?\s*[:#]\s*L?|[`\s,(]+(?:(?:on|at)\s+)?lines?\s+)(?P<line>\d{1,9})",
    re.I,
)
FILE_ONLY = re.compile(r"(?<![\w./-])(?P<path>[\w./-]+\.py)\b")
FUNCTION = re.compile(
    r"`(?:\w+\.)*(\w+)\([^`]{0,40}\)?`|\bfunction\s+`(\w+)`|\bfunction\s+(\w+)\(|\bin\s+`?(?=\w+_\w)(\w++)`?\s+at\b|`(\w+)`\s+(?:in|of)\s+`[\w./-]+\.py`"
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


def reads(text: str) -> bool:
    """Any text that is no JSON."""
    return not text.lstrip().startswith("{")


def claims(text: str, names: Names) -> Iterator[Claim]:
    """One claim for each place that is named, with the words of its section; one without a place if it names a flaw."""
    found = sections(text, names)
    for number, section in enumerate(found):
        words = FENCE.sub(lambda m: f"{m['before'] or ''}\n", section)
        weaknesses, spoken = cwes(words), kinds(words, names)
        places = dict.fromkeys((m["path"], int(m["line"])) for m in PLACE.finditer(words))
        if not places and (weaknesses or spoken):
            places = dict.fromkeys((m["path"], 0) for m in FILE_ONLY.finditer(words))
        if (
            not places
            and _headed(section)
            and (weaknesses or spoken)
            and not _leads(section, found[number + 1 : number + 2])
        ):
            places = {("", 0): None}
        named = (next(filter(None, m.groups())) for m in FUNCTION.finditer(words))
        functions = tuple(islice(dict.fromkeys(named), MOST_NAMES))
        shown = quoted(section)
        denial = bool(DENIED.search(section))
        title = _title(section, names)
        for path, line in places:
            yield Claim(title.for_path(path), path, line, weaknesses, spoken, functions, shown, number, denial)


@dataclass(slots=True, frozen=True)
class _Title:
    """What the claims of a section are called."""

    first: str
    speaking: list[str]
    """Lines that name a kind of flaw."""

    def for_path(self, path: str) -> str:
        """The first line of the section, or of the part that names flaw and place if that does not."""
        own = self.first in self.speaking
        line = self.first if own else next((line for line in self.speaking if path in line), self.first)
        return line.strip().lstrip("#*+- ")


def _title(section: str, names: Names) -> _Title:
    lines = [line for line in section.splitlines() if line.strip()] or [""]
    return _Title(lines[0], [line for line in lines if kinds(line, names) or cwes(line)][:MOST_NAMES])


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


def sections(text: str, names: Names) -> list[str]:
    """Parts of a report that speak of one thing each: what stands under a heading, in an item, or in a paragraph of its own.

    An item or a paragraph is a part only if it names a kind of flaw and a place itself; others belong to what is before.
    """
    out: list[_Section] = []
    for part in _parts(text):
        heads = part.lstrip().startswith("#")
        placed = bool(PLACE.search(part) or FILE_ONLY.search(part))
        own = placed and bool(kinds(part, names) or cwes(part))
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
