"""Prints a test file: an approach, an oracle and the attacks that are to be shown.

Example::

    print(test_file(headline, approach, oracle, benign, [attack]))
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, EntryDriver, Oracle, encoded

WIDTH = 110


@dataclass(slots=True, frozen=True)
class Ordinary:
    """What ordinary input gave before anything was changed."""

    value: Attack
    status: str = ""
    """The status, as text; empty if answers have none."""
    error: str = ""
    """Name of the exception it raised; empty if none."""
    excerpt: str = ""
    """A part of the answer that came back alike twice."""
    whole: str | None = None
    """All of a short answer that came back alike twice."""
    location: str | None = None
    """Where the visitor was sent, alike twice; None if nowhere, or where that is meant to change."""
    among: tuple[str, ...] = ()
    """The words that the code knows, where the value is one of them."""


@dataclass(slots=True, frozen=True)
class Headline:
    """The words at the top of a test file."""

    title: str
    place: str
    entry: str
    attacker: str
    name: str
    """For the name of the test function."""


def test_file(
    headline: Headline, approach: EntryDriver, oracle: Oracle, ordinary: Ordinary, attacks: Sequence[Attack]
) -> str:
    """The text of a stand-alone pytest file; one test for ordinary input, one for each attack."""
    oracle = apart(oracle, approach)
    body = "\n".join(
        [
            sending(approach),
            ordinary_test(approach, oracle, ordinary),
            *(attack_test(headline, approach, oracle, ordinary, attack, n) for n, attack in enumerate(attacks)),
            *([counterpart_test(oracle)] if oracle.counterpart else []),
        ]
    )
    helpers = used_helpers(oracle.helpers, body)
    head = "\n".join(
        [docstring(headline, oracle.shown), "", *imports(approach, oracle, helpers + body), spaced(approach.setup)]
    ).rstrip()
    whole = f"{head}\n\n\n{helpers.strip()}\n{body}" if helpers.strip() else f"{head}\n{body}"
    return re.sub(r"\n{4,}", "\n\n\n", whole).rstrip() + "\n"


def spaced(setup: str) -> str:
    """Statements at the top as they are; functions stand apart."""
    setup = setup.strip()
    return f"\n\n{setup}" if setup.startswith(("def ", "class ", "@")) else setup


def apart(oracle: Oracle, approach: EntryDriver) -> Oracle:
    """The oracle with other names for those of its functions that the project uses for something it is imported for."""
    taken = " ".join(approach.imports)
    own = re.findall(r"^def (\w+)", oracle.helpers, re.M)
    for name in dict.fromkeys([*own, *oracle.fixtures]) if oracle.counterpart else ():
        if re.search(rf"\b{name}\b", taken):
            word, other = rf"(?<!['\"])\b{name}\b", f"{name}_here"
            helpers, attack, counterpart = (
                re.sub(word, other, text) for text in (oracle.helpers, oracle.attack, oracle.counterpart)
            )
            names = tuple(other if n == name else n for n in oracle.fixtures)
            needs = tuple(other if n == name else n for n in oracle.needs)
            oracle = replace(
                oracle, fixtures=names, needs=needs, helpers=helpers, attack=attack, counterpart=counterpart
            )
    return oracle


ABOUT = {
    ProofKind.EXPLOIT: "The test fails as long as that is possible; it looks at the effect only, so any sound repair makes it pass.",
    ProofKind.PROPERTY: "No attack is sent: the test looks at how ordinary input is treated, and fails as long as the code does what it should not.",
    ProofKind.CONFIGURATION: "No attack is sent: the test looks at what is set, and fails as long as it is so.",
}


def docstring(headline: Headline, shown: ProofKind) -> str:
    text = [f'"""{plain(headline.title)}: {plain(headline.place)}.', ""]
    about = plain(f"{headline.attacker} The way in is {headline.entry}. {ABOUT[shown]}")
    return "\n".join([*text, *textwrap.wrap(about, WIDTH), '"""'])


