"""Whatever a file holds, lowering it ends, without an exception, in IR that is well formed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.analysis.ir.checker import check
from buckler.analysis.ir.codec import decode, encode
from buckler.analysis.ir.ops import Module
from buckler.analysis.ir.printer import show
from buckler.analysis.languages.registry import LANGUAGES, front_end
from buckler.analysis.languages.shared import lower
from buckler.review.tasks import Task
from buckler.review.workers import lowered

HERE = Path(__file__).parent
ENDINGS = {"python": ".py", "javascript": ".js"}
SAMPLES = {
    language: sorted(p.read_bytes() for p in (HERE / language).glob(f"*{ending}"))
    for language, ending in ENDINGS.items()
}
PIECES = {
    "python": b"( ) [ ] { } : , . = == * ** -> @ if else def class lambda yield await in not match case f'{ ''' \n \n\t for".split(b" "),
    "javascript": b"( ) [ ] { } : , . = === ... => ? ?. ?? ` ${ / /* <a> # if else function class async yield await of in import export new switch case".split(b" "),
}  # fmt: skip
DEPTH = 10_000
NESTED = {
    "python": {
        "brackets": b"x = " + b"(" * DEPTH + b"1" + b")" * DEPTH,
        "lists": b"x = " + b"[" * DEPTH + b"]" * DEPTH,
        "calls": b"f(" * DEPTH + b")" * DEPTH,
        "sum": b"x = 1" + b" + 1" * DEPTH,
        "members": b"x" + b".a()" * DEPTH,
        "conditions": b"if " + b"not " * DEPTH + b"x: pass",
        "lambdas": b"x = " + b"lambda: " * DEPTH + b"1",
        "blocks": b"".join(b" " * n + b"if x:\n" for n in range(300)) + b" " * 300 + b"pass\n",
        "branches": b"if x: pass\n" + b"elif y: pass\n" * DEPTH,
    },
    "javascript": {
        "brackets": b"x = " + b"(" * DEPTH + b"1" + b")" * DEPTH,
        "lists": b"x = " + b"[" * DEPTH + b"]" * DEPTH,
        "calls": b"f(" * DEPTH + b")" * DEPTH,
        "sum": b"x = 1" + b" + 1" * DEPTH,
        "members": b"x" + b".a()" * DEPTH,
        "conditions": b"if (" + b"!" * DEPTH + b"x) y()",
        "lambdas": b"x = " + b"() => " * DEPTH + b"1",
        "blocks": b"{" * DEPTH + b"}" * DEPTH,
        "functions": b"function f() {" * DEPTH + b"}" * DEPTH,
        "objects": b"x = " + b"{a: " * DEPTH + b"1" + b"}" * DEPTH,
        "templates": b"x = " + b"`${" * DEPTH + b"1" + b"}`" * DEPTH,
        "branches": b"if (x) y(); else " * DEPTH + b"z()",
    },
}


def lower_any(language: str, source: bytes) -> Module:
    module = lower(front_end(language), f"any{ENDINGS[language]}", "any", False, source)
    assert check(module) == []
    show(decode(encode(module)))
    return module


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=150, deadline=None)
@given(source=st.binary(max_size=300))
def test_any_bytes(language: str, source: bytes) -> None:
    lower_any(language, source)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damaged_source(language: str, data: st.DataObject) -> None:
    """Real code with pieces cut out, doubled, or put where they do not belong."""
    source = data.draw(st.sampled_from(SAMPLES[language]))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(source)))
        stop = data.draw(st.integers(start, min(len(source), start + 40)))
        middle = data.draw(st.sampled_from([b"", source[start:stop] * 2, *PIECES[language]]))
        source = source[:start] + middle + source[stop:]
    lower_any(language, source)


@pytest.mark.parametrize(("language", "shape"), [(k, s) for k, shapes in NESTED.items() for s in shapes])
def test_deep_nesting(language: str, shape: str) -> None:
    task = Task(f"deep{ENDINGS[language]}", language, "deep", False, NESTED[language][shape])
    assert check(lowered(task, {})) == []
