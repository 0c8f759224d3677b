"""Probe files and what is cut of them: real Python that runs under old interpreters, and stands alone in a test."""

import ast
import re
from pathlib import Path

import pytest

import buckler
from buckler.prove.cutting import body, cut, parameters
from buckler.prove.probe_file import PROBES, ProbeFile
from buckler.weaknesses.registry import ROOMS, proof_of, rooms

INSIDE = sorted((PROBES.parent / "inside").glob("*.py"))
FILES = sorted([*PROBES.glob("*.py"), *ROOMS.rglob("*probe*.py")])
NEWER = re.compile(r"\.removeprefix\(|\.removesuffix\(|is_relative_to|functools\.cache\b|strict=True")
PROBE = '''
"""A probe."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from json import dumps, loads

import pytest

from buckler.prove.probes.sending import BENIGN, VALUE, attempt, headers

LIMIT: int = 3
"""How many."""
SEEN: list[str] = []
UNUSED = dumps


def _hook(event: str, arguments: tuple[object, ...] = (), *, more: bool = False) -> None:
    SEEN.append(event)  # noqa: PERF401


sys.addaudithook(_hook)


@pytest.fixture
def watched(tmp_path: os.PathLike[str]) -> list[str]:
    """What was seen."""
    return SEEN[:LIMIT]


class Kept:
    name: str
    count: int = 0

    def get(self) -> bytes:  # the rest of the line stays
        return urllib.request.urlopen("https://ä.example").read()


def attack(watched: list[str]) -> None:
    found: list[str] = attempt(BENIGN)
    assert headers(attempt(VALUE)) == found, f"EXPLOITED: {watched[0]} of {Kept().get()!r}"
'''


@pytest.fixture
def probe(tmp_path):
    file = tmp_path / "probe.py"
    file.write_text(PROBE)
    return ProbeFile.load(file)


def test_what_a_function_needs_is_cut_and_nothing_else(probe):
    parts = cut(probe, ["attack"])
    assert (
        parts.code
        == '''LIMIT = 3
"""How many."""
SEEN = []


def _hook(event, arguments=(), *, more=False):
    SEEN.append(event)


sys.addaudithook(_hook)


@pytest.fixture
def watched(tmp_path):
    """What was seen."""
    return SEEN[:LIMIT]


class Kept:
    count = 0

    def get(self):  # the rest of the line stays
        return urllib.request.urlopen("https://ä.example").read()'''
    )
    assert sorted(parts.imports) == ["import pytest", "import sys", "import urllib.error", "import urllib.request"]
    assert parts.given == {"BENIGN", "VALUE", "attempt", "headers"}


def test_constants_are_set_and_names_replaced_in_the_tree(probe):
    assert cut(probe, [], {"LIMIT": "[1, 2]"}, more=["LIMIT"]).code.startswith('LIMIT = [1, 2]\n"""How many."""\nSEEN')
    text = body(probe, "attack", {"VALUE": "'VALUE'", "BENIGN": "'LIMIT'"}, {"watched": "watched_here"}, ["client"])
    assert text.splitlines() == [
        "found = attempt(client, 'LIMIT')",
        "assert headers(attempt(client, 'VALUE')) == found, f'EXPLOITED: {watched_here[0]} of {Kept().get()!r}'",
    ]


def test_what_is_there_already_is_not_written_twice(probe):
    assert cut(probe, ["attack"], present={"Kept", "watched"}).code == ""


def test_fixtures_are_the_parameters(probe):
    assert parameters(probe, "attack") == ("watched",)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(Path(buckler.__file__).parent).as_posix())
def test_probes_run_under_old_pythons(file):
    """An error of the watch inside the project's own `except` would pass for silence."""
    source = file.read_text("utf-8")
    ast.parse(source, feature_version=(3, 8))
    probe = ProbeFile.load(file)
    every = cut(probe, [], more=probe.defined)
    ast.parse(every.code, feature_version=(3, 8))
    assert not NEWER.search(source)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(Path(buckler.__file__).parent).as_posix())
def test_what_is_cut_needs_nothing_of_ours_and_no_annotations(file):
    probe = ProbeFile.load(file)
    tree = ast.parse(cut(probe, [], more=probe.defined).code)
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.AnnAssign) or getattr(n, "annotation", None)]
    assert not [n for n in ast.walk(tree) if getattr(n, "returns", None)]
    assert "buckler" not in ast.dump(tree)


@pytest.mark.parametrize("file", INSIDE, ids=lambda file: file.name)
def test_what_runs_in_the_sandbox_runs_under_old_pythons(file):
    source = file.read_text("utf-8")
    ast.parse(source, feature_version=(3, 8))
    assert not NEWER.search(source)
    assert "buckler." not in source.replace("buckler.harness", ""), "nothing of ours is there"


def test_every_room_that_can_prove_has_a_recipe():
    proved = [rule for rule, room in rooms().items() if (room / "proof.py").is_file()]
    assert len(proved) > 40
    assert all(proof_of(rule) is not None for rule in proved)
    assert proof_of("prompt-injection") is None
    assert proof_of("no-such-rule") is None


def test_the_framework_of_proofs_names_no_weakness():
    """What belongs to one weakness lives in its room."""
    home = Path(buckler.__file__).parent / "prove"
    known = set(rooms())
    found = [
        f"{file.relative_to(home)}:{node.lineno} {node.value}"
        for file in home.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Constant) and node.value in known
    ]
    assert not found
