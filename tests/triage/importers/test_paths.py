"""The language of paths, on small records."""

from __future__ import annotations

from typing import Any

import pytest

from buckler.triage.importers.paths import compile_path, expand, steps

DOCUMENT = {
    "tool": {"name": "T", "v1.0": 3},
    "results": [
        {"target": "a", "flaws": [{"id": 1, "tags": ["x", "y"]}, {"id": 2, "tags": []}]},
        {"target": "b", "flaws": {"id": 3}},
        {"target": "c"},
    ],
    "hosts": {"h1": {"up": True}, "h2": {"up": False}},
}


@pytest.mark.parametrize(
    ("each", "path", "expected"),
    [
        ("results[].flaws[]", "id", [1, 2, 3]),
        ("results[].flaws[]", "^target", ["a", "a", "b"]),
        ("results[].flaws[]", "/tool.name", ["T", "T", "T"]),
        ("results[].flaws[]", '/tool."v1.0"', [3, 3, 3]),
        ("results[].flaws[]", "/results[target=b].flaws.id", [3, 3, 3]),
        ("results[].flaws[]", "/results[target=x].flaws", [None, None, None]),
        ("results[].flaws[]", "tags[]", [["x", "y"], None, None]),
        ("results[].flaws[]", "tags[0] | 'none'", ["x", "none", "none"]),
        ("results[].flaws[]", "{id} in {^target}", ["1 in a", "2 in a", "3 in b"]),
        ("results[].flaws[]", "{missing | id} of {^target} | 'none'", ["1 of a", "2 of a", "3 of b"]),
        ("results[].flaws[]", "{missing} of {^missing}", ["", "", ""]),
        ("hosts{}", "@key", ["h1", "h2"]),
        (".", "hosts{}.@key", [["h1", "h2"]]),
        (".", "results[].flaws[].tags[]", [["x", "y"]]),
        ("hosts{}.up", "@key", ["h1", "h2"]),
        ("results[].flaws[]", "{^@index}.{@index}", ["0.0", "0.1", "1.0"]),
        ("hosts{}", "up", [True, False]),
        ("tool", "name", ["T"]),
        (".", "tool.name", ["T"]),
        ("nowhere[]", "id", []),
    ],
)
def test_paths(each: str, path: str, expected: list[Any]) -> None:
    assert compile_path(path)(expand([DOCUMENT], [] if each == "." else steps(each))) == expected


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(ValueError, match="is no path"):
        steps("a[x]")
