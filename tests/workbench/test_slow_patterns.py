"""Which slow strings only the vulnerable of two releases has."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from buckler.workbench.slow_patterns import Pattern, patterns, slow_before


@dataclass
class Sample:
    """A release, as far as it is read."""

    files: dict[str, bytes]


def sample(**files: str) -> Sample:
    return Sample({f"cart/{name}.py": text.encode() for name, text in files.items()})


def found(before: Sample, after: Sample) -> list[str]:
    return [growth.expression for growth in slow_before(before, after)]  # type: ignore[arg-type]


def used(text: str) -> Pattern:
    return next(one for one in patterns(text.encode()) if one.used)


@pytest.mark.parametrize(
    "text",
    [
        "import re\nre.compile('(a' + '+)+b')",
        "import re\nA = 'a+'\nre.compile('(%s)+b' % A)",
        "import re\nA = 'a+'\nre.compile('(%(a)s)+b' % {'a': A})",
        "import re\nA = 'a+'\nre.compile('({})+b'.format(A))",
        "import re\nA = 'a+'\nre.compile('({a})+b'.format(a=A))",
        "import re\nA = 'a+'\nre.compile(f'({A})+b')",
        "import re\nre.compile(''.join(['(a', '+)+', 'b']))",
        "import re\nPARTS = ['(%s', '+)+b']\nre.compile(''.join(p.replace('%s', 'a') for p in PARTS))",
        "import re\nclass Rules:\n    A = 'a+'\n    B = re.compile('(' + A + ')+b')",
        "import re\nre.compile(b'(a+)+b')",
    ],
)
def test_a_pattern_is_put_together_from_constants(text: str) -> None:
    assert used(text).text == "(a+)+b"


@pytest.mark.parametrize(
    "text",
    [
        "import re\nA = 'a'\nA = 'b'\nre.compile(A + '+b')",
        "import re\nA = A + 'a'\nre.compile(A + '+b')",
        "import re\nre.compile('%99999999s+' % 'a')",
        "import re\nre.compile('{0:>99999999}+'.format('a'))",
        "import re\nre.compile('{0.__class__}+'.format('a'))",
        "import re\nre.compile(make() + '+b')",
        "import re\nre.compile(",
    ],
)
def test_what_is_no_constant_is_left_alone(text: str) -> None:
    assert not [one for one in patterns(text.encode()) if one.used]


def test_flags_and_the_way_of_matching_are_those_of_the_calls() -> None:
    one = used("import re\nP = re.compile('a+b', re.X | re.I)\ndef f(text):\n    return P.fullmatch(text)\n")
    assert (one.flags, one.mode) == (re.X | re.I, "fullmatch")


def test_what_only_the_vulnerable_release_has_is_named() -> None:
    slow, fast = "import re\nP = re.compile('(a+)+b')\n", "import re\nP = re.compile('a+b')\n"
    assert found(sample(rules=slow, more=slow), sample(rules=fast, more=slow))
    assert not found(sample(rules=slow), sample(rules=slow + "X = 1\n"))


def test_a_piece_from_another_module_counts() -> None:
    code = "import re\nfrom .signs import SIGN\nP = re.compile('(' + SIGN + '{})+b')\n"
    signs = "SIGN = 'a'\n"
    assert found(sample(rules=code.format("+"), signs=signs), sample(rules=code.format(""), signs=signs))


def test_strings_hold_what_the_code_around_looks_for() -> None:
    code = "import re\nP = re.compile('(a+)+b')\ndef f(text):\n    if 'j' in text:\n        return P.match(text)\n"
    expressions = found(sample(rules=code), sample(rules=code.replace("(a+)+", "a+")))
    assert any(text.endswith("j'") for text in expressions)


def test_callers_in_other_modules_say_what_a_text_has_to_hold() -> None:
    rules = "import re\nP = re.compile('(a+)+b')\n"
    code = "from .rules import P\ndef f(text):\n    if text.startswith(('-i', '-r')):\n        return g(text)\ndef g(text):\n    return P.match(text)\n"
    expressions = found(sample(rules=rules, code=code), sample(rules=rules.replace("(a+)+", "a+"), code=code))
    assert any(text.startswith("'-i") for text in expressions)
    assert any(text.startswith("'-r") for text in expressions)


def test_a_slow_string_is_put_into_documents() -> None:
    """A function may look at a part of what it is given: a string of a program, an attribute of an element."""
    before, after = (sample(cart=f"import re\nre.compile('{text}b').match(x)") for text in ("(a+)+", "a+"))
    strings = found(before, after)
    assert any(text.startswith("'<p style=\"") and text.endswith("\">a</p>'") for text in strings)
    assert any(text.startswith("'def f():") for text in strings)
    assert strings[0] == "'a' + 'a' * n + '0'"
