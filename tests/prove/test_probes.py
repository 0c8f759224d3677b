"""Probes by themselves, without a sandbox: what they tell of, and what leaves them silent."""

import hashlib
import importlib
import io
import random
import sqlite3
import subprocess
import sys
import tarfile
import types
import zipfile
from pathlib import Path

import pytest

from buckler.prove.probes import asking, listening, on_disk, sending, tar_file, watching, zip_file
from buckler.prove.probes.outside import secret, used  # noqa: F401 - fixtures
from buckler.weaknesses.crypto.weak_hash import probe as hashes
from buckler.weaknesses.files import paths_probe
from buckler.weaknesses.injection.argument_injection import probe as arguments
from buckler.weaknesses.injection.ldap_injection import probe as ldap
from buckler.weaknesses.injection.sql_injection import probe as sql
from buckler.weaknesses.injection.sql_injection.probe_structure import structure
from buckler.weaknesses.injection.xpath_injection import probe as xpath
from buckler.weaknesses.resources.redos import probe as redos
from buckler.weaknesses.secrets.hard_coded_secret import probe as written
from buckler.weaknesses.web import cookies_probe, settings_probe
from buckler.weaknesses.web.open_redirect.probe import leads_away
from buckler.weaknesses.web.stack_trace_exposure.probe import traces
from buckler.weaknesses.web.xss.probe import Elements


def test_a_refusal_is_an_answer(monkeypatch):
    def refuse(value):
        raise SystemExit(value)

    monkeypatch.setattr(sending, "send", refuse)
    assert isinstance(sending.attempt("x"), SystemExit)
    assert sending.text(ValueError("x")) == ""


def test_answers_are_told_as_plain_data(monkeypatch):
    page = types.SimpleNamespace(status=302, headers={"Location": "/x"}, __str__=lambda: "")
    assert asking.ask_once(lambda: page, dict)["sent"] == "/x"
    error = {"status": None, "text": "", "error": "ValueError", "ran": {}}
    assert asking.ask_once(lambda: int("x"), dict) == {**error, "sent": None}
    rows = asking.ask_each(
        ["1", "x"], lambda value: types.SimpleNamespace(status=int(value)), lambda text: "same", dict
    )
    assert rows == [{"status": 1, "text": "same", "error": "", "ran": {}}, error]


@pytest.mark.parametrize(("words", "found"), [
    (["git", "ls-remote", "--heads", "-x4711"], ["--heads", "-x4711"]),
    (["git", "diff", "--unified=3", "--x4711"], ["--unified=3", "--x4711"]),
    (["git", "clone", "--branch", "-x4711", "one"], ["--branch"]),
    (["tool", "--unheard-of", "-x4711"], ["--unheard-of"]),
    (["git", "ls-remote", "--heads", "--", "-x4711"], ["--heads"]),
    (["cat", "-x4711"], ["-x4711"]),
])  # fmt: skip
def test_the_value_of_an_option_is_none(words, found):
    assert arguments.options(words) == found


def test_the_words_of_started_programs_are_kept():
    arguments.WATCHING.insert(0, [])
    subprocess.run(["true", "-x4711"], check=True)
    assert arguments.WATCHING.pop() == [["true", "-x4711"]]


def test_the_structure_of_a_statement_leaves_values_out():
    assert structure("SELECT 1 FROM t WHERE n = 'it''s'") == structure("SELECT  22 FROM t WHERE n = ''")
    assert structure("SELECT 1 WHERE n = 'x'") != structure("SELECT 1 WHERE n = 'x' OR '1'='1'")
    assert ldap.structure("(uid=anna)") == ldap.structure("(uid=\\2abert)")
    assert ldap.structure("(uid=anna)") != ldap.structure("(uid=*)(x=y)")


def test_statements_are_recorded_also_those_that_fail():
    connection = sqlite3.connect(":memory:", factory=sql.Recording)
    sql.STATEMENTS.clear()
    connection.cursor().execute("SELECT 1")
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("SELECT nothing")
    assert sql.STATEMENTS == ["SELECT 1", "SELECT nothing"]


def test_a_condition_and_its_opposite():
    assert xpath.opposite("x' or '4711'='4711") == "x' or '4711'='4712"
    assert xpath.meaning("4711") == xpath.meaning("4712")


@pytest.mark.parametrize("target", [
    "//attacker.example/", "https:attacker.example/", "/\\attacker.example", "\thttps://x.attacker.example/",
    "////attacker.example/",
])  # fmt: skip
def test_where_a_browser_goes(target):
    assert leads_away(target) == (target != "https:attacker.example/")
    assert not leads_away("/account")


def test_elements_of_a_page():
    assert Elements('<b title="<x-4711>" onx4711=1>').found == {"b", "title", "onx4711"}
    assert "javascript" in Elements('<a href="javascript:1">').found
    assert "javascript:x4711" in Elements('<a href=" Java\tScript:x4711">').found


