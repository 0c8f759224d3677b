"""What happens to the data on its way, in words: the only place that has them.

Example::

    step_words(step)     # "parameter `name`, becomes part of a string, assigned to `query`"
"""

from __future__ import annotations

from buckler.finding.model import Action, Move, Step
from buckler.review.wording import short

WORDS = {
    Move.SOURCE: "untrusted: `{}`",
    Move.PARAMETER: "parameter `{}`",
    Move.READ: "read from `{}`",
    Move.ASSIGNED: "assigned to `{}`",
    Move.CHOSEN: "one of two values is chosen",
    Move.CALL: "through a call",
    Move.CALLS: "calls `{}`",
    Move.LOADS: "loads `{}`",
    Move.METHOD: "through `.{}()`",
    Move.ATTRIBUTE: "attribute `{}`",
    Move.ITEM: "taken out of a collection",
    Move.SLICE: "cut out of a string or list",
    Move.EACH: "while iterating",
    Move.TEXT: "becomes part of a string",
    Move.COMBINED: "combined",
    Move.COLLECTED: "put into a collection",
    Move.STORED_ATTRIBUTE: "stored in an attribute",
    Move.STORED_ITEM: "stored in a collection",
    Move.STORED: "stored in `{}`",
    Move.PASSED: "passed to `{}()`",
    Move.REACHES: "reaches `{}`",
    Move.SHOWN: "put into the page as it is",
    Move.OPAQUE: "through syntax that is not understood",
}


def step_words(step: Step) -> str:
    """Everything that happens on one line, in its order."""
    return ", ".join(dict.fromkeys(map(action_words, step.actions)))


def action_words(action: Action) -> str:
    name = short(action.name) if action.move is Move.SOURCE else action.name
    return WORDS[action.move].format(name)
