"""Rule files: what is read, and how every kind of mistake is told."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from buckler.analysis.flow.rules import rule_bits
from buckler.finding.model import Severity
from buckler.review.rulebook import RuleBook, RuleError, marks, read_rule
from buckler.weaknesses.registry import rulebook

HEAD = """\
id = "sloppy-thing"
title = "Something sloppy"
cwe = [22, 73]
severity = "high"
kind = "taint"
shape = "path"
message = "{source} reaches {sink}."
attacker = "An attacker does harm."
fix = "Do it well."
"""
BODY = """
Sloppy things are sloppy.

## Bad

```python
sloppy(thing)  #! sloppy-thing
```

## Good

```python settings.py
tidy(thing)
```
"""


def page(head: str = HEAD, body: str = BODY) -> str:
    return f"+++\n{head}+++\n{body}"


def complaint(text: str, name: str = "files/sloppy-thing.md") -> str:
    with pytest.raises(RuleError) as caught:
        read_rule(text, name)
    return str(caught.value)


def test_a_rule_and_its_samples_are_read() -> None:
    rule, samples = read_rule(page(), "files/sloppy-thing.md")
    assert (rule.id, rule.family, rule.cwe) == ("sloppy-thing", "files", (22, 73))
    assert (rule.severity, rule.kind) == (Severity.HIGH, "taint")
    assert (rule.shape, rule.text, rule.api) == ("path", True, "any")
    assert rule.prose == "Sloppy things are sloppy."
    bad, good = samples
    assert (bad.language, bad.good, bad.code) == ("python", False, "sloppy(thing)  #! sloppy-thing\n")
    assert bad.origin == "files/sloppy-thing.md:18"
    assert (good.good, good.file) == (True, "settings.py")


def test_a_language_may_have_its_own_advice() -> None:
    rule, _ = read_rule(page(HEAD + '[javascript]\nfix = "Do it well in JavaScript."\n'), "files/sloppy-thing.md")
    assert rule.in_language("javascript").fix == "Do it well in JavaScript."
    assert (rule.in_language("javascript").attacker, rule.in_language("python").fix) == (rule.attacker, "Do it well.")
    said = complaint(page(HEAD + '[javascript]\ntitle = "No."\n'))
    assert "[javascript] may say attacker and fix" in said


PYTHON = re.compile(
    r"`(?:hashlib|secrets|subprocess|ast|html|markupsafe|re|str|Path|os)\b|is_relative_to|execute\(|verify=|_string\("
)


def test_javascript_gets_no_advice_for_python() -> None:
    book = rulebook()
    spoken = {sample.rule for sample in book.samples if sample.language == "javascript"}
    fixes = {rule: book.rules[rule].in_language("javascript").fix for rule in spoken}
    assert {rule: fix for rule, fix in fixes.items() if PYTHON.search(fix)} == {}


def test_marks_name_lines_and_rules() -> None:
    assert marks("a\nb  #! one two\nc //! three\n") == {2: {"one", "two"}, 3: {"three"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no head", "files/sloppy-thing.md:1: a rule begins with a line '+++'; put"),
        ("+++\nid = 1\n", ":1: the head is never closed; end it"),
        (page(HEAD + "oops\n"), ":11: not TOML: Expected '='"),
        (page(HEAD + 'tags = ["x"]\n'), ":11: unknown key 'tags'; known are id, title"),
        (page(HEAD.replace("high", "hihg")), ":5: severity is 'hihg'; write low, medium, high or critical"),
        (page(HEAD.replace('"path"', '"paht"')), ":7: shape is 'paht'; write any, url-host"),
        (page(HEAD.replace("[22, 73]", "22")), ":4: cwe is 22; write a list of numbers"),
        (page(HEAD.replace("sloppy-thing", "Sloppy")), ":2: id is 'Sloppy'; write lower-case"),
        (page(HEAD.replace("sloppy-thing", "slop")), ":2: id is 'slop' in the file sloppy-thing.md"),
        (page(HEAD.replace('fix = "Do it well."\n', "")), ":1: 'fix' is missing from the head; add it"),
        (page(HEAD.replace("{sink}", "{drain}")), ":8: {drain} cannot be filled in; use {sink} or {source}"),
        (page(HEAD.replace("taint", "misuse")), ":7: 'shape' is for rules of kind 'taint' only; remove it"),
        (page(HEAD + "text = 1\n"), ":11: text is 1; write true or false"),
        (page(HEAD + 'about = "paths"\n'), ":11: about is 'paths'; write path, url"),
        (page(HEAD + 'denied = "x"\n'), ":11: denied is 'x'; write a list of texts"),
        (page(HEAD + "safe-characters = 1\n"), ":11: safe-characters is 1; write the characters"),
        (page(HEAD + 'becomes = "No"\n'), ":11: becomes is 'No'; write the id of another rule"),
        (page(HEAD + 'references = ["x"]\n'), ":11: references must be a list of https://"),
        (page(body=BODY.replace("Sloppy things are sloppy.", "")), "no prose follows the head"),
        (page(body=BODY.split("## Good", maxsplit=1)[0]), "no sample under '## Good'; add one"),
        (page(body=BODY.replace("## Bad", "## Ugly")), ":15: unknown section 'Ugly'; write '## Bad'"),
        (page(body=BODY.replace("```python\n", "```cobol\n")), ":17: the fence is tagged 'cobol'; tag it"),
        (page(body=BODY.replace("  #! sloppy-thing", "")), ":17: a bad sample marks no line; put '#! slop"),
        (page(body=BODY.replace("tidy(thing)", "tidy()  #! sloppy-thing")), ":23: a good sample is marked"),
        (page(body=BODY.rstrip().removesuffix("```")), ":23: the fence is never closed"),
    ],
)
def test_mistakes_are_told_with_place_and_remedy(text: str, said: str) -> None:
    assert said in complaint(text)


def test_own_rules_join_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "sloppy-thing.md").write_text(page(), "utf-8")
    book = rulebook([tmp_path])
    assert book.rules["sloppy-thing"].family == "ours"
    assert book.digest != rulebook().digest


def test_an_id_can_be_used_once(tmp_path: Path) -> None:
    for family in ("one", "two"):
        (tmp_path / family).mkdir()
        (tmp_path / family / "sloppy-thing.md").write_text(page(), "utf-8")
    with pytest.raises(RuleError, match=r"two/sloppy-thing.md:2: the id 'sloppy-thing' is taken by .*one"):
        rulebook([tmp_path])


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no such folder of rules"):
        rulebook([tmp_path / "none"])


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return rulebook()


def test_loading_is_fast() -> None:
    rulebook()
    started = time.process_time()
    rulebook()
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize(
    ("key", "what"), [('context-words = "a"', "is not for rules of kind"), ("opt-in-words = 3", "is not for")]
)
def test_words_around_the_place_are_for_rules_without_a_flow(key: str, what: str) -> None:
    assert what in complaint(page(HEAD + key + "\n"))


def test_words_around_the_place_are_a_regular_expression() -> None:
    head = HEAD.replace('"taint"', '"misuse"').replace('shape = "path"\n', "").replace("{source}", "This")
    assert "write a regular expression" in complaint(page(head + 'context-words = "("\n'))
    assert read_rule(page(head + 'context-words = "a|b"\n'), "files/sloppy-thing.md")[0].context_words == "a|b"


@pytest.mark.parametrize(("key", "hint"), [("becomes", "did you mean 'command-injection'"), ("chosen-with", "did you")])
def test_what_a_page_says_of_other_rules_is_about_rules_that_exist(tmp_path: Path, key: str, hint: str) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "sloppy-thing.md").write_text(page(HEAD + f'{key} = "comand-injection"\n'), "utf-8")
    with pytest.raises(RuleError, match=f"sloppy-thing.md:11: there is no rule 'comand-injection'; {hint}"):
        rulebook([tmp_path])


def test_a_page_that_says_nothing_of_what_clears_the_rule_gets_what_is_usual_for_its_shape() -> None:
    said, _ = read_rule(page(HEAD + 'denied = ["~"]\n'), "files/sloppy-thing.md")
    silent, _ = read_rule(page(), "files/sloppy-thing.md")
    assert rule_bits([silent]).denied == {"..": 1, "../": 1, "/": 1}
    assert rule_bits([said]).denied == {"~": 1}
    assert rule_bits([silent]).path == rule_bits([said]).path == 1