@pytest.mark.parametrize(("page", "is_element"), [
    ("<noscript><style></noscript><x-4711></style></noscript>", True),
    ("<noscript><x-4711></noscript>", False),
    ("<textarea><x-4711></textarea>", False),
    ("<style><x-4711></style>", False),
    ("<svg><style><x-4711></style></svg>", True),
    ("<svg></svg><style><x-4711></style>", False),
    ("<math><mtext><style><x-4711></style></mtext></math>", False),
])  # fmt: skip
def test_what_is_text_to_a_browser_is_no_element(page, is_element):
    """With scripts switched on, and in drawings and formulas, other elements hold text than without."""
    assert ("x-4711" in Elements(page).found) is is_element


def test_traces_in_a_page():
    assert traces("File &quot;/app.py&quot;, line 7, in f") == ['File "/app.py", line 7']
    assert traces("no such file") == []


def test_cookies_and_settings(monkeypatch):
    cookies_probe.counterpart()
    settings_probe.counterpart()
    monkeypatch.setattr(settings_probe, "SOUND", ())
    monkeypatch.setattr(settings_probe, "WRONG", (False,))
    settings_probe.counterpart()
    assert settings_probe.settings({"app": types.SimpleNamespace(config={"DEBUG": 1})}) == [1]


def test_secrets_among_constants(monkeypatch):
    code = compile("def f():\n    return ('a', b'q8ZrT2')", "x.py", "exec")
    assert b"q8ZrT2" in written.constants(code)
    monkeypatch.setattr(written, "SECRET", hashlib.sha256(b"q8ZrT2").hexdigest())
    assert written.is_secret(b"q8ZrT2")


def test_paths_outside_the_folder(monkeypatch, tmp_path):
    hidden = tmp_path / "outside" / "4711"
    assert paths_probe.outside(str(hidden), hidden)
    assert not paths_probe.outside("/srv/uploads-4711/x", hidden), "no folder is known"
    monkeypatch.setattr(paths_probe, "FOLDER", "uploads")
    assert paths_probe.outside("/srv/uploads-4711/x", hidden)
    assert not paths_probe.outside("/srv/uploads/uploads-4711/x", hidden), "that is further in"


def test_used_paths_are_told(secret, used):  # noqa: F811
    secret.read_text()
    assert str(secret) in used


def test_archives_hold_the_name():
    assert zipfile.ZipFile(io.BytesIO(zip_file.archive("../x"))).namelist() == ["../x", "4711.txt"]
    with tarfile.open(fileobj=io.BytesIO(tar_file.archive("link:/etc/x"))) as tar:
        assert tar.getnames() == ["link", "link/x", "4711.txt"]
    assert Path(on_disk.in_folder(b"x", "a.zip"), "a.zip").read_bytes() == b"x"
    assert Path(on_disk.saved("report", ".xml")).name == "report.xml"


def test_nothing_listens():
    with pytest.raises(SystemExit), listening.noted("app.py"):
        importlib.import_module("http.server").HTTPServer(("127.0.0.1", 0), None)
    assert listening.LISTENING == [("127.0.0.1", 0)]


def asks(work):
    return work()


def elsewhere(work):
    return work()


@pytest.fixture
def seen(monkeypatch):
    """What the function `asks` of this file asks for; the watch lies in a file of its own, as in an emitted test."""
    monkeypatch.setattr(watching, "FILE", Path(__file__).name)
    monkeypatch.setattr(watching, "FUNCTION", "asks")
    out = []
    watching.everywhere(monkeypatch, random, "choice", lambda *_: out.append("choice"))
    return out


def test_calls_of_the_function_are_told_and_others_are_not(seen):
    elsewhere(lambda: random.choice("ab"))
    assert seen == []
    asks(lambda: random.choice("ab"))
    assert seen == ["choice"]


def test_what_a_library_asks_for_counts_only_where_the_whole_way_is_looked_at(seen, monkeypatch):
    library = {"random": random}
    exec(compile("def pick():\n    return random.choice('ab')", "/lib/picking.py", "exec"), library)
    asks(library["pick"])
    assert seen == []
    monkeypatch.setattr(watching, "DEEP", True)
    asks(library["pick"])
    assert seen == ["choice"]


def test_names_given_by_import_are_watched_as_well(monkeypatch):
    monkeypatch.setattr(watching, "FILE", Path(__file__).name)
    monkeypatch.setattr(watching, "FUNCTION", "asks")
    found = []
    module = types.ModuleType("shop")
    module.digest = hashlib.md5
    monkeypatch.setitem(sys.modules, "shop", module)
    watching.everywhere(monkeypatch, hashlib, "md5", lambda *_, **named: found.append(named))
    asks(lambda: module.digest(b"x", usedforsecurity=False))
    assert found == [{"usedforsecurity": False}]


def test_broken_hashes_are_told_unless_they_do_not_matter():
    found = []
    tell = hashes.recorder(found)
    tell("SHA-1", {})
    tell("openssl_md5", {"usedforsecurity": False})
    tell("sha256", {})
    assert found == ["sha1"]


@pytest.mark.parametrize(("times", "away"), [([0.1, 0.3, 1.0], True), ([0.2, 0.3, 0.4], False), ([0.01, 0.03], False)])
def test_time_that_runs_away(times, away):
    assert redos.run_away(times) is away
