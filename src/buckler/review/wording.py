"""The one finished sentence a finding carries: the rule's message with the source and the sink of this place in it.

Whoever only prints needs no more. Nobody reads it back: what a fixer or a proof wants to know stands in the steps, the
source and the facts of the finding.

Example::

    message(rule, source_words(source), sink_words("sqlite3.Cursor.execute"))
"""

from __future__ import annotations

from buckler.finding.model import Growth, Rule, Source

CONTROLLED_BY = {
    "remote": "a remote user",
    "api": "the caller of this function",
    "cli": "the command line",
    "file": "a file",
    "environment": "an environment variable",
    "database": "the database",
    "network": "a network peer",
    "archive": "an archive",
    "message": "a message",
    "model": "a model's answer",
    "secret": "a secret",
}
CHOOSES_PROGRAM = "An attacker can have another program run than the one that was meant."
POWERS = {2: "square", 3: "cube"}


def message(rule: Rule, source: str, sink: str) -> str:
    """The rule's message, filled in."""
    filled = rule.message.replace("{sink}", sink).replace("{source}", source)
    return filled[:1].upper() + filled[1:]


def source_words(source: Source) -> str:
    """What brings the data and who controls it, for the middle of a sentence."""
    return f"{origin_words(source)},"


def origin_words(source: Source) -> str:
    """The same for the end of one."""
    return f"{named(source)}, controlled by {CONTROLLED_BY.get(source.kind, source.kind)}"


def named(source: Source) -> str:
    """What brings the data."""
    if not source.parameter:
        return f"`{short(source.name)}`"
    of = f" of `{source.function}()`" if source.function else ""
    return f"parameter `{source.name}`{of}"


def sink_words(note: str) -> str:
    """A name in code marks; what is a phrase already, as it is."""
    return note if " " in note else f"`{short(note)}`"


def growth_words(name: str, growth: Growth) -> str:
    """A call that takes long, with a string that shows how long."""
    power = POWERS.get(growth.degree, f"{growth.degree}th power")
    grows = f"grows with the {power} of n" if growth.degree else "doubles with each repetition"
    return f"`{name}()` of a text like `{growth.expression}`, where the time {grows},"


def chooses_program(source: str, sink: str) -> str:
    return f"{source[:1].upper()}{source[1:]} chooses the program that `{short(sink)}` starts."


def short(name: str) -> str:
    """The last two parts of a dotted name."""
    return ".".join(name.split(".")[-2:])
