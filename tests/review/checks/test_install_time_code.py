"""Packages that act before anybody calls them: hostile ones in the shapes of public reports, honest ones beside them."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hostile_packages import HONEST, LATER, TUNED, Package

from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.libraries.model import LibraryModels
from buckler.base.source import SourceFile, language_of
from buckler.finding.model import Finding, Severity
from buckler.review.run import review_tree
from buckler.weaknesses.dependencies.install_time_code import commands, scripts
from buckler.weaknesses.registry import rulebook

RULE = "install-time-code"


@cache
def tables() -> dict[str, LibraryModels]:
    return {language: load_libraries(language) for language in ("python", "javascript")}


def alarms(package: Package) -> list[Finding]:
    files = [SourceFile(path, language_of(path), data=text.encode()) for path, text in package.items()]
    review = review_tree(files, book=rulebook(), tables=tables(), jobs=1)
    assert not [notice for notice in review.notices if notice.kind == "engine"]
    return [f for f in review.findings if f.rule == RULE and f.severity >= Severity.MEDIUM]


@pytest.mark.parametrize("name", [*TUNED, *LATER])
def test_hostile_packages_are_found(name: str) -> None:
    assert alarms((TUNED | LATER)[name])


@pytest.mark.parametrize("name", [*HONEST])
def test_honest_packages_are_not(name: str) -> None:
    assert not alarms(HONEST[name])


def test_what_happens_at_installation_is_critical() -> None:
    assert {f.severity for f in alarms(TUNED["decoded text is executed"])} == {Severity.CRITICAL}


def test_the_same_at_import_is_medium() -> None:
    assert {f.severity for f in alarms(TUNED["keys are read and sent"])} == {Severity.MEDIUM}


def test_scripts_that_call_each_other_end() -> None:
    data = b'{"scripts": {"install": "npm run a", "a": "npm run b", "b": "npm run a && npm run install"}}'
    assert [*scripts.scripts(data)] == ["install", "a", "b"]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"scripts": 3}', b'{"scripts": {"install": ["x"]}}', b"\xff", b"[" * 100_000]
)
def test_a_broken_manifest_has_no_scripts(data: bytes) -> None:
    assert scripts.scripts(data) == {}
    assert [*scripts.main(data, "package.json")]


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_command_can_be_looked_at(text: str) -> None:
    commands.does(text)
    commands.of_code(text)
    [*scripts.started(text, "a/package.json")]


@given(st.text(alphabet="abexc()=.[]'\"\n :import", max_size=120), st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_package_can_be_looked_at(code: str, script: str) -> None:
    alarms({"setup.py": code, "package.json": f'{{"scripts": {{"install": "{script}"}}}}'})


def test_a_function_that_calls_itself_ends() -> None:
    code = "import os\ndef f(x):\n    y = f(x)\n    y = y + f(y)\n    return y\nexec(f(os.environ))\n"
    assert not alarms({"setup.py": code})
