"""Python's notations of requirements and ranges."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from buckler.dependencies.pep508 import asked, poetry_range


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.2", "~=1.2"),
        ("1.2.*", "==1.2.*"),
        ("1.2.3", "==1.2.3"),
        ("=1.2.3", "==1.2.3"),
        (">= 1.2, < 2", ">=1.2,<2"),
        ("^1.0b1", ">=1.0b1,<2"),
        ("*", ""),
        ("^1.2 || ^2.0", ""),
    ],
)
def test_poetrys_notation(written: str, meant: str) -> None:
    assert poetry_range(written) == meant
    assert SpecifierSet(meant) is not None


@settings(deadline=None)
@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    asked(text)
    poetry_range(text)
