"""Tricks that make source look different from what it is, and honest text that must be left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.review.text import scan_tricks

RLO, LRI, PDI, RLE, PDF = "\u202e", "\u2066", "\u2069", "\u202b", "\u202c"


@pytest.mark.parametrize(
    ("code", "kind", "line", "said"),
    [
        (f'x = 1\nif level != "user{RLO} {LRI}# admins{PDI} {LRI}":\n', "bidi", 2, "U+202E"),
        (f"/*{RLO} }} {LRI}if (isAdmin){PDI} {LRI} begin */", "bidi", 1, "not closed"),
        (f"'a{RLE}' + b + '{PDF}c'", "bidi", 1, "across a quote"),
        ("is_\u0430dmin = True", "look-alike", 1, "reads `is_admin`"),
        ("def \u0441\u043e\u0440(): pass\ncop = 1", "look-alike", 1, "reads `cop`"),
        ("x = \uff45\uff56\uff41\uff4c(y)", "look-alike", 1, "write the name `eval`"),
        ("pass\u200bword = 1", "invisible", 1, "reads `password`"),
    ],
)
def test_tricks_are_found(code: str, kind: str, line: int, said: str) -> None:
    (trick,) = scan_tricks(code.encode(), "javascript" if code.startswith("/") else "python")
    assert (trick.kind, trick.line) == (kind, line)
    assert said in trick.text
    assert trick.text.isascii()


@pytest.mark.parametrize(
    "code",
    [
        "größe = länge * 2",
        'greeting = "שלום עולם"  # مرحبا',
        f'title = "{RLE}שלום{PDF}"  # closed',
        f'title = "{LRI}abc{PDI}"',
        "переменная = 1  # комментарий",
        "Δx = σ_x * μm",
        'flag = "\U0001f468\u200d\U0001f469"',
        'text = "pass\u200bword"',
        '"""Слово из кириллицы: сор."""\ncop = 1',
        "\ufeffimport os  # наш",
        "# Pythonの変数\nname = 'Pythonの'",
    ],
)
def test_honest_text_is_left_alone(code: str) -> None:
    assert scan_tricks(code.encode()) == []


def test_columns_count_characters_from_one() -> None:
    (trick,) = scan_tricks("é = 1; p\u0430ss_ = 2".encode())
    assert (trick.column, trick.end_column) == (8, 13)


@given(st.binary(max_size=200), st.sampled_from(["python", "javascript"]))
def test_any_bytes_are_survived(data: bytes, language: str) -> None:
    scan_tricks(data, language)


@given(st.text(alphabet="a\u0430\u202e\u2066\u2069\u202c\"'`#/*\n\u200b ", max_size=60))
def test_any_mixture_is_survived(text: str) -> None:
    scan_tricks(text.encode())


def test_ascii_costs_nothing() -> None:
    data = b"x = 1\n" * 200_000
    started = time.process_time()
    assert scan_tricks(data) == []
    assert time.process_time() - started < 0.01
