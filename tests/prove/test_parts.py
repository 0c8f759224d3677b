"""Parts of proofs that need no sandbox: what counts as an option, what an environment lacks, which stand-ins are made."""

import json
import os
import time
from types import SimpleNamespace

import pytest

from buckler.prove.entries.arguments import argument
from buckler.prove.entries.slots import READ
from buckler.prove.environment.build import PATIENCE, RECIPE, still_true
from buckler.prove.environment.sources import plain_packages
from buckler.prove.inside import watch
from buckler.prove.ladder.compare import generated
from buckler.weaknesses.data.documents import documents
from buckler.weaknesses.data.xxe.proof import attacks


@pytest.mark.parametrize(("note", "age", "lacks"), [
    ({"recipe": RECIPE, "missing": []}, 10 * PATIENCE, ()),
    ({"recipe": RECIPE, "missing": ["torch: too large"]}, 0, ("torch: too large",)),
    ({"recipe": RECIPE, "missing": ["torch: too large"]}, 2 * PATIENCE, None),
    ({"recipe": RECIPE - 1, "missing": ["torch: too large"]}, 0, None),
    ([], 0, ()),
    (["torch: too large"], 0, None),
])  # fmt: skip
def test_what_could_not_be_had_is_asked_for_again(tmp_path, note, age, lacks):
    file = tmp_path / "note.json"
    file.write_text(json.dumps(note))
    os.utime(file, (time.time() - age,) * 2)
    assert still_true(file) == lacks


@pytest.mark.parametrize(("parameter", "code"), [
    ({"is": "sqlite3.Connection", "annotation": "Connection"}, "sqlite3.connect(':memory:')"),
    ({"name": "conn", "loaded": ["sqlite3"]}, "sqlite3.connect(':memory:')"),
    ({"name": "conn", "loaded": []}, "mock.MagicMock()"),
    ({"name": "bucket", "reads": ["name", "size"]}, "types.SimpleNamespace(name='one', size=1)"),
])  # fmt: skip
def test_what_is_handed_over(parameter, code):
    assert argument({"name": "given", "annotation": "", **parameter}) == code


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["setup.py", "notes/__init__.py", "tests/__init__.py"], ["notes"]),
        (["setup.py", "lib/notes/__init__.py", "lib3/notes/__init__.py", "ext/notes.c"], ["lib3/notes"]),
        (["setup.py", "src/notes/__init__.py", "src/notes/fast.pyx"], []),
        (["setup.py", "notes.py", "helper.py", "notes.egg-info/top_level.txt"], ["notes.py"]),
    ],
)
def test_sources_of_plain_python_are_copied_and_others_are_not(tmp_path, files, found):
    for name in files:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("notes\n")
    assert [p.relative_to(tmp_path).as_posix() for p in plain_packages(tmp_path)] == found


def test_making_up_input_leaves_nothing_where_the_command_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert generated("[a-z]{3,9}é?", 5)
    assert not list(tmp_path.iterdir())


def test_a_look_at_a_file_is_told_like_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, getattr(os, name))
    monkeypatch.setattr(watch, "CURRENT", [watch.Seen({}, ["zq001qz"])])
    watch.tell_of_looks()
    assert not os.path.exists("/nowhere/zq001qz.dat")  # noqa: PTH110 - the call that is told of
    assert watch.CURRENT[0].events == [["os.stat", ["'/nowhere/zq001qz.dat'"]]]


def test_elements_have_the_names_that_the_code_mentions() -> None:
    code = 'rows = parts.read(request.form["table"], "tr", "td")'
    situation = SimpleNamespace(near=(), code=code, approach=SimpleNamespace(kind="str"))
    assert "<table><tr><td>&x;</td></tr></table>" in attacks(situation)[0].value
    assert documents(situation)[0].value == "'<table><tr><td>report</td></tr></table>'"


@pytest.mark.parametrize(("code", "names"), [
    ("x = request.query.page", ["page"]),
    ("x = request.forms.one + request.args.get('two')", ["one"]),
    ("x = request.args.keys()", []),
])  # fmt: skip
def test_parameters_that_are_read_like_attributes(code, names):
    assert READ.findall(code) == names
