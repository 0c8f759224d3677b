"""Copies of packages, told by what is in them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.dependencies.inventory import inventory_of
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin
from buckler.dependencies.vendored.fingerprints import of_file, of_functions
from buckler.dependencies.vendored.known import Known, dumped, known_of, loaded, shipped
from buckler.dependencies.vendored.recognize import vendored

FUNCTION = """
def step_{name}(state, key, default=None):
    # how it is done
    value = state.get(key, default)
    if value is not None and value > {number}:
        state[key] = [value + {number}, key, default]
    return state.setdefault(key, value)
"""


def module(*numbers: int) -> bytes:
    return "".join(FUNCTION.format(name=chr(97 + n % 26), number=n) for n in numbers).encode()


RELEASES = (
    ("1.0", {"lib/__init__.py": b"# lib\n" + module(1), "lib/core.py": module(*range(8))}),
    ("1.1", {"lib/__init__.py": b"# lib\n" + module(1), "lib/core.py": module(*range(1, 9))}),
    ("1.2", {"lib/__init__.py": b"# lib\n" + module(2), "lib/core.py": module(*range(1, 9))}),
    ("2.0", {"lib/__init__.py": b"# lib\n" + module(2), "lib/core.py": module(*range(20, 28))}),
)
KNOWN = known_of("PyPI", "lib", RELEASES)
BANNER = known_of("npm", "jolly", [("1.0.0", {"dist/jolly.js": b"/*! Jolly v1.0.0 | (c) */\n" + b"f(1);" * 80})])


def found(*files: tuple[str, bytes], known: Known = KNOWN) -> list[tuple[str, str, str]]:
    rows = [manifest.requirements[0] for manifest in vendored(files, [known])]
    assert all(row.origin is Origin.VENDORED for row in rows)
    return [(row.address, str(row.package), row.wanted) for row in rows]


def test_all_files_together_agree_with_one_release() -> None:
    files = [(f"src/_vendor/{path}", data) for path, data in RELEASES[1][1].items()]
    assert found(*files) == [("src/_vendor", "lib 1.1", "==1.1")]


def test_one_file_agrees_with_a_range() -> None:
    assert found(("a/renamed.py", RELEASES[1][1]["lib/core.py"])) == [("a", "lib", ">=1.1,<=1.2")]


def test_line_ends_and_white_space_make_no_difference() -> None:
    data = RELEASES[0][1]["lib/core.py"].replace(b"\n", b"  \r\n")
    assert found(("lib/core.py", b"\xef\xbb\xbf" + data)) == [("", "lib 1.0", "==1.0")]


def test_a_changed_file_is_told_by_its_functions() -> None:
    data = re.sub(rb"# how it is done\n", b"# patched by us\n", RELEASES[0][1]["lib/core.py"]) + b"\nMORE = 1\n"
    (manifest,) = vendored([("ext/lib/core.py", data)], [KNOWN])
    assert (manifest.requirements[0].address, manifest.requirements[0].wanted) == ("ext", "==1.0")
    assert "changed" in manifest.problems[0].text


def test_changed_files_of_the_newest_release_may_be_later() -> None:
    assert found(("lib/core.py", RELEASES[3][1]["lib/core.py"] + b"\nMORE = 1\n")) == [("", "lib", ">=2.0")]


def test_two_copies_of_two_releases() -> None:
    files = [("a/lib/core.py", RELEASES[0][1]["lib/core.py"]), ("b/lib/core.py", RELEASES[3][1]["lib/core.py"])]
    assert found(*files) == [("a", "lib 1.0", "==1.0"), ("b", "lib 2.0", "==2.0")]


def test_a_file_says_what_it_is() -> None:
    data = b"/*! Jolly v0.9.1 | (c) */\n" + b"g(2);" * 80
    (manifest,) = vendored([("js/x.js", data)], [BANNER])
    assert str(manifest.requirements[0].package) == "jolly 0.9.1"
    assert manifest.problems[0].text == "says it is jolly 0.9.1, which is not among the releases that are known"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("lib/core.txt", RELEASES[0][1]["lib/core.py"]),
        ("site-packages/lib/core.py", RELEASES[0][1]["lib/core.py"]),
        ("other/core.py", module(*range(8)) + b"#"),  # nothing there is called `lib`
        ("lib/core.py", module(*range(3)) + module(*range(40, 60))),
        ("lib/empty.py", b""),
    ],
)
def test_what_is_no_copy(path: str, data: bytes) -> None:
    assert not found((path, data))


def test_a_package_is_no_copy_of_itself() -> None:
    copies = vendored([("src/lib/core.py", RELEASES[0][1]["lib/core.py"])], [KNOWN])
    project = ManifestFile("pyproject.toml", b'[project]\nname = "Lib"\n', lambda path: None)
    assert [str(c.package) for c in inventory_of([], copies).components] == ["lib 1.0"]
    assert not inventory_of([project], copies).components


def test_what_is_learned_is_written_and_read() -> None:
    assert loaded(dumped(KNOWN)) == KNOWN
    assert loaded(dumped(BANNER)) == BANNER


def test_what_ships() -> None:
    for known in shipped():
        assert known.versions
        assert known.files
        assert all(seen >> len(known.versions) == 0 for _, seen in known.files.values())


def test_layout_of_a_function_makes_no_difference() -> None:
    before = b"function f(a, b) { return g(a + 1, b + 2, a * b, [a, b, 1, 2, 3], a - b, b - a) }"
    after = before.replace(b"{ return", b"{\n  // a comment\n  return").replace(b", ", b",\n")
    assert list(of_functions("javascript", before)) == list(of_functions("javascript", after)) != []


def test_functions_within_functions_without_end() -> None:
    assert isinstance(of_functions("javascript", b"(function(a){\n" * 20_000), dict)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["lib/core.py", "jolly.js", "a.py"]), st.binary(max_size=400))))
def test_no_bytes_are_too_odd(files: list[tuple[str, bytes]]) -> None:
    for manifest in vendored(files, [KNOWN, BANNER, *shipped()]):
        assert isinstance(manifest, Manifest)
    for _, data in files:
        of_file(data)