def plain(text: str) -> str:
    """Words as they may stand in a docstring, in one line."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")


def imports(approach: EntryDriver, oracle: Oracle, code: str) -> list[str]:
    """Standard library, then what is installed, then the project; only what is used."""
    every = dict.fromkeys([*oracle.imports, *approach.imports])
    used = [line for line in every if line not in oracle.imports or uses(line, code)]
    ranked = sorted(used, key=lambda line: (rank(line, approach), line))
    out: list[str] = []
    for line in ranked:
        if out and rank(line, approach) != rank(out[-1], approach):
            out.append("")
        out.append(line)
    return out


def uses(line: str, code: str) -> bool:
    name = line.rpartition(" ")[2].partition(".")[0]
    return re.search(rf"\b{re.escape(name)}\b", code) is not None


def rank(line: str, approach: EntryDriver) -> int:
    top = line.split()[1].partition(".")[0]
    if top in sys.stdlib_module_names:
        return 0
    return 2 if line in approach.imports[-1:] else 1


def used_helpers(helpers: str, body: str) -> str:
    """Helpers that are not mentioned are not printed."""
    try:
        tree = ast.parse(helpers)
    except SyntaxError:
        return helpers
    if not any(isinstance(node, ast.ClassDef) and node.name == "Leaves" for node in tree.body):
        return helpers
    if re.search(r"\bLeaves\b", body):
        return helpers
    node = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Leaves")
    lines = helpers.splitlines()
    return "\n".join(lines[: node.lineno - 1] + lines[node.end_lineno :])


def sending(approach: EntryDriver) -> str:
    given = ", ".join([*approach.fixtures, "value"])
    send = textwrap.indent(approach.send, "    ")
    words = plain("; ".join([approach.entry, *approach.assumptions]))
    about = "\n    ".join(textwrap.wrap(f'"""{words}."""', WIDTH - 4))
    return f'''

def send({given}):
    {about}
{send}


def attempt({given}):
    """Send it; to refuse with an error is a fine answer."""
    try:
        return send({given})
    except (Exception, SystemExit) as error:
        return error


def text(answer):
    return "" if isinstance(answer, BaseException) else {approach.text}
'''


def ordinary_test(approach: EntryDriver, oracle: Oracle, ordinary: Ordinary) -> str:
    fixtures = ", ".join(dict.fromkeys([*approach.fixtures, *needed(ordinary.value.value, oracle), *oracle.needs]))
    given = ", ".join([*approach.fixtures, encoded(approach, ordinary.value.value)])
    if ordinary.error:
        lines = [f"assert type(attempt({given})).__name__ == {ordinary.error!r}"]
    else:
        lines = [f"answer = send({given})"]
        if not (ordinary.status or ordinary.location or ordinary.excerpt or ordinary.whole is not None):
            lines = [f"send({given})  # the answer is another each time; that there is one is what counts"]
        if ordinary.status:
            lines.append(f"assert {approach.status} == {ordinary.status}")
        if ordinary.location is not None:
            lines.append(f"assert {location(approach)} == {ordinary.location!r}")
        lines += compared(ordinary)
    body = textwrap.indent("\n".join(lines), "    ")
    return f"\ndef test_ordinary_input_still_works({fixtures}):\n{body}\n"


def location(approach: EntryDriver) -> str:
    """The expression for where an answer sends its reader."""
    return f'{approach.headers}.get("Location")' if approach.headers else "None"


def compared(ordinary: Ordinary) -> list[str]:
    """What is held against the answer; an answer that is new every time is only asked for."""
    if ordinary.whole is not None:
        return [f"assert text(answer) == {ordinary.whole!r}"]
    if ordinary.excerpt:
        return [f"assert {ordinary.excerpt!r} in text(answer)"]
    return []


def needed(code: str, oracle: Oracle) -> list[str]:
    return [name for name in oracle.fixtures if re.search(rf"\b{name}\b", code)]


def attack_test(
    headline: Headline, approach: EntryDriver, oracle: Oracle, ordinary: Ordinary, attack: Attack, number: int
) -> str:
    fixtures = ", ".join(dict.fromkeys([*approach.fixtures, *oracle.fixtures]))
    code = re.sub(r"\bVALUE\b", lambda _: encoded(approach, attack.value), oracle.attack.strip("\n"))
    code = re.sub(r"\bBENIGN\b", lambda _: encoded(approach, ordinary.value.value), code)
    code = re.sub(r"\bHEADERS\b", lambda _: headers(approach), code)
    if approach.fixtures:
        code = re.sub(r"\b(attempt|send)\(", rf"\1({', '.join(approach.fixtures)}, ", code)
    suffix = f"_{number + 1}" if number else ""
    return f"\n\ndef test_{headline.name}{suffix}({fixtures}):\n{textwrap.indent(code, '    ')}\n"


COUNTERPART = "test_the_watch_tells_good_from_bad"


def counterpart_test(oracle: Oracle) -> str:
    """The control of a test that sends ordinary input only."""
    body = textwrap.indent(oracle.counterpart.strip("\n"), "    ")
    return f"\n\ndef {COUNTERPART}({', '.join(oracle.fixtures)}):\n{body}\n"


def headers(approach: EntryDriver) -> str:
    return f"getattr(answer, {approach.headers.rpartition('.')[2]!r}, {{}})" if approach.headers else "{}"
