"""Literate suites: Markdown whose snippets are reviewed, with the expected findings beside the lines.

A section is a program. Its fences are the files, named by a line `File: helpers.py` before the fence; a single
fence needs no name. The head of the page names the rules it is about, and only those are compared::

    exec(query)         #! code-injection              found, and must be
    exec(query)         #! MISSING code-injection      should be found, but is not yet
    exec("fixed")       #! SPURIOUS code-injection     is found, but should not be

A known mistake that is repaired fails its test until the mark is corrected, so that no mark can be stale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.libraries.model import LibraryModels
from buckler.base.source import SourceFile, language_of
from buckler.review.rulebook import RuleBook
from buckler.weaknesses.registry import rulebook
from buckler.review.run import review_tree

HERE = Path(__file__).parent
ENDINGS = {"python": ".py", "javascript": ".js"}
HEAD = re.compile(r"\A---\nrules: (.+)\n---\n")
HEADING = re.compile(r"(?m)^#+ +(.+)$")
FENCE = re.compile(r"(?ms)(?:^File: (\S+)\n+)?^```(\w+)\n(.*?)^```$")
MARK = re.compile(r"(?:#|//)! *(.+)$")

Place = tuple[str, int, str]
"""File, line, rule."""


@dataclass(slots=True)
class Section:
    """One program of a suite with what is expected of its review."""

    language: str
    title: str
    rules: frozenset[str]
    files: dict[str, str] = field(default_factory=dict)


@cache
def rules() -> RuleBook:
    return rulebook()


@cache
def knowledge() -> dict[str, LibraryModels]:
    return {language: load_libraries(language) for language in ENDINGS}


def sections(path: Path) -> list[Section]:
    text = path.read_text("utf-8")
    head = HEAD.match(text)
    assert head, f"{path}: no `rules:` between `---` lines at the top"
    wanted = frozenset(re.split(r",\s*", head[1].strip()))
    assert wanted <= set(rules().rules), f"{path}: {wanted - set(rules().rules)} are no rules"
    language = path.parent.name
    out: list[Section] = []
    bodies = hide_fences(text)
    starts = [m.start() for m in HEADING.finditer(bodies)] + [len(text)]
    for start, end in zip(starts, starts[1:], strict=False):
        title = text[start:end].partition("\n")[0].lstrip("# ")
        section = Section(language, title, wanted)
        for name, _, code in FENCE.findall(text[start:end]):
            file = name or "example" + ENDINGS[language]
            assert file not in section.files, f"{path}: {title!r} has two files {file}"
            section.files[file] = code
        if section.files:
            out.append(section)
    return out


def hide_fences(text: str) -> str:
    """The text with code blanked out, where a comment may look like a heading."""
    return FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def marks(files: dict[str, str]) -> tuple[set[Place], set[Place]]:
    """What the review must tell, the known mistakes included, and what should be told but is not yet."""
    told: set[Place] = set()
    missing: set[Place] = set()
    for name, code in files.items():
        for number, line in enumerate(code.splitlines(), 1):
            mark = MARK.search(line)
            target = told
            for word in mark[1].split() if mark else []:
                if word.isupper():
                    target = {"MISSING": missing, "SPURIOUS": told}[word]
                else:
                    assert word in rules().rules, f"{word} is no rule"
                    target.add((name, number, word))
    return told, missing


def found(section: Section) -> set[Place]:
    files = [
        SourceFile(name, language_of(name) or section.language, data=code.encode())
        for name, code in section.files.items()
    ]
    review = review_tree(files, book=rules(), tables=knowledge(), jobs=1)
    return {(f.location.path, f.location.line, f.rule) for f in review.findings if f.rule in section.rules}


def cases() -> list[object]:
    return [
        pytest.param(section, id=f"{path.parent.name}/{path.stem}: {section.title}")
        for path in sorted(HERE.glob("*/*.md"))
        for section in sections(path)
    ]


@pytest.mark.parametrize("section", cases())
def test_section(section: Section) -> None:
    told, missing = marks(section.files)
    assert {rule for _, _, rule in told | missing} <= section.rules
    assert found(section) == told, "MISSING is found now: take the mark off" if found(section) & missing else ""
