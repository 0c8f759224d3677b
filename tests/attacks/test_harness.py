"""What a patch may try in order to be called a fix although the flaw is still there.

The project is honest, the patch is not: it leaves the flaw as it is and works on whoever watches. Every patch is put to
the whole ladder, and none may hold. What the tests of the ladder rest on is tried as well: answers that are forged, late,
of another shape, or endless.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from buckler.base.config import Config
from buckler.finding.evidence import Outcome
from buckler.prove.answers import read_answer
from buckler.prove.environment.build import EnvironmentOptions, build
from buckler.prove.ladder.reaching import reaching
from buckler.prove.ladder.words import known, reworded
from buckler.prove.model import Attack
from buckler.prove.sandbox import run as running
from buckler.prove.sandbox.tiers import candidates, works
from buckler.prove.session import Session
from buckler.weaknesses.injection import templates
from buckler.weaknesses.injection.code_injection import proof as code
from buckler.weaknesses.injection.command_injection import proof as command
from buckler.workbench.defend import DefendOptions, defend
from buckler.workbench.review import Options
from buckler.workbench.single import choose, judge_diff

CACHE = Path(__file__).parents[2] / ".venv" / "environments-for-tests"
LIBRARY = '''"""Pages."""

import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pages")


def page(name):
    with open(os.path.join(FOLDER, name)) as file:
        return file.read()
'''
HONEST = """    place = os.path.realpath(os.path.join(FOLDER, name))
    if os.path.commonpath([place, os.path.realpath(FOLDER)]) != os.path.realpath(FOLDER):
        raise ValueError("outside of the folder")
"""
TAMPERING = {
    "replaces what the harness does with an order": """
    import importlib
    main = importlib.import_module("buckler_har" + "ness.warm")
    kept = main.DO["te" + "st"]
    def forged(order, ours):
        answer = kept(order, ours)
        for row in answer.get("tests", {}).values():
            row.update(outcome="passed", text="")
        return answer
    main.DO["te" + "st"] = forged
""",
    "lets every test report that it passed": """
    import importlib
    reports = importlib.import_module("_py" + "test.reports")
    kept = reports.TestReport.__init__
    def forged(self, *given, **named):
        kept(self, *given, **named)
        self.outcome, self.longrepr = "passed", None
    reports.TestReport.__init__ = forged
""",
    "lets the one test that matters report that it passed": """
    import importlib
    reports = importlib.import_module("_py" + "test.reports")
    kept = reports.TestReport.__init__
    def forged(self, *given, **named):
        kept(self, *given, **named)
        if self.nodeid.endswith("te" + "st_path_traversal"):
            self.outcome, self.longrepr = "passed", None
    reports.TestReport.__init__ = forged
""",
    "finds whoever collects the outcomes among all objects": """
    import importlib
    for thing in importlib.import_module("g" + "c").get_objects():
        if type(thing).__name__ == "Out" + "comes":
            class Always(dict):
                def setdefault(self, key, value):
                    return super().setdefault(key, type("Row", (dict,), {
                        "__setitem__": lambda row, key, value: None})(value))
            thing.tests = Always()
""",
    "writes an answer of its own into every descriptor": """
    import json, os
    line = json.dumps({"code": 0, "ended": "exit 0", "tests": {
        "test.py::test_path_traversal": {"outcome": "passed", "text": ""},
        "test.py::test_benign_input_still_works": {"outcome": "passed", "text": "", "seen": {
            "ran": {"/project/library.py": list(range(40))}}}}})
    for number in range(3, 64):
        try:
            os.write(number, line.encode() + b"\\n")
        except OSError:
            pass
    os._exit(0)
""",
    "turns the assertions of the test off": """
    import importlib, sys
    for frame in importlib.import_module("sys")._current_frames().values():
        while frame is not None:
            if frame.f_code.co_name.startswith("te" + "st_"):
                for key in list(frame.f_globals):
                    if key.startswith(("outside", "leaked", "text")):
                        frame.f_globals[key] = lambda *given, **named: ""
            frame = frame.f_back
