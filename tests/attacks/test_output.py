"""What reviewed code says reaches people, terminals, programs and the logs of CI as text, whatever the format."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from buckler.cli.screen import PatientConsole
from buckler.finding.evidence import (
    Assessment,
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
from buckler.finding.evidence import TestFile as Emitted
from buckler.finding.model import (
    Action,
    Facts,
    Finding,
    Location,
    Move,
    Notice,
    Review,
    Severity,
    Source,
    Step,
    Suppressed,
)
from buckler.report.formats import FORMATS
from buckler.report.formats.terminal import print_report
from buckler.report.plain import visible
from buckler.report.view import View
from review_sample import RULES

COMMANDS = ["::error::x", "::error file=a.py,line=1::x", "::set-output name=a::b", "::add-mask::e", "::stop-commands::t",
            "##vso[task.setvariable variable=x]y", "##[error]x", "##[set-env name=x]y", "##teamcity[buildStatus text='x']",
            "##VSO[task.complete]", "::Group::x"]  # fmt: skip
INVISIBLE = "\u202e\u202d\u2066\u2069\u200b\u200d\u2060\ufeff\u00ad\u061c\u180e\U000e0041\U000e0101\ufe0f\u3164\u115f\uffa0\u034f\u2800"
CONTROL = "\x1b[2J \x1b]0;t\x07 \x9b31m \x00 \r \x0b \x85 \u2028 \u2029 \udce9 \ud800"
PIECES = [
    *COMMANDS,
    *INVISIBLE,
    *CONTROL.split(" "),
    "\n",
    " ",
    "\t",
    ":",
    "::",
    "#",
    "`",
    "```\n",
    '"',
    "\\",
    "a",
    "é",
    "x" * 90,
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)

LIVE = re.compile(r"^\s*::[A-Za-z][\w-]*(?:\s[^\n]*)?::|##(?:vso|teamcity)?\[", re.M | re.I)
ALLOWED = "\n\t "


def finding(text: str) -> Finding:
    place = Location(f"{text}.py", 1, 1, 1, 9)
    step = Step(place, (Action(Move.PASSED, text),), text, text)
    return Finding(
        "path-traversal", text, Severity.CRITICAL, (22,), place, text, text, text, text, text, "c" * 32,
        (step, step), Source(text, text), Facts(text), (text,), "python",
    )  # fmt: skip


def review(text: str) -> Review:
    one = finding(text)
    hidden = Suppressed(replace(one, fingerprint="d" * 32), text, "configuration", text)
    return Review(
        text, [one], [Suppressed(replace(one, fingerprint="e" * 32), text, "inline", text), hidden],
        [Notice("syntax", f"{text}:3", text, True), Notice("hidden", text, text, True)], languages={text: 1}, opaque={text: 1},
    )  # fmt: skip


def defence(text: str) -> Remediation:
    test = Emitted(f"tests/test_{text}.py", f"{text}\ndef test_it():\n    assert {text!r}\n{text}")
    shown = Proof(ProofKind.EXPLOIT, text, Exposure.REMOTE, text, text, text, test, (text,), (text,))
    patch = Patch(text, text, (Edit(f"{text}.py", 0, 1, text),), f"-{text}\n+{text}\n {text}\n", text)
    rungs = (Rung("F4", Outcome.PROVED, text, (text,)), Rung("F5", Outcome.PROVED, text))
    good = tuple(Rung(f"P{n}", Outcome.PROVED, text, (text,)) for n in range(9))
    bad = (Rung("P5", Outcome.REFUTED, text, (text,)),)
    return Remediation(finding(text), rungs, shown, (VerifiedPatch(patch, good), VerifiedPatch(patch, bad)), text)


def printed(show: Callable[[Console], None], width: int) -> str:
    out = io.StringIO()
    show(PatientConsole(file=out, width=width, markup=False, emoji=False, highlight=False, color_system=None))
    return out.getvalue()


def reviewed(text: str) -> Assessment:
    return Assessment(review(text), RULES)


def worked_on(text: str) -> Assessment:
    one = review(text)
    return Assessment(one, RULES, chosen=one.findings, remediations=[defence(text)], bundles=[Path(text) / ("c" * 32)])


def view(text: str) -> View:
    return View(text, command=text, full=True)


RENDERED: dict[str, Callable[[str], str]] = {
    **{name: lambda text, form=form: form.render(reviewed(text), view(text)) for name, form in FORMATS.items()},  # type: ignore[misc]
    **{f"{name} evidence": lambda text, form=form: form.render(worked_on(text), view(text)) for name, form in FORMATS.items()},  # type: ignore[misc]
    "screen": lambda text: printed(lambda c: print_report(c, reviewed(text), view(text)), 40),
    "screen evidence": lambda text: printed(lambda c: print_report(c, worked_on(text), view(text)), 40),
}  # fmt: skip


def hidden_in(text: str) -> set[str]:
    return {
        c
        for c in text
        if c not in ALLOWED and (unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") or c in INVISIBLE)
    }


@pytest.mark.attack(
    "reports", "text of the code gives commands to GitHub, Azure or TeamCity, or hides and reorders letters"
)
@pytest.mark.parametrize("form", RENDERED)
@settings(max_examples=60, deadline=None)
@given(text=TEXT)
def test_text_stays_visible_text(form: str, text: str) -> None:
    written = RENDERED[form](text)
    written.encode("utf-8")
    assert hidden_in(written) == set()
    assert LIVE.search(written) is None


@pytest.mark.attack("reports", "a workflow command as a file name, an excerpt, a message or a notice")
@pytest.mark.parametrize("form", RENDERED)
@pytest.mark.parametrize("command", COMMANDS)
def test_commands_do_not_reach_ci(form: str, command: str) -> None:
    for text in (command, f"\n{command}\n", f"x\r{command}", "y" * 70 + command, f":{command}"):
        assert LIVE.search(RENDERED[form](text)) is None


def strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    parts = [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return set().union(*map(strings, parts))


@settings(max_examples=60, deadline=None)
@given(text=TEXT.filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_programs_still_read_the_very_text(text: str) -> None:
    assert text in strings(json.loads(RENDERED["json"](text)))
    assert text in strings(json.loads(RENDERED["json evidence"](text)))
    (log,) = json.loads(RENDERED["sarif evidence"](text))["runs"]
    (change,) = log["results"][0]["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == text


@pytest.mark.parametrize(
    "harmless", ["x[::2]", "std::string", "a::b", "x[::-1]", "# [link]", "## 1. title", "a :: b", "é", "日本"]
)
def test_what_is_harmless_stays_as_it_is(harmless: str) -> None:
    assert visible(harmless) == harmless
