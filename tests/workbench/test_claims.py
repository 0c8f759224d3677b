"""What is read out of a report, and what of it is refuted by looking at the code."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from buckler.workbench.claims import Tree, contradicted, invented, located, matching, read_claims
from buckler.workbench.review import Options, review_paths

CODE = '''"""Items."""

import sqlite3

from flask import Flask, request

app = Flask(__name__)


@app.get("/items")
def find_items():
    name = request.args["q"]
    return str(sqlite3.connect("shop.db").execute("SELECT * FROM item WHERE name = '" + name + "'").fetchall())
'''


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "shop"
    root.mkdir()
    (root / "items.py").write_text(CODE)
    return root


@pytest.fixture
def told(tmp_path):
    def read(text):
        file = tmp_path / "report.md"
        file.write_text(text)
        return read_claims(file)

    return read


@pytest.mark.parametrize("shown", [
    'Proof:\n\n```\ncurl "http://localhost:5000/items?q=%27"\n```\n',
    "Request:\n\n```http\nGET /items?q=%27 HTTP/1.1\nHost: shop.example\n```\n",
    'The code of the attack:\n\n```python\nimport requests\nprint(requests.get("http://localhost/items"))\n```\n',
    'It answers:\n\n```\n[{"name": "everything there is"}]\n```\n',
    "The vulnerable code in `items.py`:\n\n```python\n    name = request.args[\"q\"]\n    ...  # cut here\n```\n",
])  # fmt: skip
def test_attacks_and_answers_are_no_quoted_code(told, project, shown):
    claims = told(f"# SQL injection in `find_items` of items.py:13\n\nThrough `q`.\n\n{shown}")
    assert [(c.path, c.line) for c in claims] == [("items.py", 13)]
    assert not contradicted(claims[0], "items.py", Tree(project))
    assert not invented(claims[0], "items.py", Tree(project))


def test_code_that_is_nowhere_is_invented(told, project):
    (claim,) = told(
        "# SQL injection in items.py:13\n\nThis line is the vulnerable code:\n\n```python\ncursor.run(f'{secret}')\n```\n"
    )
    assert invented(claim, "items.py", Tree(project)) == "the code it quotes is not in items.py"


def test_a_line_and_a_function_that_are_not_there(told, project):
    (claim,) = told("`reset_password` in `items.py` line 40 passes `token` to `eval()`.")
    assert (claim.path, claim.line) == ("items.py", 40)
    assert contradicted(claim, "items.py", Tree(project)) == "items.py has 13 lines, not 40"
    assert contradicted(replace(claim, line=0, functions=("reset_password",)), "items.py", Tree(project)) == (
        "there is no `reset_password` in items.py"
    )


def test_other_functions_in_the_words_do_not_hide_the_place(told, project):
    (claim,) = told("SQL injection in items.py:13 when `reset_password()` calls `find_items(token)` after POST /reset.")
    review = review_paths([project], Options(cache=None))
    assert [f.rule for f in matching(claim, "items.py", review.review.findings, review.rules)] == ["sql-injection"]


def test_two_claims_in_two_paragraphs(told):
    claims = told("# Findings\n\nSQL injection in items.py:13.\n\nCommand injection in files.py:4, too.\n")
    assert [(c.path, c.kinds) for c in claims] == [
        ("items.py", ("sql-injection",)),
        ("files.py", ("command-injection",)),
    ]


def test_the_way_there_is_no_claim_of_its_own(told):
    claims = told(
        "## SQL injection\n\n`items.py:13`\n\n1. `items.py:12` untrusted\n2. `items.py:13` reaches execute\n\n```diff\n--- a/items.py\n```\n"
    )
    assert {c.section for c in claims} == {claims[0].section}
    assert all(c.path == "items.py" for c in claims)


def test_a_claim_has_its_own_title(told):
    claims = told(
        "# Security report of the shop\n\n- SQL injection in items.py:13\n- Command injection in files.py:4\n"
    )
    assert [c.text for c in claims] == ["SQL injection in items.py:13", "Command injection in files.py:4"]
    (claim,) = told("## SQL injection through `q`\n\nThe SQL injection is in items.py:13.\n")
    assert claim.text == "SQL injection through `q`"


def test_what_names_no_place_is_a_claim_that_cannot_be_checked(told, project):
    claims = told("# Flaws: SQL injection and more\n\n## Path traversal\n\nSomewhere.\n\n## XSS\n\nIn items.py:13.\n")
    assert [(c.text, c.path) for c in claims] == [("Path traversal", ""), ("XSS", "items.py")]
    path, why = located(claims[0], Tree(project))
    assert (path, why[:13]) == ("", "not checkable")


def test_a_result_without_a_place_stays(told, project):
    located_one = {"physicalLocation": {"artifactLocation": {"uri": "items.py"}, "region": {"startLine": 13}}}
    results = [
        {"ruleId": "XSS", "message": {"text": "x"}},
        {"ruleId": "sqli", "message": {"text": "y"}, "locations": [located_one]},
    ]
    claims = told(json.dumps({"version": "2.1.0", "runs": [{"results": results}]}))
    assert [(c.text, c.path, c.line) for c in claims] == [("x", "", 0), ("y", "items.py", 13)]
    assert len({c.section for c in claims}) == 2, "one that is proved must not swallow the others"


def test_a_verb_behind_the_word_function_names_no_function(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    file.write_text(
        "## SQL injection in shop/catalog.py:10\n\nThe function that builds the query glues in user input.\n"
    )
    (claim,) = read_claims(file)
    assert claim.functions == ()
    file.write_text(
        "## SQL injection in shop/catalog.py:10\n\nThe function `find_items` and function query() glue it in.\n"
    )
    assert read_claims(file)[0].functions == ("find_items", "query")