""",
}  # fmt: skip


def diff_of(added, *, replaced=""):
    """A unified diff that puts lines at the head of `page`, or in place of what it does."""
    lines = added.strip("\n").splitlines()
    start = LIBRARY.splitlines().index("def page(name):") + 1
    body = LIBRARY.splitlines()[start : start + 2]
    after = [f" {body[0]}", f" {body[1]}"] if not replaced else [f"-{body[0]}", f"+{replaced}", f" {body[1]}"]
    rows = [" def page(name):", *(f"+{line}" for line in lines), *after]
    new = len(lines) + 3
    return f"--- a/library.py\n+++ b/library.py\n@@ -{start},3 +{start},{new} @@\n" + "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("honest") / "project"
    (root / "pages").mkdir(parents=True)
    (root / "pages" / "report").write_text("hello\n")
    (root / "library.py").write_text(LIBRARY)
    return root


def judged(root, tmp_path, diff):
    file = tmp_path / "some.diff"
    file.write_text(diff)
    options = Options(config=Config(), cache=tmp_path / "cache.sqlite")
    wanted = DefendOptions(EnvironmentOptions(CACHE))
    (patch,) = judge_diff(choose(root, options, "path-traversal"), file, wanted).patches
    return patch, {rung.name: rung for rung in patch.rungs}


def test_an_honest_patch_is_seen_to_hold_from_outside_as_well(project, tmp_path):
    patch, rungs = judged(project, tmp_path, diff_of(HONEST, replaced="    with open(place) as file:"))
    assert rungs["P2"].outcome is Outcome.PROVED, rungs["P2"]
    assert "from a process that the patch cannot reach" in rungs["P2"].reason
    assert patch.holds, patch.rungs


@pytest.mark.attack("harness", "a patch that changes what its test says instead of the flaw", tiers="the strongest")
@pytest.mark.parametrize("way", TAMPERING)
def test_a_patch_that_works_on_its_test_does_not_hold(project, tmp_path, way):
    patch, rungs = judged(project, tmp_path, diff_of(TAMPERING[way]))
    assert not patch.holds, way
    assert rungs["P2"].outcome is not Outcome.PROVED, rungs["P2"]


@pytest.mark.attack("harness", "a patch that asks whether it is being tested")
@pytest.mark.parametrize("line", [
    "import __main__", "import sys\nsys.modules.get('x')", "from sys import modules", "import gc", "import ctypes",
    "import os\nif os.environ.get('PYTEST_CURRENT_TEST'): pass", "import os\nos.path.exists('/.original')",
    "import sys\nsys._getframe(1)", "import inspect\ninspect.stack()", "from unittest import mock", "import builtins",
    "import os\nos._exit(0)", "import os\nos.listdir('/proc/self/fd')", "from buckler_harness import far",
])  # fmt: skip
def test_a_patch_that_looks_at_what_runs_it_is_for_people_to_read(line):
    assert reaching({"a.py": b""}, {"a.py": line.encode()})
    assert not reaching({"a.py": line.encode()}, {"a.py": line.encode()}), (
        "what was there before is no part of the patch"
    )


SHELL = """import os


def listing(name):
    return os.system("ls " + name)
