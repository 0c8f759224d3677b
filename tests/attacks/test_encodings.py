"""Source whose declared encoding makes another program of it than its bytes show."""

from __future__ import annotations

from pathlib import Path

import pytest

from buckler.base.encodings import UnknownEncoding, as_utf8
from buckler.cli.main import run

FLAW = "import os\nfrom flask import request\ndef f():\n    os.system(request.args['x'])\n"
"""Its third line is the fourth of each file below."""


def hidden(encoding: str) -> bytes:
    """The flaw, all of it in comments for whoever reads the bytes."""
    written = FLAW.encode("utf-7" if "7" in encoding else "ascii")
    breaks = b"+AAo-" if "7" in encoding else b"\\n"
    return b"# coding: " + encoding.encode() + b"\n# harmless" + breaks + written.replace(b"\n", breaks) + b"#\n"


@pytest.mark.attack("input", "an encoding turns a comment into code")
@pytest.mark.parametrize("encoding", ["unicode_escape", "Unicode-Escape", "raw_unicode_escape", "utf-7", "UTF7", "U7"])
def test_code_in_comments_is_found_where_python_runs_it(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = hidden(encoding) if "raw" not in encoding else hidden(encoding).replace(b"\\n", b"\\u000a")
    compiled: dict[str, object] = {}
    exec(compile(source.replace(b"from flask import request", b"request = 1"), "a.py", "exec"), compiled)
    assert "f" in compiled  # Python finds a function there
    (tmp_path / "a.py").write_bytes(source)
    assert run(["review", "--no-cache", str(tmp_path)]) == 1
    assert "a.py:6" in capsys.readouterr().out


@pytest.mark.attack("input", "an encoding that nobody knows hides what a file says")
@pytest.mark.parametrize(
    "encoding", ["idna", "punycode", "undefined", "utf-16", "cp037", "rot13", "pyxl", "aliases", "..os"]
)
def test_what_cannot_be_decoded_is_said_to_be_unread(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_bytes(f"# coding: {encoding}\n{FLAW}".encode())
    assert run(["review", "--no-cache", str(tmp_path)]) == 3
    assert encoding in capsys.readouterr().out


@pytest.mark.attack("input", "a true report is refuted because the code is encoded")
@pytest.mark.parametrize("encoding", ["unicode_escape", "utf-7", "pyxl"])
def test_a_true_claim_is_not_refuted(encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_bytes(hidden(encoding))
    report = tmp_path / "report.md"
    report.write_text("# Command injection\n\n`f()` in a.py:6 is a command injection.\n\nThe code is:\n\n"
                      "```python\n    os.system(request.args['x'])\n```\n")  # fmt: skip
    assert run(["check-report", str(report), str(project)]) != 70
    said = capsys.readouterr().out.lower()
    assert "refuted" not in said, said


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "ascii", "cp1252", "koi8-r"])
def test_what_is_ascii_there_too_is_read_as_it_is(encoding: str) -> None:
    source = f"# -*- coding: {encoding} -*-\nx = '\\n'\n".encode()
    assert as_utf8(source) is source


@pytest.mark.parametrize(
    ("source", "decoded"),
    [
        (b"#!/bin/sh\r# coding: utf-7\nx = '+AAo-'", True),
        (b"\xef\xbb\xbf# coding: utf-8\nx = '+AAo-'", False),
        (b"x = 1\n# coding: utf-7\nx = '+AAo-'", False),
        (b"\n\n# coding: utf-7\nx = '+AAo-'", False),
        (b"# vim: set fileencoding=iso2022_jp :\nx = '\x1b$B$\"\x1b(B'", True),
    ],
)
def test_where_the_declaration_counts(source: bytes, decoded: bool) -> None:
    assert (as_utf8(source) != source) is decoded


@pytest.mark.parametrize("source", [b"# coding: shift_jis\nx = '\xff\xff'", b"\xef\xbb\xbf# coding: utf-7\nx = 1"])
def test_what_is_not_in_the_encoding_it_names(source: bytes) -> None:
    with pytest.raises(UnknownEncoding):
        as_utf8(source)
