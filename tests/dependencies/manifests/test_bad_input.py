"""Whatever stands in a file, what comes out is an inventory: no reader raises, and every loss is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.dependencies import manifests
from buckler.dependencies.manifests import Reader
from buckler.dependencies.model import Manifest
from dependencies.trees import inventory, manifest, packages

WORDS = [
    "name",
    "version",
    "package",
    "packages",
    "dependencies",
    "devDependencies",
    "default",
    "develop",
    "project",
    "tool",
    "poetry",
    "requires",
    "source",
    "metadata",
    "resolution",
    "importers",
    "snapshots",
    "components",
    "purl",
    "require",
    "install_requires",
    "setup",
    "target",
    "resolved",
    "workspaces",
    "a",
    "@s/b",
    "1.0.0",
    "^1",
    "npm:a@1",
    "file:../x",
    "git+https://u:p@example.org/x.git",
    "../../x",
    "-r",
    "requirements.txt",
    "a==1",
    "node_modules/a",
]
KEYS = st.sampled_from(
    [*WORDS, "", "bom-ref", "node_modules/a/node_modules/b", "packages-dev", "optional-dependencies"]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), KEYS, st.text(max_size=8))
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)
LINES = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=8).map(" ".join)
PIECES = st.sampled_from(
    [
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        "\n",
        "\n  ",
        "\n    ",
        "\n      ",
        "=",
        ": ",
        ",",
        "#",
        "\\\n",
        "<",
        "/>",
        '"""',
        "&a ",
        "*a",
        "// ",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.sampled_from(WORDS), st.text(max_size=4)), max_size=40).map("".join)
EXAMPLES = {
    "wheel": "a-1-py3-none-any.whl",
    "conda": "environment.yml",
    "installed": "site-packages/a.dist-info/METADATA",
}
READERS = pytest.mark.parametrize("reader", manifests.readers(), ids=lambda reader: reader.name)


def path_of(reader: Reader) -> str:
    return EXAMPLES.get(reader.name) or reader.patterns[0].replace("*", "a").lstrip("/")


def check(found: Manifest, reader: Reader) -> None:
    assert found.format == reader.name
    for requirement in found.requirements:
        assert requirement.package.purl
        assert requirement.location.line >= 1
    assert all(problem.text.isprintable() for problem in found.problems)
    assert len(found.problems) <= 12


@READERS
@settings(max_examples=25, deadline=None)
@given(data=st.binary(max_size=200))
def test_bytes(reader: Reader, data: bytes) -> None:
    check(manifest(path_of(reader), data), reader)


@READERS
@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_pieces_of_its_own_notation(reader: Reader, text: str) -> None:
    check(manifest(path_of(reader), text), reader)


@READERS
@settings(max_examples=40, deadline=None)
@given(value=st.dictionaries(KEYS, VALUES, max_size=6))
def test_well_formed_and_meaningless(reader: Reader, value: dict[str, Any]) -> None:
    """JSON is YAML too; the readers of other notations get what they must refuse."""
    text = json.dumps(value, indent=1)
    check(manifest(path_of(reader), text), reader)
    assert inventory({path_of(reader): text, "package.json": '{"dependencies": {"a": "1"}}'}).manifests


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(LINES, max_size=10))
def test_lines(lines: list[str]) -> None:
    for path in ("requirements.txt", "go.mod", "Gemfile.lock", "yarn.lock", "setup.cfg", "go.sum", "gradle.lockfile"):
        manifest(path, "\n".join(lines))


def only(path: str, content: str | bytes) -> str:
    (problem,) = manifest(path, content).problems
    assert problem.partial
    return problem.text


def test_a_billion_laughs() -> None:
    rows = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'lol'] * 9)}]" for n in range(12)]
    assert only("pnpm-lock.yaml", "\n".join(rows)) == (
        "line 7: the file is YAML whose aliases make it too large; nothing of it was read"
    )


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("package.json", '{"dependencies":' * 100_000, "the file is JSON that is nested too deep"),
        ("package.json", "[]", "line 1: the file is JSON, but not an object"),
        ("package.json", '{"a": ' + "1" * 10_000 + "}", "the file is JSON with a number that is too long"),
        ("poetry.lock", "a = " + "[" * 100_000, "the file is TOML that is nested too deep"),
        ("poetry.lock", "a" + ".a" * 100_000 + " = 1", "line 1: the file is TOML with a key of more than 64 parts"),
        ("environment.yml", "- " * 100_000, "the file is YAML that is nested more than 100 deep"),
        ("pom.xml", "<a>" * 100_000, "line 1: the file is XML that is nested more than 200 deep"),
        ("setup.py", "a = " + "(" * 100_000, "the file is not valid Python"),
    ],
)
def test_depth_and_size_end_in_a_sentence(path: str, content: str, said: str) -> None:
    assert only(path, content).removeprefix("line 1: ") == said.removeprefix("line 1: ") + "; nothing of it was read"


def test_what_is_too_large_is_not_read() -> None:
    assert only("go.sum", b" " * (manifests.LARGEST + 1)) == "is larger than 32,000,000 bytes; not read"


def test_more_than_anybody_needs() -> None:
    found = manifest("go.sum", "".join(f"a.org/a{n} v1 h1:a\n" for n in range(100_001)))
    assert len(found.requirements) == 100_000
    assert [p.text for p in found.problems] == ["the file has more than 100,000 requirements; the rest was not read"]


def test_text_that_is_no_manifest_at_all() -> None:
    found = manifest("requirements.txt", "flask\n" + "just some prose\n" * 100_000)
    assert packages(found) == ["flask"]
    assert (
        found.problems[-2].text == "the file has more than 5,000 lines that are not understood; the rest was not read"
    )


def test_names_that_double() -> None:
    text = "".join(f"a{n} = a{n + 1} + a{n + 1}\n" for n in range(40)) + "a40 = ['x']\nsetup(install_requires=a0)\n"
    assert only("setup.py", text) == "line 42: `install_requires` is computed when the file runs; not read"


def test_versions_that_are_none() -> None:
    found = manifest("package-lock.json", '{"packages": {"node_modules/a": {"version": "1.0\\u0000\\n"}}}')
    assert not found.requirements
    assert len(found.problems) == 1


def test_a_chain_as_long_as_nobody_has() -> None:
    rows = [f'[[package]]\nname = "p{n}"\nversion = "1"\n[package.dependencies]\np{n + 1} = "*"\n' for n in range(500)]
    found = inventory({"poetry.lock": "".join(rows)})
    assert max(len(component.chain) for component in found.components) == 64
