"""Settings that stand in the code: what they are once the file is loaded, in it or in the application it makes.

Example::

    fact("WTF_CSRF_ENABLED", "value is not False", "forms are taken from other sites")
"""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''

def settings(answer):
    """Everything of that name that was set: by the file, by its classes, in the applications it makes."""
    made = list(answer.values()) if isinstance(answer, dict) else [answer]
    places = [answer, *(vars(one) for one in made if issubclass(type(one), type))]
    places += [inspect.getattr_static(one, name, None) for one in made for name in ("config", "settings")]
    places += [{name: getattr(one, name) for name in ("debug",)} for one in made if "FastAPI" in kinds(one) or "Starlette" in kinds(one)]
    return [place[NAME] for place in places if isinstance(place, Mapping) and NAME in place]


def kinds(one):
    return [kind.__name__ for kind in type(one).__mro__]


def sound(value):
    return SOUND
'''
ATTACK = """
values = settings(attempt(VALUE))
assert values, "the setting was not found"
assert all(sound(value) for value in values), "WRITTEN DOWN: WORDS"
"""
COUNTERPART = """
assert settings({NAME: RIGHT}) == [RIGHT] and sound(RIGHT)
assert settings({NAME: WRONG}) == [WRONG] and not sound(WRONG)
"""


def words(_: SinkContext) -> list[Attack]:
    return [Attack(repr(text), "an ordinary value") for text in ("report", "7", "Anna Maria", "a-b_c.d")]


def fact(name: str, sound: str, effect: str, right: str = "True", wrong: str = "False") -> Oracle:
    """A setting that the file makes; `sound` is an expression about its `value`."""
    helpers = HELPERS.replace("NAME", repr(name)).replace("SOUND", sound)
    counterpart = COUNTERPART.replace("NAME", repr(name)).replace("RIGHT", right).replace("WRONG", wrong)
    return Oracle("setting", ProofKind.CONFIGURATION, effect, ("import inspect", "from collections.abc import Mapping"), helpers, (),
                  ATTACK.replace("WORDS", effect), words, words, counterpart=counterpart)  # fmt: skip
