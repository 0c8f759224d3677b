"""Every table reads its samples: small reports as the tool writes them, with the alerts that are read beside them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from tests.golden import check

from buckler.triage.alert import Reading
from buckler.triage.importers import alerts, documents, known, read_report

SAMPLES = Path(__file__).parent / "samples"
REPORTS = sorted(file for file in SAMPLES.glob("*/*") if not file.name.endswith(".alerts.jsonl"))


@pytest.mark.parametrize("file", REPORTS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_samples(file: Path) -> None:
    reading = Reading(file.name)
    rows = [alert for columns in read_report(file, reading) for alert in alerts(columns)]
    assert reading.format == file.parent.name
    said = [skipped.__class__(skipped.what, skipped.why, skipped.count) for skipped in reading.skipped]
    text = "".join(f"{msgspec.json.encode(row).decode()}\n" for row in rows)
    text += "".join(f"# skipped {note.count}: {note.what}: {note.why}\n" for note in said)
    check(file.with_name(f"{file.name}.alerts.jsonl"), text)
    assert rows or said


@pytest.mark.parametrize("file", REPORTS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_one_format_claims_a_sample_most(file: Path) -> None:
    for report in documents.open_reports(file, Reading(file.name)):
        first = next(report.batches)
        weights = Counter({row.id: row.weigh(report.shape, first) for row in known()})
        (best, most), *others = weights.most_common(2)
        assert best == file.parent.name
        assert all(weight < most for _, weight in others), weights.most_common(3)


def test_every_format_has_a_sample() -> None:
    assert {row.id for row in known()} == {file.parent.name for file in REPORTS}
