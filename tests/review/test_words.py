"""Texts are looked for among the words of a file first; that must never miss one."""

from __future__ import annotations

import pytest

from buckler.review.words import needles, present

SOURCE = b"db_pwd = '$'; key = 'AKIA' + x\nurl = 'https://example.org/caf\xc3\xa9'\n"


@pytest.mark.parametrize("text", ["pwd", "db_pwd = '", "'$'", "://", "AKIA", "caf", "é"])
def test_what_is_there_is_found(text: str) -> None:
    assert present(needles((text,)), SOURCE) == [text.encode()]


@pytest.mark.parametrize("text", ["pwds", "pwd =  ", '"$"', "xapp-", "é'é"])
def test_what_is_not_there_is_not(text: str) -> None:
    assert present(needles((text,)), SOURCE) == []
