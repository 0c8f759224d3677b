"""A test of which hardly anything is read is parsed without the bodies nobody wants, and gives what it gave with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from buckler.analysis.ir.ops import Module
from buckler.analysis.languages.python.front_end import LANGUAGE as PYTHON
from buckler.analysis.languages.python.skim import skim
from buckler.analysis.languages.shared import Language, lower

PLAIN = b'''import os

class Shop:
    """Where `def` means nothing:
    def inside(text):
        stays as it is
    """

    rate = 3  # don't

    @staged
    def test_one(self, a: int, *rest) -> None:
        """Says what it does."""
        for x in rest:
            if x:
                os.system(x)

        return a

    async def test_two(self):
        def inner():
            return 1
# a comment may stand anywhere
        return inner  # the last word
    size = 4


def chosen(x):
    return wrong(x)
'''
ODD = [
    b'def f():\n    text = """\nno longer\n    indented"""\n    return text\n\ndef g():\n    return 2\n',
    b'TEXT = """\ndef f():\n    return 1\n"""\n\ndef g():\n    return 2\n',
    b"# don't\ndef f():\n    return 1\n",
    b"def f():\n    call(\n1, 2)\n    return 3\n\ndef g():\n    return 4\n",
    b"class A:\n\tdef f(self):\n\t\treturn 1\n\tdef g(self):\n\t\treturn 2\n",
    b"def f():\r\n    return 1\r\n",
    b"def f(\n    a,\n):\n    return 1\n",
    b'def f(a=")"):\n    return 1\n',
    b"if x:\n    def f():\n        return 1\nelse:\n    def f():\n        return 2\n",
    b"def f():\n    return 1\n    # nothing more\n",
    b"def f():\n    return \\\n1\n\nx = 1\n",
    b"def f():\n    return 1",
    b"def broken(:\n    return 1\n\ndef g():\n    return 2\n",
    b"",
]
WHOLE = replace(PYTHON, skim=lambda source, _: source)


def wanted(text: bytes) -> bool:
    return b"wrong" in text


def read(language: Language, source: bytes) -> Module:
    """Errors aside: those inside of what is left out are nobody's business."""
    return replace(lower(language, "test_a.py", "test_a", False, source, wanted), errors=[])


@pytest.mark.parametrize("source", [PLAIN, *ODD, b"\n".join(ODD[:6])])
def test_what_is_left_out_makes_no_difference(source: bytes) -> None:
    assert read(PYTHON, source) == read(WHOLE, source)


def test_only_bodies_go() -> None:
    left = skim(PLAIN, wanted)
    assert len(left) == len(PLAIN)
    assert left.count(b"\n") == PLAIN.count(b"\n")
    for kept in (b"stays as it is", b"def test_two(self):", b"size = 4", b"return wrong(x)"):
        assert kept in left
    for gone in (b"os.system", b"def inner", b"Says what"):
        assert gone not in left


def test_the_tests_of_this_project() -> None:
    for path in sorted(Path(__file__).parents[1].rglob("test_*.py")):
        assert read(PYTHON, path.read_bytes()) == read(WHOLE, path.read_bytes()), path
