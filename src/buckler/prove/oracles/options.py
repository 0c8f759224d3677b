"""Values that a program takes for an option: told by the list of words it is started with.

The words are looked at as the program would: what begins with a dash is an option unless `--` stands before it.

Example::

    OPTION.attacks(situation)[0].value      # "'--x4711=1'"
"""

from __future__ import annotations

import textwrap

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS_WITH = '''
WATCHING = []


def _watch(event, arguments):
    if WATCHING and event in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
        words = arguments[1]
        words = [words] if isinstance(words, (str, bytes, os.PathLike)) else words
        WATCHING[0].append([os.fsdecode(word) for word in words])


sys.addaudithook(_watch)


@pytest.fixture
def started():
    """The words by which programs are started from here on."""
    WATCHING.insert(0, [])
    yield WATCHING[0]
    WATCHING.clear()


def options(words):
    """What a program takes for options: not what follows `--`, nor the value of the option before it."""
    end = words.index("--") if "--" in words else len(words)
    return [word for before, word in zip(words, words[1:end]) if word.startswith("-") and not takes_value(before)]


def takes_value(word):
    return word.startswith("-") and "=" not in word and word not in ALONE


ALONE = {ALONE_HERE}
"""Options of git that take no value; what another program makes of the word after an option is not known."""
'''
ALONE = (
    "--heads", "--tags", "--symref", "--refs", "--quiet", "-q", "--verbose", "-v", "--all", "--bare", "--force",
    "-f", "--mirror", "--no-checkout", "--noupdate", "--recursive", "--cached", "--staged", "--prune",
    "--exit-code", "--get-url", "--single-branch", "--no-tags", "--progress", "--stat", "--oneline", "--name-only",
    "--hard", "--soft", "--mixed",
)  # fmt: skip
"""From the manual of git 2.43 (and `--noupdate` from that of Mercurial)."""
LISTED = textwrap.fill(
    ", ".join(f'"{word}"' for word in ALONE),
    110,
    initial_indent="    ",
    subsequent_indent="    ",
    break_on_hyphens=False,
)
HELPERS = HELPERS_WITH.replace("{ALONE_HERE}", f"{{\n{LISTED},\n}}")
ATTACK = """
attempt(VALUE)
chosen = [word for words in started for word in options(words) if "4711" in word]
assert not chosen, f"EXPLOITED: a program was started with an option of somebody else's choice: {chosen[0]}"
"""


def attacks(_: SinkContext) -> list[Attack]:
    rows = [("--x4711=1", "a long option"), ("-x4711", "a short option"), ("--x4711", "a long option without a value"),
            ("-4711", "a number with a dash"), ("-o4711 x", "an option with a space")]  # fmt: skip
    return [Attack(repr(text), label) for text, label in rows]


def words(_: SinkContext) -> list[Attack]:
    return [Attack(repr("report"), "a plain word"), Attack(repr("a1"), "a short word")]


OPTION = Oracle("option", ProofKind.EXPLOIT, "a program was started with an option of the attacker's choice",
                ("import os", "import sys", "import pytest"), HELPERS, ("started",), ATTACK, attacks, words, domain="[a-z]{1,8}")  # fmt: skip
