"""No grade without its cause: what is believed of an effect, and of benign input that gives the same as before."""

import sys
from pathlib import Path

import pytest

from buckler.base.config import Config
from buckler.finding.evidence import Outcome
from buckler.finding.model import Grade
from buckler.prove.entries.place import comparison, handlers
from buckler.prove.environment.build import EnvironmentOptions
from buckler.workbench.defend import DefendOptions, defend
from buckler.workbench.review import Options

BEHIND = """
ACCOUNTS = {"anna": "t0ps3cret"}


def allowed(name, password):
    return name in ACCOUNTS and ACCOUNTS[name] == password
"""
NEVER = """
import os


def allowed(token):
    return os.environ.get("NO_SUCH_SWITCH") == "on" and os.environ["ADMIN_TOKEN"] == token
"""
TWO_CALLS = """
import hashlib


def signature(text):
    first = hashlib.md5(text.encode()).hexdigest() if text.startswith("v1:") else ""
    return first + hashlib.md5(text.encode()).hexdigest()
"""
TWO_LINES = """
def worth(text):
    first = 0
    if "(" not in text:
        first = eval(text)
    return first + eval(text)
"""
CAUGHT = """
RATES = {"EUR": 1.0}


def converted(amount):
    try:
        return RATES[eval(amount)]
    except Exception:
        return "unknown"
"""
FORMULA = """
def result_of(formula):
    try:
        return f"= {eval(formula)}"
    except Exception:
        return "?"
"""
TABLE = """
def number(text):
    return eval(text)
"""


SHOWN = (Grade.REPRODUCED, Grade.FIXED)


def defended(tmp_path, source):
    root = tmp_path / "project"
    root.mkdir()
    (root / "shop.py").write_text(source.lstrip())
    wishes = EnvironmentOptions(tmp_path / "cache", given=Path(sys.prefix))
    return defend(root, Options(config=Config(), cache=tmp_path / "cache.sqlite"), DefendOptions(wishes)).remediations


def outcomes(rungs):
    return {rung.name: rung.outcome for rung in rungs}


def test_a_comparison_counts_only_if_it_was_made(tmp_path):
    (defence,) = defended(tmp_path, BEHIND)
    assert defence.grade is Grade.FIXED, "a name that the table has leads to the comparison"
    assert "'anna'" in defence.proof.test.text


def test_no_comparison_is_no_unsafe_comparison(tmp_path):
    (defence,) = [d for d in defended(tmp_path, NEVER) if d.finding.rule == "timing-comparison"]
    assert defence.proof is None
    assert defence.grade not in SHOWN


def test_a_watch_counts_calls_of_its_own_line_only(tmp_path):
    grades = {d.finding.location.line: (d.grade, d.rungs) for d in defended(tmp_path, TWO_CALLS)}
    assert grades[6][0] in SHOWN
    first, rungs = grades[5]
    assert first not in SHOWN, "it ran, and what it is about did not happen"
    assert any("not one that this line makes" in rung.reason for rung in rungs)


def test_the_effect_of_another_line_is_not_that_of_this_one(tmp_path):
    guarded = next(d for d in defended(tmp_path, TWO_LINES) if d.finding.location.line == 4)
    assert guarded.grade not in SHOWN
    assert any("this line had not run" in rung.reason for rung in guarded.rungs)


def test_the_error_page_says_nothing_about_benign_input(tmp_path):
    (defence,) = defended(tmp_path, CAUGHT)
    assert defence.grade is Grade.REPRODUCED
    (patch,) = defence.patches
    assert outcomes(patch.rungs)["P3"] is Outcome.NOT_VERIFIED
    assert "handling of errors" in next(rung.reason for rung in patch.rungs if rung.name == "P3")


def test_what_computes_is_asked_to_compute(tmp_path):
    (defence,) = defended(tmp_path, FORMULA)
    assert defence.grade is Grade.REPRODUCED
    assert outcomes(defence.patches[0].rungs)["P3"] is Outcome.REFUTED


def test_inputs_that_got_through_are_counted(tmp_path):
    (defence,) = defended(tmp_path, TABLE)
    assert defence.grade is Grade.FIXED
    said = next(rung.reason for rung in defence.fix.rungs if rung.name == "P6")
    assert said == "24 generated inputs give the same results, all of them through the guarded line"


SOURCE = b"""
def find(key):
    try:
        row = TABLE[key]
    except KeyError as error:
        return 404
    try:
        return show(row)
    finally:
        close()


def report():
    try:
        work()
    except ValueError:
        log()
        raise
"""


@pytest.mark.parametrize(("line", "found"), [(4, [6]), (8, []), (15, [17, 18]), (17, [])])
def test_where_code_deals_with_errors_by_itself(line, found):
    assert handlers(SOURCE, [line]) == found


def test_which_comparison_of_a_line_is_meant():
    line = b'ok = kind == "x" and name in users and users[name] == given\n'
    assert comparison(line, 1, line.index(b"kind") + 1) == 0
    assert comparison(line, 1, line.index(b"users[name]") + 1) == 1
