"""Every kind of node a grammar knows is a row of its front end's table, a child of one, or without meaning.

A new release of a grammar that adds a kind fails here, instead of losing code in silence.
"""

from __future__ import annotations

import pytest

from buckler.analysis.languages.registry import LANGUAGES, front_end
from buckler.analysis.syntax.load import language


def kinds(name: str) -> set[str]:
    grammar = language(name)
    numbers = range(grammar.node_kind_count)
    named = {n for n in numbers if grammar.node_kind_is_named(n) and grammar.node_kind_is_visible(n)}
    return {kind for n in named if (kind := grammar.node_kind_for_id(n)) is not None}


def handled(name: str) -> set[str]:
    front = front_end(name)
    return {*front.expressions, *front.statements, *front.conditions, *front.children, *front.ignored}


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_kind_is_forgotten(name: str) -> None:
    assert kinds(name) - handled(name) == set()


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_kind_is_handled_twice(name: str) -> None:
    front = front_end(name)
    rows = set(front.expressions) | set(front.statements)
    assert not rows & front.ignored
    assert not rows & front.children
    assert not front.ignored & front.children
