"""Files of every shape, whole, broken and hostile: what can be read is handed on, the rest is counted."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.base.errors import InputError
from buckler.triage.alert import Reading
from buckler.triage.importers import documents
from buckler.triage.importers.documents import open_reports


def opened(path: Path, data: bytes) -> tuple[str, list[Any], Reading]:
    path.write_bytes(data)
    reading = Reading(str(path))
    shape, out = "", []
    for report in open_reports(path, reading):
        shape = report.shape
        out += [document for batch in report.batches for document in batch]
    return shape, out, reading


@pytest.mark.parametrize(
    ("data", "shape", "expected"),
    [
        (b'{"a": 1}', "json", [{"a": 1}]),
        (b'\xef\xbb\xbf{"a": 1}', "json", [{"a": 1}]),
        ('{"a": "é"}'.encode("utf-16"), "json", [{"a": "é"}]),
        (b'{"a": 1}\n{"a": 2}\n', "json", [{"a": 1}, {"a": 2}]),
        (b'{\n"a": 1\n}\n{\n"a": 2\n}', "json", [{"a": 1}, {"a": 2}]),
        (b'report_of =\n{"a": 1}', "json", [{"a": 1}]),
        (b"<r><a x='1'>t</a><n:a/></r>", "xml", [{"r": {"a": [{"@x": "1", "#text": "t"}, None]}}]),
        (b"rule;file;line\nX1;a.py;3\n", "csv", [{"rule": "X1", "file": "a.py", "line": "3"}]),
        (b"[10:00:01] Warning: x\nrest", "text", ["[10:00:01] Warning: x", "rest"]),
        (b"just words\nof a person", "text", ["just words", "of a person"]),
    ],
)
def test_shapes(tmp_path: Path, data: bytes, shape: str, expected: list[Any]) -> None:
    found, out, reading = opened(tmp_path / "report", data)
    assert (found, out, reading.skipped, reading.partial) == (shape, expected, [], False)


def test_a_cut_document_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    _, out, reading = opened(tmp_path / "r", b'{"results": [{"id": 1}, {"id": 2}, {"id"')
    assert out == [{"results": [{"id": 1}, {"id": 2}, {}]}]
    assert reading.partial and "breaks off" in reading.skipped[0].why


def test_a_broken_line_costs_that_line(tmp_path: Path) -> None:
    _, out, reading = opened(tmp_path / "r", b'{"id": 1}\n{"id": \n{"id": 3}\n{"b": "\xff"}\n')
    assert out == [{"id": 1}, {"id": 3}, {"b": "\ufffd"}]
    assert [(skipped.what, skipped.count) for skipped in reading.skipped] == [("line 2", 1)]


def test_cut_xml_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    _, out, reading = opened(tmp_path / "r", b"<r><a>1</a><a>2</a><a>3")
    assert out == [{"r": {"a": ["1", "2", "3"]}}] and reading.partial


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><r>&b;</r>'
    _, out, reading = opened(tmp_path / "r", bomb)
    assert out == [{}] and "entities" in reading.skipped[0].why


@pytest.mark.parametrize("opener", [b"[", b'{"a":', b"<a>"])
def test_deep_nesting_is_no_crash(tmp_path: Path, opener: bytes) -> None:
    _, _, reading = opened(tmp_path / "r", opener * 100_000)
    assert reading.partial and reading.skipped


def test_archives_are_opened(tmp_path: Path) -> None:
    assert opened(tmp_path / "r.gz", gzip.compress(b'{"a": 1}'))[1] == [{"a": 1}]
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("one.json", b'{"a": 1}')
        archive.writestr("readme.png", b"no report")
    assert opened(tmp_path / "r.zip", (tmp_path / "z").read_bytes())[1] == [{"a": 1}]


def test_an_archive_unpacks_only_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 10_000)
    _, _, reading = opened(tmp_path / "r.gz", gzip.compress(b'{"a": 1}\n' * 100_000))
    assert reading.partial and "unpacks to more" in reading.skipped[0].why


def test_a_broken_archive_is_said(tmp_path: Path) -> None:
    _, _, reading = opened(tmp_path / "r.gz", gzip.compress(b'{"a": 1}\n' * 100_000)[:200])
    assert reading.partial and "broken" in reading.skipped[-1].why


def test_what_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list(open_reports(tmp_path, Reading("x")))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_counted(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    opened(tmp_path_factory.mktemp("any") / "r", data)


@given(st.text('{}[]",:\\ \n<>ab1/&;!', max_size=60))
def test_almost_documents_are_read_or_counted(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    opened(tmp_path_factory.mktemp("any") / "r", text.encode())


def test_what_stands_before_a_table_is_left_out(tmp_path: Path) -> None:
    text = '"Report","1 Mar 2024"\n"Shop"\n\n"id","title","severity","host","port","x"\n"1","It asks","high","h","443",""\n'
    shape, out, _ = opened(tmp_path / "r", text.encode())
    assert shape == "csv" and out == [
        {"id": "1", "title": "It asks", "severity": "high", "host": "h", "port": "443", "x": ""}
    ]
