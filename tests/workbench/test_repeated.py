"""Which strings are repeated to find out what a fix is about."""

from __future__ import annotations

from dataclasses import dataclass

from buckler.workbench.repeated import MOST, USUAL, literals, repetitions


@dataclass
class Sample:
    """A release, as far as it is read."""

    files: dict[str, bytes]


def named(before: str, after: str) -> list[str]:
    files = [Sample({"cart/core.py": text.encode()}) for text in (before, after)]
    return literals(*files)  # type: ignore[arg-type]


LOOP = "def trim(text):\n    while text.endswith({}):\n        text = text[:-1]\n    return text\n"
OTHER = "def other(text):\n    return text.replace('&', '')\n"


def test_only_functions_that_differ_say_what_is_looked_for() -> None:
    assert named(LOOP.format("';'") + OTHER, LOOP.format("(';', '(')") + OTHER) == [";", "("]


def test_a_function_that_only_looks_different_says_nothing() -> None:
    assert not named(LOOP.format("';'"), LOOP.format('";"').replace("    return", "    # trimmed\n    return"))


def test_names_and_sentences_are_not_repeated() -> None:
    assert named("def f():\n    pass\n", "def f():\n    return 'utf8', 'this is no option', '--'\n") == ["--"]


def test_code_that_cannot_be_read_says_nothing() -> None:
    assert not named("def f(:\n", "def f():\n    return ';'\n" * 0 + "(")


def test_each_is_repeated_alone_and_beside_the_others() -> None:
    expressions = [growth.expression for growth in repetitions(["&", ";"])]
    assert expressions[:2] == ["'&' * n", "';' * n"]
    assert {"'&' + ';' * n", "'&;' * n"} <= {*expressions}
    assert len(repetitions([f"<{n}" for n in range(100)])) == MOST + len(USUAL) + 2 * MOST * (MOST - 1)
