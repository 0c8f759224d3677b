"""Digests tell parts apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buckler.base.digest import SIZE, digest, text_digest


@given(st.lists(st.binary()), st.lists(st.binary()))
def test_equal_only_for_equal_parts(one: list[bytes], other: list[bytes]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)
    assert len(digest(*one)) == SIZE


def test_names_that_are_not_text() -> None:
    assert text_digest("\udcff") != text_digest("?")