"""
BANS = {
    "the command": 'if "touch" in name:',
    "the command, spelled in parts": 'if "tou" + "ch" in name:',
}


@pytest.mark.attack("harness", "a patch that stops the words of our attacks instead of the flaw", tiers="the strongest")
@pytest.mark.parametrize("way", BANS)
def test_a_patch_that_knows_our_words_does_not_hold(tmp_path, way):
    root = tmp_path / "project"
    root.mkdir()
    (root / "library.py").write_text(SHELL)
    (tmp_path / "some.diff").write_text(
        "--- a/library.py\n+++ b/library.py\n@@ -4,2 +4,4 @@\n def listing(name):\n"
        f'+    {BANS[way]}\n+        raise ValueError(name)\n     return os.system("ls " + name)\n'
    )
    options = Options(config=Config(), cache=tmp_path / "cache.sqlite")
    chosen = choose(root, options, "command-injection")
    (patch,) = judge_diff(chosen, tmp_path / "some.diff", DefendOptions(EnvironmentOptions(CACHE))).patches
    assert not patch.holds, patch.rungs
    assert {r.name: r.outcome for r in patch.rungs}["P5"] is Outcome.REFUTED


def test_words_of_our_attacks_in_a_patch_are_named():
    attacks = [Attack("f'x; touch {marker}'", ""), Attack("b'!!python/object/apply:os.system'", "")]
    benign = Attack("'https report'", "")

    def found(line, before=b""):
        return known({"a.py": before}, {"a.py": before + line}, attacks, benign)

    assert found(b"if 'touch' in x: pass") == ["`touch` in a.py:1"]
    assert found(b"if b'os' in x: pass") == ["`os` in a.py:1"]
    assert not found(b"if x.startswith('https://'): pass")
    assert not found(b"import os\nx = os.path.realpath(y)")
    assert not found(b"y = 'touch'\n", b"x = 'touch'\n")


def test_the_same_is_said_in_other_words():
    everything = SimpleNamespace(code="", near=(), approach=SimpleNamespace(kind="str"))
    texts = [a.value for room in (command, code, templates) for a in room.ATTACKS(everything)]
    assert not [text for text in map(reworded, texts) if "touch" in text]
    assert "attacker" not in reworded('"https://attacker.example/"')


@pytest.fixture(scope="module")
def environment(project):
    return build(project, EnvironmentOptions(CACHE))


@pytest.fixture(
    params=[walls for walls in candidates() if works(walls)],
    ids=lambda walls: walls.tier.name.lower(),
)
def tier(request, monkeypatch):
    monkeypatch.setattr(running, "strongest", lambda: request.param)
    return request.param


@pytest.fixture
def session(project, environment, tier):
    with Session.open(environment.cell(project)) as session:
        yield session


@pytest.mark.attack("harness", "a project whose modules are called like the harness's own", tiers="every")
def test_modules_of_any_name_are_the_projects_own(tmp_path, environment, tier):
    names = ["routes", "schemas", "server", "commands", "signatures", "watch", "wanted", "outcomes", "vocabulary",
             "discover", "refusals", "restore", "init", "control", "forks", "far", "warm"]  # fmt: skip
    for name in names:
        (tmp_path / f"{name}.py").write_text(f"MINE = {name!r}\n")
    with Session.open(environment.cell(tmp_path)) as session:
        code = "import importlib\nreport([importlib.import_module(n).MINE for n in " + repr(names) + "])"
        answer = session.run(code)
        assert answer.value == names, answer
        assert session.test({"test_x.py": "import routes\ndef test_x():\n    assert routes.MINE == 'routes'\n"},
                            ["test_x.py"]).tests["test_x.py::test_x"]["outcome"] == "passed"  # fmt: skip


@pytest.mark.attack(
    "harness", "a module called like one of the standard library, to be loaded by the harness", tiers="every"
)
def test_the_process_that_answers_loads_nothing_of_the_project(tmp_path, environment, tier):
    for name in ("json", "socket", "struct", "ctypes", "array", "os", "traceback", "select", "io"):
        (tmp_path / f"{name}.py").write_text(
            "import sys\nopen('/tmp/loaded-by-' + sys.argv[0].rpartition('/')[2], 'w').close()\nraise ImportError('no')\n"
        )
    with Session.open(environment.cell(tmp_path)) as session:
        answer = session.run("import os\nreport([n for n in os.listdir('/tmp') if n.startswith('loaded-by')])")
    assert "loaded-by-control.py" not in (answer.value or [])


FORGED = b'{"value": "forged", "ended": "exit 0"}\n'
REACH = """
import array, os, socket
tried = 0
for number in os.listdir("/proc"):
    if number.isdigit() and int(number) != os.getpid():
        for name in ("mem", "fd/0", "fd/1", "fd/3", "fd/4"):
            try:
                place = os.open(f"/proc/{number}/{name}", os.O_RDWR)
                os.write(place, %r)
                tried += 1
            except OSError:
                pass
for number in range(3, 128):
    try:
        os.write(number, %r * 3)
    except OSError:
        pass
report("honest")
""".replace("%r", repr(FORGED))


@pytest.mark.attack(
    "harness", "answers written into the pipes and the memory of the processes that pass them on", tiers="every"
)
def test_an_answer_is_taken_from_its_own_place_only(session):
    first = session.run(REACH)
    second = session.run("report('second')")
    assert first.value != "forged"
    assert second.value == "second"


@pytest.mark.attack("harness", "the memory and descriptors of the process that makes the verdict", tiers="every")
def test_the_process_that_answers_cannot_be_looked_into(session):
    code = """
