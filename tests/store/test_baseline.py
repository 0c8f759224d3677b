"""A baseline round-trips, matches by fingerprint, and shrinks."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.base.errors import InputError
from buckler.store.baseline import apply_baseline, read_baseline, write_baseline
from review_sample import sql_injection, weak_hash

prints = st.lists(st.text("0123456789abcdef", min_size=4, max_size=8), unique=True)


@settings(max_examples=25, deadline=None)
@given(prints, prints)
def test_exactly_the_accepted_are_suppressed(accepted: list[str], found: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "baseline.json"
        write_baseline(file, [replace(sql_injection(), fingerprint=f) for f in accepted])
        baseline = read_baseline(file)
    findings = [replace(sql_injection(), fingerprint=f) for f in found]
    kept, suppressed, notices = apply_baseline(findings, baseline)
    assert {f.fingerprint for f in kept} == set(found) - set(accepted)
    assert {s.finding.fingerprint for s in suppressed} == set(found) & set(accepted)
    assert bool(notices) == bool(set(accepted) - set(found))


def test_reasons_survive_rewriting(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    write_baseline(file, [sql_injection(), weak_hash()])
    document = json.loads(file.read_text())
    document["findings"][0]["reason"] = "behind the firewall"
    file.write_text(json.dumps(document))
    write_baseline(file, [sql_injection()], read_baseline(file))
    (entry,) = read_baseline(file)
    assert (entry.rule, entry.path, entry.reason) == ("sql-injection", "shop/db.py", "behind the firewall")


def test_a_partial_run_does_not_call_entries_stale(tmp_path: Path) -> None:
    write_baseline(tmp_path / "b", [weak_hash()])
    assert apply_baseline([], read_baseline(tmp_path / "b"), complete=False)[2] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a JSON file"),
        ("[" * 100_000, "not a JSON file"),
        ("[]", "not a baseline of version 1"),
        ('{"version": 2}', "not a baseline of version 1"),
        ('{"version": 1}', "'findings' must be a list"),
        ('{"version": 1, "findings": [1]}', "entry 1 has no fingerprint"),
        ('{"version": 1, "findings": [{"fingerprint": "a", "why": ""}]}', "unknown key 'why'"),
        ('{"version": 1, "findings": [{"fingerprint": "a", "rule": 1}]}', "not a string"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        read_baseline(file)


def test_absent_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--write-baseline"):
        read_baseline(tmp_path / "none")
