"""Settings that stand in the code: what they are once the file is loaded, in it or in the application it makes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from buckler.prove.probes.sending import VALUE, attempt

NAME = "DEBUG"
SOUND: tuple[Any, ...] = (False, None, 0, "")
"""The values that are right; none is named where all are but those that are wrong."""
WRONG: tuple[Any, ...] = (True,)
EFFECT = "errors show the user code and variables"


def settings(answer: Any) -> list[Any]:
    """Everything of that name that was set: by the file, by its classes, in the applications it makes."""
    made = list(answer.values()) if isinstance(answer, dict) else [answer]
    places: list[Any] = [answer, *(vars(one) for one in made if issubclass(type(one), type))]
    places += [inspect.getattr_static(one, name, None) for one in made for name in ("config", "settings")]
    places += [{"debug": one.debug} for one in made if "FastAPI" in kinds(one) or "Starlette" in kinds(one)]
    return [place[NAME] for place in places if isinstance(place, Mapping) and NAME in place]


def kinds(one: Any) -> list[str]:
    return [kind.__name__ for kind in type(one).__mro__]


def sound(value: Any) -> bool:
    return value in SOUND or (not SOUND and value not in WRONG)


def attack() -> None:
    values = settings(attempt(VALUE))
    assert values, "the setting was not found"
    assert all(sound(value) for value in values), f"WRITTEN DOWN: {EFFECT}"


def counterpart() -> None:
    right = SOUND[0] if SOUND else not WRONG[0]
    assert settings({NAME: right}) == [right]
    assert sound(right)
    assert settings({NAME: WRONG[0]}) == [WRONG[0]]
    assert not sound(WRONG[0])
