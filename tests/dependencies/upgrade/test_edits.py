"""Only the text of a range is replaced; everything a person wrote around it stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buckler.dependencies.model import Package, Requirement
from buckler.dependencies.upgrade.edits import NotEdited, edits_of
from buckler.finding.model import Location
from buckler.fix.patch import apply


def line(text: str, name: str, wanted: str, number: int = 1, last: int = 0, ecosystem: str = "PyPI") -> Requirement:
    place = Location("file", number, 1, last or number, 1)
    return Requirement(Package(ecosystem, name), place, text.strip(), wanted)


def after(text: str, requirement: Requirement, version: str, hashes: tuple[str, ...] = ()) -> str:
    data = text.encode()
    return apply(edits_of(requirement, data, version, hashes), "file", data).decode()


@pytest.mark.parametrize(
    ("text", "name", "wanted", "version", "changed"),
    [
        ("Jinja2==2.10  # pinned\n", "jinja2", "==2.10", "2.10.1", "Jinja2==2.10.1  # pinned\n"),
        ('dependencies = ["flask-login[x] >=0.4,<1"]\r\n', "flask-login", ">=0.4,<1", "1.2.3", 'dependencies = ["flask-login[x] >=1.2.3,<2"]\r\n'),
        ('  "lodash": "^4.17.15",\n', "lodash", "^4.17.15", "4.17.21", '  "lodash": "^4.17.21",\n'),
        ('    "@babel/core": "7.1.0"', "@babel/core", "7.1.0", "7.1.1", '    "@babel/core": "7.1.1"'),
        ("\tgolang.org/x/text v0.3.7 // indirect\n", "golang.org/x/text", "v0.3.7", "0.3.8", "\tgolang.org/x/text v0.3.8 // indirect\n"),
        ("python2.7-thing==2.7\n", "python2.7-thing", "==2.7", "2.8", "python2.7-thing==2.8\n"),
        ('a = "2.0"; b = { version = "2.0" }', "b", "2.0", "2.1", 'a = "2.0"; b = { version = "2.1" }'),
        ("django>=4\n", "django", ">=4", "4.2.9", "django>=4.2.9\n"),
    ],
)  # fmt: skip
def test_a_line(text: str, name: str, wanted: str, version: str, changed: str) -> None:
    assert after(text, line(text, name, wanted), version) == changed


def test_the_right_line_of_several() -> None:
    text = "a==1.0\nb==1.0\nc==1.0\n"
    assert after(text, line("b==1.0", "b", "==1.0", 2), "1.1") == "a==1.0\nb==1.1\nc==1.0\n"


def test_hashes_go_with_the_version() -> None:
    text = "jinja2==2.10 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nother==1\n"
    old = replace(line("jinja2==2.10 \\", "jinja2", "==2.10", 1, 3), hashes=("sha256:aa", "sha256:bb"))
    changed = after(text, old, "2.10.1", ("sha256:dd", "sha256:cc"))
    assert changed == "jinja2==2.10.1 \\\n    --hash=sha256:cc \\\n    --hash=sha256:dd\nother==1\n"
    with pytest.raises(NotEdited, match="hashes"):
        after(text, old, "2.10.1")


def test_what_stands_elsewhere_is_not_guessed() -> None:
    with pytest.raises(NotEdited, match="elsewhere"):
        after("<version>${jackson.version}</version>", line("", "jackson", "2.9.8"), "2.9.10")
    with pytest.raises(NotEdited, match="none that can be raised"):
        after('"x": "^1 || ^2"', line("", "x", "^1 || ^2"), "2.1.0")


def test_a_range_that_allows_everything_needs_no_edit() -> None:
    assert after("flask\n", line("flask", "flask", ""), "3.0") == "flask\n"


def test_what_poetry_writes_otherwise_stays_if_it_allows_the_version() -> None:
    text = 'urllib3 = "^1.26.0"\n'
    requirement = line(text, "urllib3", ">=1.26.0,<2.0.0")
    assert after(text, requirement, "1.26.18") == text
    with pytest.raises(NotEdited, match="elsewhere"):
        after(text, requirement, "2.0.7")
