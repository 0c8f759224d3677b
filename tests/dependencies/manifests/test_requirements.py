"""pip's requirements files."""

from __future__ import annotations

import codecs

import pytest

from buckler.dependencies.model import Origin, Scope
from dependencies.trees import component, inventory, manifest, packages


def test_a_line_with_everything() -> None:
    text = (
        'Flask[async,dotenv]==2.0.1 ; python_version > "3.8" \\\n    --hash=sha256:AB \\\n    --hash=sha256:cd  # why\n'
    )
    (only,) = manifest("requirements.txt", text).requirements
    assert only.package.purl == "pkg:pypi/flask@2.0.1"
    assert only.wanted == "==2.0.1"
    assert only.extras == ("async", "dotenv")
    assert only.marker == 'python_version > "3.8"'
    assert only.hashes == ("sha256:ab", "sha256:cd")
    assert only.locked
    assert (only.location.line, only.location.column) == (1, 1)


def test_a_range_pins_nothing() -> None:
    (only,) = manifest("requirements.txt", "flask >= 2, < 3\n").requirements
    assert (only.package.version, only.wanted) == ("", ">=2,<3")


def test_included_files_of_the_tree_are_read_once_each() -> None:
    others = {"api/base.txt": "-r requirements.txt\nurllib3==1.26\n", "lint.txt": "ruff\n"}
    found = manifest("api/requirements.txt", "-r base.txt\n--requirement=../lint.txt\nflask\n", others)
    assert packages(found) == ["urllib3 1.26", "ruff", "flask"]
    assert [r.location.path for r in found.requirements] == ["api/base.txt", "lint.txt", "api/requirements.txt"]
    assert not found.problems


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("-r ../../etc/passwd", "leads out of the project; not read"),
        ("-r /etc/passwd", "leads out of the project; not read"),
        ("-c missing.txt", "is not in the project; not read"),
        ("-r https://example.org/r.txt", "is an address; addresses are not contacted"),
    ],
)
def test_what_is_not_in_the_tree_is_not_read(row: str, reason: str) -> None:
    found = manifest("requirements.txt", f"{row}\nflask\n")
    assert packages(found) == ["flask"]
    (problem,) = found.problems
    assert reason in problem.text
    assert problem.text.startswith("line 1: ")


def test_a_constraint_says_the_version_and_asks_for_nothing() -> None:
    tree = {"requirements.txt": "-c pins.txt\ndjango>=2\n", "pins.txt": "django==3.0\nunused==1.0\n"}
    found = inventory(tree)
    assert [str(c.package) for c in found.components] == ["django 3.0"]
    places = {(r.location.path, r.direct) for r in component(found, "django").requirements}
    assert places == {("requirements.txt", True), ("pins.txt", False)}


def test_addresses_are_kept_and_their_credentials_are_not() -> None:
    text = (
        "-e git+https://me:secret@example.org/a/tool.git@v1.2#egg=tool\n"
        "lib @ https://example.org/lib-2.0-py3-none-any.whl\n"
        "./wheels/own-3.0.tar.gz\n"
        "--extra-index-url https://me:secret@example.org/simple\n"
    )
    found = manifest("requirements.txt", text)
    assert packages(found) == ["tool 1.2", "lib 2.0", "own 3.0"]
    assert [r.origin for r in found.requirements] == [Origin.REPOSITORY, Origin.URL, Origin.PATH]
    assert found.indexes == ("https://example.org/simple",)
    assert "secret" not in repr(found)


def test_who_asked_is_read_from_what_the_resolver_noted() -> None:
    text = "flask==2.0\n    # via -r requirements.in\njinja2==3.0\n    # via flask\nmarkupsafe==2.0  # via jinja2\n"
    found = inventory({"requirements.txt": text})
    assert [str(p) for p in component(found, "markupsafe").chain] == ["flask 2.0", "jinja2 3.0", "markupsafe 2.0"]
    assert not component(found, "jinja2").direct


def test_several_who_asked() -> None:
    text = "a==1\nb==1\nc==1\n    # via\n    #   a\n    #   b\n"
    found = inventory({"requirements.txt": text})
    assert [c.direct for c in found.components] == [True, True, False]


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("requirements.txt", Scope.RUNTIME),
        ("requirements-dev.txt", Scope.DEVELOPMENT),
        ("requirements/test.txt", Scope.DEVELOPMENT),
        ("requirements/base.in", Scope.RUNTIME),
    ],
)
def test_the_name_of_a_file_says_what_for(path: str, scope: Scope) -> None:
    (only,) = manifest(path, "flask\n").requirements
    assert only.scope is scope


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_files_of_windows_shells(encoding: str) -> None:
    assert packages(manifest("requirements.txt", "flask==2.0\r\nsix\r\n".encode(encoding))) == ["flask 2.0", "six"]


def test_zero_bytes_are_no_text() -> None:
    found = manifest("requirements.txt", b"flask==2.0\nsi\0x\n")
    assert not found.requirements
    assert [p.text for p in found.problems] == [
        "line 2: the file is not text: it holds zero bytes; nothing of it was read"
    ]


def test_bytes_of_another_encoding_spoil_one_line() -> None:
    found = manifest("requirements.txt", "# für später\nflask\nfläsk\n".encode("latin-1"))
    assert packages(found) == ["flask"]
    assert len(found.problems) == 1


def test_many_complaints_are_counted() -> None:
    found = manifest("requirements.txt", "no requirement at all\n" * 1000 + "flask\n")
    assert packages(found) == ["flask"]
    assert len(found.problems) == 11
    assert found.problems[-1].text == "990 more lines like these"


def test_a_mark_at_the_beginning_is_not_part_of_the_name() -> None:
    assert packages(manifest("requirements.txt", codecs.BOM_UTF8 + b"flask\n")) == ["flask"]
