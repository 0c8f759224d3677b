"""`buckler rules --check`: samples of a user's own rules and library models are tried, and what is wrong has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from buckler.cli.main import run

TABLE = """package = "ourshell"

[[callable]]
name = "ourshell.run"
sinks = [{ rule = "RULE", arg = "0" }]
example = '''
import ourshell
from flask import request

ourshell.run(request.args["x"])  #! command-injection
ourshell.run("ls")  # MARK
'''
"""
PAGE = """+++
id = "our-rule"
title = "Code injection: our own evaluator runs untrusted input"
cwe = [94]
severity = "high"
kind = "taint"
message = "{source} reaches {sink}."
attacker = "An attacker can run code."
fix = "Do not."
+++

Ours.

## Bad

```python
import ourshell
from flask import request

ourshell.evaluate(request.args["x"])  #! our-rule
```

## Good

```python
import ourshell

ourshell.evaluate("1 + 1")
```
"""


def table(folder: Path, rule: str = "command-injection", mark: str = "nothing") -> None:
    (folder / "python").mkdir(parents=True)
    (folder / "python" / "ourshell.toml").write_text(TABLE.replace("RULE", rule).replace("MARK", mark))


def page(folder: Path) -> None:
    (folder / "own").mkdir(parents=True)
    (folder / "own" / "our-rule.md").write_text(PAGE)


def test_good_library_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(tmp_path)
    assert run(["rules", "--check", str(tmp_path)]) == 0
    assert "1 sample: 1 as marked, 0 not" in capsys.readouterr().out


def test_what_is_not_found_is_said_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page(tmp_path / "rules")
    table(tmp_path / "libraries")
    assert run(["rules", "--check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "our-rule.md:17: line 4 of the sample: expected our-rule, not found" in said
    assert "3 samples: 2 as marked, 1 not" in said


def test_a_rule_and_its_library_model_are_tried_together(tmp_path: Path) -> None:
    page(tmp_path / "rules")
    text = TABLE.replace("ourshell.run", "ourshell.evaluate").replace("command-injection", "our-rule")
    (tmp_path / "own.toml").write_text(text.replace("RULE", "our-rule"))
    assert run(["rules", "--check", str(tmp_path / "rules"), "--libraries", str(tmp_path)]) == 0


def test_a_mistyped_rule_in_a_library_model_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(tmp_path, rule="comand-injection")
    assert run(["rules", "--check", str(tmp_path)]) == 2
    assert "did you mean 'command-injection'?" in capsys.readouterr().err


def test_a_folder_without_either_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--check", str(tmp_path)]) == 2
    assert "holds neither rules nor library models" in capsys.readouterr().err
