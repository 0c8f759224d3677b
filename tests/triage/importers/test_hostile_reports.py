"""No report can stop an import: each table reads its samples with any value put in place of any other."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from tests.triage.importers.test_table_samples import REPORTS

from buckler.triage.alert import Alert, Reading
from buckler.triage.importers import alerts, known
from buckler.triage.importers.documents import open_reports

ODD = (
    None,
    True,
    -1,
    1e308,
    "",
    "x",
    "\x00",
    [],
    {},
    [[]],
    [None, "a", {"b": [1]}],
    {"#text": {"a": "b"}},
    10**30,
    "é" * 50,
)


def spoiled(value: Any, chance: Random) -> Any:
    if chance.random() < 0.08:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: spoiled(item, chance) for key, item in value.items()}
    if isinstance(value, list):
        return [spoiled(item, chance) for item in value]
    return value


@pytest.mark.parametrize("file", REPORTS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_value_in_a_report_stops_it(file: Path) -> None:
    importer = next(row for row in known() if row.id == file.parent.name)
    for report in open_reports(file, Reading(file.name)):
        for documents in report.batches:
            for seed in range(8):
                chance = Random(seed)
                odd = [spoiled(document, chance) for document in documents]
                importer.weigh(report.shape, odd)
                for columns in importer.read(iter([odd]), Reading(file.name)):
                    rows = alerts(columns)
                    assert msgspec.json.decode(msgspec.json.encode(rows), type=list[Alert]) == rows
