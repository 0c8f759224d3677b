"""What benign input gives before anything is changed, asked twice so that only what stays the same is held.

Example::

    benign_of(bench, approach, oracle, situation)     # Benign(value, status="200", whole="…")
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from typing import Any

from buckler.finding.model import Finding
from buckler.prove.answers import OnceRow, row_of
from buckler.prove.bench import SECONDS, ProofContext, landmarks, meets, record, run_test
from buckler.prove.cutting import cut
from buckler.prove.emit import Benign, Headline, cut_for, readers, send_of
from buckler.prove.entries.reach import reach, sink_lines
from buckler.prove.entries.vocabulary import vocabulary
from buckler.prove.model import Attack, EntryDriver, Oracle, SinkContext, encoded
from buckler.prove.probe_file import PROBES, ProbeFile, top_names
from buckler.prove.session import Lines

MOST_EXCERPT = 60
ASKING = PROBES / "asking.py"

PLACE = re.compile(r"0x[0-9a-f]{6}|\bid='\d")
"""Where an object lies in memory: another place in each run."""

MOST_WHOLE = 60


MADE_UP = repr("report")
"""The plain word among benign values; no program is made for it."""
MOST_KNOWN = 6


def benign_of(
    bench: ProofContext, finding: Finding, approach: EntryDriver, oracle: Oracle, situation: SinkContext
) -> Benign | None:
    """The first benign value that gets through the line and is answered without an error.

    Else the first that is answered without one, else the first that is answered at all.
    """
    failing: Benign | None = None
    handled: Benign | None = None
    marks = landmarks(bench.project, sink_lines(finding))
    values = oracle.benign(situation)
    known = known_words(bench, finding, approach, oracle) if MADE_UP in {v.value for v in values} else []
    for value in [*known, *values]:
        replies = [sent(bench, approach, oracle, value, marks.every) for _ in range(2)]
        if any(t is None for t in replies):
            continue
        first, second = replies
        if first is None or second is None or first["status"] != second["status"] or first["error"] != second["error"]:
            continue
        status = repr(first["status"]) if first["status"] is not None else ""
        excerpt = excerpt_of(first["text"], second["text"])
        whole = whole_of(first["text"], second["text"])
        here = (
            Benign(value, status, first["error"])
            if first["error"] or oracle.fresh
            else Benign(value, status, "", excerpt, whole, sent_to(first, second))
        )
        if value in known:
            here = replace(here, among=tuple(word.value for word in known))
        if not first["error"] and (first["status"] is None or int(first["status"]) < 400):
            if not meets(first["ran"], marks.handlers):
                return here
            handled = handled or here
        failing = failing or here
    return handled or failing


def sent_to(first: dict[str, Any], second: dict[str, Any]) -> str | None:
    """Where both answers send their reader, if it is the same place."""
    same = first["sent"] == second["sent"] and isinstance(first["status"], int) and 300 <= first["status"] < 400
    return str(first["sent"]) if same and first["sent"] else None


def known_words(bench: ProofContext, finding: Finding, approach: EntryDriver, oracle: Oracle) -> list[Attack]:
    """Words the code knows: answered otherwise than a word nobody has heard of, without an error, through the line."""
    replies = vocabulary(bench.session, bench.surface, finding)
    words = [Attack(repr(word), "a word the code knows") for word in replies]
    unheard = sent(bench, approach, oracle, Attack(MADE_UP, "")) if words else None
    known: list[Attack] = []
    lines = sink_lines(finding)
    for word in words:
        if len(known) == MOST_KNOWN:
            break
        answer = sent(bench, approach, oracle, word)
        if answer is None or answer["error"] or without_lines(answer) == without_lines(unheard):
            continue
        ran = reach(bench.session, approach, str(ast.literal_eval(word.value)), lines).seen.ran
        if any(set(lines.get(path, ())) & set(numbers) for path, numbers in ran.items()):
            known.append(word)
    return known


def without_lines(answer: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (answer or {}).items() if name != "ran"}


def sent(
    bench: ProofContext, approach: EntryDriver, oracle: Oracle, value: Attack, lines: Lines | None = None
) -> dict[str, Any] | None:
    """Status, text and error of one benign value, and which of these lines ran."""
    given = ", ".join([*approach.fixtures, encoded(approach, value.value)])
    code = f"ask_once(lambda: send({given}), watch.since)"
    return row_of(asked(bench, approach, oracle, code, value.value, lines), OnceRow)


def asked(
    bench: ProofContext, approach: EntryDriver, oracle: Oracle, code: str, said: str, lines: Lines | None = None
) -> Any:
    """What a call of a function of `probes/asking.py` gives; inside a test where fixtures are needed.

    `said` is an expression that holds the names of what is sent; the answer tells which of the `lines` ran.
    """
    parts = cut(ProbeFile.load(ASKING), [], more=[code.partition("(")[0]])
    parts.imports.append("from buckler_harness import watch")
    asking = [approach.setup, parts.code, *readers(approach, parts.given), send_of(approach)]
    if not approach.fixtures and not oracle.needs:
        head = [line for line in (*parts.imports, *oracle.imports, *approach.imports) if line != "import pytest"]
        return bench.session.run("\n".join([*head, *asking, f"report({code})"]), SECONDS, lines).value
    own = cut_for(oracle, [Attack(said, "")], present=top_names(approach.setup))
    fixtures = ", ".join(dict.fromkeys([*approach.fixtures, *oracle.needs]))
    head = ["import json", *parts.imports, *own.imports, *oracle.imports, *approach.imports]
    test = f"def test_asked({fixtures}):\n    assert False, 'ANSWER ' + json.dumps({code}) + ' ANSWER'"
    headline = Headline("", "benign.py, ", "", "", "asked")
    answer = run_test(bench, "\n".join([*head, own.code, *asking, test]), headline, lines)
    found = re.search(r"ANSWER (.*) ANSWER", str(record(answer, "test_asked").get("text")), re.S)
    try:
        return json.loads(found[1]) if found else None
    except ValueError:
        return None


def excerpt_of(first: object, second: object) -> str:
    """A line that came back alike twice and says something."""
    one, two = str(first).splitlines(), set(str(second).splitlines())
    same = [line.strip() for line in one if line in two and re.search(r"[A-Za-z]{3}", line) and not PLACE.search(line)]
    last = same[-1] if same else ""
    return last if len(last) <= MOST_EXCERPT else ""


def whole_of(first: object, second: object) -> str | None:
    """A short answer that came back alike twice and holds no address in memory."""
    text = str(first)
    return (
        text
        if first == second and len(text) <= MOST_WHOLE and not re.search(r"\n.", text) and not PLACE.search(text)
        else None
    )
