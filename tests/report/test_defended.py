"""What was proved and fixed, in every format exactly as committed; hostile code stays text in all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from buckler.finding.evidence import (
    Edit,
    Exposure,
    Outcome,
    Patch,
    Proof,
    ProofKind,
    Remediation,
    Rung,
    VerifiedPatch,
)
from buckler.finding.evidence import (
    TestFile as Emitted,
)
from buckler.finding.model import Grade
from buckler.report.defence import render_text
from buckler.report.defended import render_html, render_json
from buckler.report.markdown_defence import render_markdown
from golden import check
from review_sample import HOSTILE, RULES, hostile, sql_injection, weak_hash

HERE = Path(__file__).parent
KNOWN = {rule.id: rule for rule in RULES}
LEFT = [hostile()]
FORMATS: dict[str, Callable[[list[Remediation]], str]] = {
    ".json": lambda defences: render_json(defences, KNOWN, LEFT, smaller=2),
    ".md": lambda defences: render_markdown(defences, KNOWN, LEFT, smaller=2),
    ".html": lambda defences: render_html(defences, KNOWN, LEFT, smaller=2),
    ".txt": lambda defences: render_text(defences, LEFT, 2),
}


def proof(word: str) -> Proof:
    test = Emitted(f"tests/test_{word[:12]}.py", f"def test_it():\n    assert not {word!r}\n```\n</details>\n")
    return Proof(ProofKind.EXPLOIT, f"GET /{word}", Exposure.REMOTE, repr(word), "'x'", f"{word} was read", test)


def fixed() -> Remediation:
    names = ("P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8")
    rungs = tuple(Rung(name, Outcome.PROVED, f"{name} was checked") for name in names)
    edit = Edit("shop/db.py", 0, 3, "new")
    patch = Patch(
        "Bind the value", "The text of the statement is fixed now.", (edit,), "--- a\n+++ b\n-old | x\n+new\n"
    )
    shown = (Rung("F4", Outcome.PROVED, "rows of others came back, 3 of 3 times"), Rung("F5", Outcome.PROVED, "silent"))
    return Remediation(sql_injection(), shown, proof("q"), (VerifiedPatch(patch, rungs),))


def attacked() -> Remediation:
    """One whose every word is hostile."""
    patch = Patch(HOSTILE, HOSTILE, (), f"-{HOSTILE}\n+```\n+</details>\n", HOSTILE)
    refuted = Rung("P5", Outcome.REFUTED, HOSTILE, (HOSTILE,))
    return Remediation(
        hostile(), (Rung("F4", Outcome.PROVED, HOSTILE),), proof(HOSTILE), (VerifiedPatch(patch, (refuted,)),)
    )


def declined() -> Remediation:
    four = Rung("F4", Outcome.NOT_VERIFIED, "no effect is known")
    return Remediation(weak_hash(), (four,), refused="what is stored | would no longer match")


def test_the_sample_has_the_grades_it_is_meant_to_have() -> None:
    assert [d.grade for d in (fixed(), attacked(), declined())] == [Grade.FIXED, Grade.TRACED, Grade.MATCHED]


@pytest.mark.parametrize("suffix", FORMATS)
def test_golden(suffix: str) -> None:
    check(HERE / "golden" / f"defended{suffix}", FORMATS[suffix]([fixed(), attacked(), declined()]))


@pytest.mark.parametrize("suffix", FORMATS)
def test_output_is_utf8_and_drives_no_terminal(suffix: str) -> None:
    text = FORMATS[suffix]([attacked()])
    text.encode("utf-8")
    assert not any(bad in text for bad in "\x1b\x07\x00")
    if suffix != ".json":
        assert "\u202e" not in text


def test_json_says_everything() -> None:
    rows = json.loads(FORMATS[".json"]([fixed(), declined()]))["defences"]
    assert [row["grade"] for row in rows] == ["fixed", "matched"]
    assert rows[0]["patches"][0]["patch"]["diff"].endswith("+new\n")


def test_markdown_is_never_markup_from_the_code() -> None:
    text = FORMATS[".md"]([attacked()])
    tokens = [inner for token in MarkdownIt().enable("table").parse(text) for inner in (token, *(token.children or []))]
    html = {token.content.strip() for token in tokens if token.type.startswith("html")}
    assert not any(token.type in ("link_open", "image") for token in tokens)
    assert all(tag in ("<br>", "</details>", "<!-- -->") or tag.startswith("<details><summary>The") for tag in html)
    assert not any("@e" in token.content for token in tokens if token.type == "text")
    assert [token.info for token in tokens if token.type == "fence"] == ["mermaid", "python", "diff"]


def test_html_has_no_element_from_the_code() -> None:
    page = FORMATS[".html"]([attacked()])
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert "<!--" not in page
