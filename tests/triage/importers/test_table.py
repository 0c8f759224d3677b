"""What tables can say beside paths, and which documents they claim."""

from __future__ import annotations

from typing import Any

import pytest

from buckler.triage.alert import Reading
from buckler.triage.importers import alerts
from buckler.triage.importers.table import apply, parse

TABLE = """
name = "T"
kind = "package"
[recognize]
shape = "json"
has = ["flaws"]
[[alerts]]
each = "flaws[]"
rule = "id"
package = { purl = { from = "ref", in = "parts[]", by = "key", take = "purl" } }
symbol = { from = "refs[]", in = "parts[]", by = "key", take = "name" }
"""


def test_a_value_may_stand_in_another_part_of_the_document() -> None:
    document = {
        "flaws": [{"id": "A", "ref": 1}, {"id": "B", "ref": 3, "refs": ["1", "2", "9"]}],
        "parts": [{"key": 1, "purl": "pkg:npm/a@1", "name": "a"}, {"key": 2, "name": "b"}],
    }
    rows = [row for columns in apply(parse(TABLE, "t"), [document], Reading("r")) for row in alerts(columns)]
    assert [(row.rule, row.package, row.symbol) for row in rows] == [("A", "pkg:npm/a@1", ""), ("B", "", "a, b")]


@pytest.mark.parametrize(("document", "claimed"), [({"flaws": None}, True), ({"flaws": []}, True), ({}, False)])
def test_a_report_without_findings_is_one(document: Any, claimed: bool) -> None:
    recognition = parse(TABLE, "t").recognitions[0]
    assert recognition.fits("json", [document]) == claimed


def test_lines_of_text_are_records() -> None:
    table = parse(
        'name = "T"\nlines = "^(?P<path>[^:\\n]+): (?P<rule>.+) FOUND$"\n'
        '[recognize]\nshape = "text"\nline = " FOUND$"\n[[alerts]]\nrule = "rule"\npath = "path"\n',
        "t",
    )
    lines, reading = ["start", "a.doc: Eicar FOUND", "b.doc: OK"], Reading("r")
    assert table.recognitions[0].fits("text", lines)
    columns = list(apply(table, table.records(lines, reading), reading))
    assert [(row.path, row.rule) for part in columns for row in alerts(part)] == [("a.doc", "Eicar")]
    assert [note.count for note in reading.skipped] == [2]


def test_an_entry_of_several_chapters_is_one_alert() -> None:
    table = parse(TABLE.replace("rule =", 'once = "id"\nrule ='), "t")
    document, reading = {"flaws": [{"id": "A"}, {"id": "B"}, {"id": "A"}]}, Reading("r")
    rows = [row.rule for columns in apply(table, [document], reading) for row in alerts(columns)]
    assert rows == ["A", "B"] and [note.count for note in reading.skipped] == [1]


def test_a_value_may_stand_in_another_document() -> None:
    table = parse(TABLE.replace('in = "parts[]"', 'in = "//parts[]"'), "t")
    documents = [{"parts": [{"key": 1, "purl": "pkg:npm/a@1"}]}, {"flaws": [{"id": "A", "ref": 1}]}]
    rows = [row for columns in apply(table, documents, Reading("r")) for row in alerts(columns)]
    assert [(row.rule, row.package) for row in rows] == [("A", "pkg:npm/a@1")]
