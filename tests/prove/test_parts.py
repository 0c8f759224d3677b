"""Parts of proofs that need no sandbox: what counts as an option, what an environment lacks, which stand-ins are made."""

import json
import os
import re
import time
import types

import pytest

from buckler.prove.entries.arguments import argument
from buckler.prove.environment.build import PATIENCE, RECIPE, still_true
from buckler.prove.environment.sources import plain_packages
from buckler.prove.ladder.compare import generated
from buckler.prove.oracles import choose, options


@pytest.fixture(scope="module")
def told():
    """The function by which an emitted test tells options."""
    names = {}
    exec(options.HELPERS[options.HELPERS.index("def options") :], names)
    return names["options"]


@pytest.mark.parametrize(("words", "found"), [
    (["git", "ls-remote", "--heads", "-x4711"], ["--heads", "-x4711"]),
    (["git", "diff", "--unified=3", "--x4711"], ["--unified=3", "--x4711"]),
    (["git", "clone", "--branch", "-x4711", "one"], ["--branch"]),
    (["tool", "--unheard-of", "-x4711"], ["--unheard-of"]),
    (["git", "ls-remote", "--heads", "--", "-x4711"], ["--heads"]),
    (["cat", "-x4711"], ["-x4711"]),
])  # fmt: skip
def test_the_value_of_an_option_is_none(told, words, found):
    assert told(words) == found


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


NEWER = re.compile(
    r"\.removeprefix\(|\.removesuffix\(|is_relative_to|functools\.cache\b|strict=True|\bmatch \w+:$", re.M
)


@pytest.mark.parametrize("module", [m for m in vars(choose).values() if isinstance(m, types.ModuleType)])
def test_what_is_emitted_runs_on_older_pythons(module):
    """An error of the watch inside the project's own `except` would pass for silence."""
    texts = [value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)]
    assert not [found[0] for text in texts for found in NEWER.finditer(text)]