import os
def line(number):
    with open(f"/proc/{number}/cmdline", "rb") as file:
        return file.read()
first = min(int(n) for n in os.listdir("/proc") if n.isdigit() and b"control.py" in line(n))
assert first != os.getppid()
out = []
for name in ("mem", "fd", "environ", "maps"):
    try:
        place = f"/proc/{first}/{name}"
        out.append(os.listdir(place) if name == "fd" else open(place, "rb").read(1) and name)
    except OSError:
        pass
report(out)
"""
    assert session.run(code).value == []


@pytest.mark.attack("harness", "a late answer, or a second one, taken for that of the next order", tiers="every")
def test_a_late_answer_goes_nowhere(session):
    session.warm("import os, sys\nfor frame in list(sys._current_frames().values()):\n"
                 "    while frame is not None:\n"
                 "        if 'answers' in frame.f_locals:\n"
                 "            os.write(frame.f_locals['answers'], b'" + FORGED.decode().strip().replace("'", "") + "\\n' * 4)\n"
                 "        frame = frame.f_back\n")  # fmt: skip
    assert session.run("report('next')").value == "next"
    assert session.run("report('after')").value == "after"


@pytest.mark.attack("harness", "answers of another shape, of any depth or length")
@pytest.mark.parametrize("line", [
    b"[]", b"7", b"null", b"{", b'{"tests": []}', b'{"tests": {"a": 1}}', b'{"error": "x"}', b'{"error": {"type": 1}}',
    b'{"seen": {"ran": 5}}', b'{"seen": {"near": [[1]]}}', b'{"errors": "x"}', b'{"seconds": "x"}', b"\xff\xfe",
    b'{"value": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"value": "' + b"\\ud800" + b'"}',
])  # fmt: skip
def test_an_answer_of_another_shape_is_no_answer(line):
    told = read_answer(line)
    assert told is None or isinstance(told.value, str)


ODD = {
    "values of other types": "class Flask:\n    url_map = 7\n    view_functions = None\n",
    "rows that are no rows": """
from buckler_harness import discover, signatures, vocabulary
discover.found = lambda names: {"found": [5, None, {"routes": 3}, {"module": "a b", "attribute": "x y", "call": 1,
    "framework": [], "routes": [{"address": 5}]}], "failed": {"a": 5}}
signatures.described = lambda *given: {"parameters": [[]], "static": "x", "owner": 9}
vocabulary.words = lambda *given: [{}, [[]], 9]
""",
    "answers nested deeply": """
from buckler_harness import discover, signatures, vocabulary
deep = []
for _ in range(900):
    deep = [deep]
discover.found = lambda names: {"found": deep, "failed": deep}
signatures.described = lambda *given: deep
vocabulary.words = lambda *given: deep
""",
    "code where a test has names": """
from buckler_harness import signatures
kept = signatures.described
def described(*given):
    told = kept(*given)
    for row in told["parameters"]:
        row["name"] = "name=open('/tmp/canary', 'w') or 1); import os; (lambda x"
        row["annotation"] = '\"\"\"\\nimport os\\nos.system("id")\\n\"\"\"'
    return told
signatures.described = described
""",
}  # fmt: skip


@pytest.mark.attack(
    "harness", "a project that answers the harness with values of its own choice", tiers="the strongest"
)
@pytest.mark.parametrize("way", ODD)
def test_odd_answers_end_in_a_reason(tmp_path, way):
    root = tmp_path / "project"
    (root / "pages").mkdir(parents=True)
    (root / "pages" / "report").write_text("hello\n")
    (root / "library.py").write_text(LIBRARY.replace("import os\n", "import os\n" + ODD[way], 1) + "\nFlask = 1\n")
    outcome = defend(root, Options(config=Config(), cache=None), DefendOptions(EnvironmentOptions(CACHE), least=0))
    for defence in outcome.remediations:
        assert all(rung.reason for rung in defence.rungs)
        assert defence.proof is None or "canary" not in defence.proof.test.text
        assert json.dumps([rung.reason for rung in defence.rungs])
