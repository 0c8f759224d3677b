"""Names that are easily taken for a popular one, and popular ones that are what they seem."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.dependencies.names.known import popular
from buckler.dependencies.names.similar import taken_for


@pytest.mark.parametrize(
    ("ecosystem", "name", "meant"),
    [
        ("PyPI", "reqeusts", "requests"),
        ("PyPI", "djnago", "django"),
        ("PyPI", "jeilyfish", "jellyfish"),
        ("PyPI", "colourama", "colorama"),
        ("PyPI", "dateutil-python", "python-dateutil"),
        ("PyPI", "pythondateutil", "python-dateutil"),
        ("npm", "crossenv", "cross-env"),
        ("npm", "lodahs", "lodash"),
        ("npm", "react-domm", "react-dom"),
        ("npm", "dom-react", "react-dom"),
    ],
)
def test_one_slip_or_turned_words(ecosystem: str, name: str, meant: str) -> None:
    assert taken_for(name, ecosystem) == meant


@pytest.mark.parametrize(
    ("ecosystem", "name"),
    [
        ("PyPI", "requests"),  # it is the popular one
        ("PyPI", "elasticsearch9"),  # a version in the name
        ("PyPI", "requests-for-shops"),  # more than a slip
        ("PyPI", "six2"),
        ("npm", "@ours/lodahs"),  # who owns a scope owns its names
        ("Maven", "org.apache:log4jj"),  # no list of names is shipped
    ],
)
def test_what_is_no_slip(ecosystem: str, name: str) -> None:
    assert taken_for(name, ecosystem) is None


@pytest.mark.parametrize("ecosystem", ["PyPI", "npm"])
def test_no_much_used_name_is_suspicious(ecosystem: str) -> None:
    names = popular(ecosystem)
    assert len(names) >= 15_000
    assert [name for name in names if taken_for(name, ecosystem)] == []


@given(st.text(max_size=40))
def test_any_text_has_an_answer(name: str) -> None:
    meant = taken_for(name, "PyPI")
    assert meant is None or meant in popular("PyPI")
