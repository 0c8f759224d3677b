"""Workbooks are tables: shared and inline texts, empty cells, and nothing that is broken stops a reading."""

from __future__ import annotations

import zipfile
from pathlib import Path

from buckler.triage.alert import Reading
from buckler.triage.importers.documents import open_reports

STRINGS = "<sst><si><t>id</t></si><si><r><t>sever</t></r><r><t>ity</t></r></si><si><t>host</t></si></sst>"
SHEET = (
    '<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>'
    '<row><c r="A2" t="inlineStr"><is><t>CVE-2020-0001</t></is></c><c r="C2" t="str"><v>shop</v></c></row>'
    '<row><c r="A3"><v>7</v></c><c r="B3" t="s"><v>99</v></c></row></sheetData></worksheet>'
)


def workbook(path: Path, sheet: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/sharedStrings.xml", STRINGS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def test_cells_stand_under_their_names(tmp_path: Path) -> None:
    reading = Reading("x")
    found = [
        (report.shape, rows)
        for report in open_reports(workbook(tmp_path / "r.xlsx", SHEET), reading)
        for rows in report.batches
    ]
    assert found == [("csv", [{"id": "CVE-2020-0001", "severity": "", "host": "shop"}, {"id": "7", "severity": ""}])]


def test_a_broken_sheet_is_read_so_far(tmp_path: Path) -> None:
    path = workbook(tmp_path / "r.xlsx", SHEET[:330] + "<")
    rows = [row for report in open_reports(path, Reading("x")) for batch in report.batches for row in batch]
    assert rows[0]["id"] == "CVE-2020-0001"
