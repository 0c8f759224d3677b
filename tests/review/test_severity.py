"""What a finding weighs, and in what order findings are told."""

from __future__ import annotations

import doctest
from textwrap import dedent

import pytest

from buckler.analysis.knowledge.load import load_knowledge
from buckler.base.source import SourceFile
from buckler.finding.model import Finding
from buckler.review import nearby
from buckler.review.rulebook import load_rules
from buckler.review.run import review_tree

BOOK, TABLES = load_rules(), {"python": load_knowledge("python")}


def reviewed(text: str, path: str = "app.py") -> list[Finding]:
    files = [SourceFile(path, "python", data=dedent(text).encode())]
    return review_tree(files, book=BOOK, tables=TABLES, jobs=1).findings


def weights(text: str) -> list[tuple[str, str]]:
    return [(f.rule, f.severity.name.lower()) for f in reviewed(text)]


@pytest.mark.parametrize(("name", "severity"), [("password", "medium"), ("etag", "low"), ("assign", "low")])
def test_a_weak_hash_matters_where_something_secret_is_near(name: str, severity: str) -> None:
    assert weights(f"import hashlib\ndef {name}(text):\n    return hashlib.md5(text)\n") == [("weak-hash", severity)]


@pytest.mark.parametrize(("name", "severity"), [("reset_token", "medium"), ("jitter", "low")])
def test_random_numbers_matter_where_something_secret_is_near(name: str, severity: str) -> None:
    assert weights(f"import random\ndef {name}():\n    return random.random()\n") == [("weak-random", severity)]


@pytest.mark.parametrize(("head", "severity"), [
    ("if not verify:", "low"),
    ("if use_tls:", "high"),
    ("if verify:\n            return None\n        else:", "low"),
])  # fmt: skip
def test_a_switch_that_somebody_asked_for_is_low(head: str, severity: str) -> None:
    text = f"""
    import ssl
    def connect(verify, use_tls):
        context = ssl.create_default_context()
        {head}
            context.check_hostname = False
    """
    assert weights(text) == [("tls-verification-off", severity)]


def test_what_a_function_repeats_comes_later() -> None:
    found = reviewed("""
    import os
    from flask import request
    def one():
        os.system("a " + request.args["a"])
        os.system("b " + request.args["b"])
    def two():
        os.system("c " + request.args["c"])
    """)
    assert [f.location.line for f in found] == [5, 8, 6]


def test_an_environment_variable_belongs_to_who_started_the_program() -> None:
    text = "import os, subprocess\ndef edit(name):\n    subprocess.call(os.environ['EDITOR'] + ' x', shell=True)\n"
    assert weights(text) == [("command-injection", "low")]


def test_the_quoted_line_of_a_secret_stops_at_its_value() -> None:
    (found,) = reviewed("""
    def login(page):
        page = connect(page=page, password="t7Kq-92vXw!m", other="x")
    """)
    assert "t7Kq-92v" not in found.code
    assert found.code.startswith("page = connect(page=page, password=")
    assert "`password`" in found.message


@pytest.mark.parametrize("line", [
    '_TOKEN = rb"[!#$%&*+.^_`|~0-9A-Za-z]+"',
    'RATES = {"change_password": "5/m/user", "reset_password": "20/m/ip"}',
])  # fmt: skip
def test_sets_of_characters_and_limits_are_no_secrets(line: str) -> None:
    assert reviewed(line + "\n") == []


def test_examples_of_reading_the_lines_around() -> None:
    assert doctest.testmod(nearby).failed == 0


def test_a_lookahead_forbids_what_the_attack_needs() -> None:
    pattern = r"^\s*((?:--.*?\n\s*)|(?:/\*((?!\*/)[\s\S])*\*/)\s*)*select"
    assert weights(f"import re\ndef ok(sql):\n    return re.match(r'{pattern}', sql)\n") == []
    slow = r"^(?!/\*)(\w+\s?)*$"
    assert weights(f"import re\ndef ok(text):\n    return re.match(r'{slow}', text)\n") == [("redos", "medium")]


FIELD = """
from flask import request
class {one}:
    def __init__(self, name):
        self.name = name
    def show(self):
        return open("/srv/" + self.name)
class {two}:
    def take(self):
        {left} = request.args["name"]
"""


@pytest.mark.parametrize(("left", "severity"), [("self.name", "high"), ("Page.name", "medium")])
def test_a_field_filled_from_elsewhere_is_a_guess(left: str, severity: str) -> None:
    text = FIELD.format(one="Page", two="Page" if left == "self.name" else "Other", left=left)
    if left == "self.name":
        text = text.replace("class Page:\n    def take", "    def take")
    found = [f for f in reviewed(text) if f.source is not None and f.source.kind == "remote"]
    assert [(f.rule, f.severity.name.lower(), f.approximations) for f in found] == [
        ("path-traversal", severity, ("fields",))
    ]
