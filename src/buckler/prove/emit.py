"""Prints a test file: an approach, an oracle and the attacks that are to be shown.

Example::

    print(test_file(headline, approach, oracle, benign, [attack]))
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from buckler.finding.evidence import ProofKind
from buckler.prove.cutting import NOBODY, Cut, body, cut, parameters, source_of
from buckler.prove.model import Attack, EntryDriver, Oracle, encoded
from buckler.prove.probe_file import SENDING, ProbeFile, top_names

WIDTH = 110
TEST_OWN = frozenset({"send", "attempt", "text", "status", "headers", "cookies", "VALUE", "BENIGN"})
"""Names that every test file gives a meaning of its own."""


@dataclass(slots=True, frozen=True)
class Benign:
    """What benign input gave before anything was changed."""

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
    """Where the user was sent, alike twice; None if nowhere, or where that is meant to change."""
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
    headline: Headline, approach: EntryDriver, oracle: Oracle, benign: Benign, attacks: Sequence[Attack]
) -> str:
    """The text of a stand-alone pytest file; one test for benign input, one for each attack."""
    other = apart(oracle, approach)
    parts = cut_for(oracle, [benign.value, *attacks], other, top_names(approach.setup))
    body = "\n".join(
        [
            sending(approach, parts.given),
            benign_test(approach, oracle, benign, other),
            *(attack_test(headline, approach, oracle, benign, attack, n) for n, attack in enumerate(attacks)),
            *([counterpart_test(oracle, other)] if oracle.probe.counterpart else []),
        ]
    )
    head = "\n".join(
        [docstring(headline, oracle.shown), "", *imports(approach, parts.imports), spaced(approach.setup)]
    ).rstrip()
    whole = f"{head}\n\n\n{parts.code}\n{body}" if parts.code else f"{head}\n{body}"
    return re.sub(r"\n{4,}", "\n\n\n", whole).rstrip() + "\n"


def cut_for(
    oracle: Oracle, sent: Iterable[Attack], renamed: Mapping[str, str] = NOBODY, present: Container[str] = ()
) -> Cut:
    """What the tests of an oracle need of its probe file, and what the values mention that are sent."""
    said = {name for attack in sent for name in names_in(attack.value)}
    probe = ProbeFile.load(oracle.probe.file)
    parts = cut(probe, oracle.probe.functions, oracle.probe.values, renamed, [*said, *oracle.needs], present)
    parts.imports = list(dict.fromkeys([*(line for line in oracle.imports if bound(line) in said), *parts.imports]))
    return parts


def names_in(expression: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(expression, mode="eval")) if isinstance(node, ast.Name)}


def bound(line: str) -> str:
    """The name that an import statement gives a meaning."""
    return line.rpartition(" ")[2].partition(".")[0]


def spaced(setup: str) -> str:
    """Statements at the top as they are; functions stand apart."""
    setup = setup.strip()
    return f"\n\n{setup}" if setup.startswith(("def ", "class ", "@")) else setup


def apart(oracle: Oracle, approach: EntryDriver) -> dict[str, str]:
    """Other names for those of the probe that the project uses for something it is imported for."""
    taken = " ".join(approach.imports)
    probe = ProbeFile.load(oracle.probe.file)
    names = [name for file in (probe, *map(ProbeFile.load, probe.shared.values())) for name in file.defined]
    if not oracle.probe.counterpart:  # values mention their fixtures by name
        return {}
    return {name: f"{name}_here" for name in names if name not in TEST_OWN and re.search(rf"\b{name}\b", taken)}


ABOUT = {
    ProofKind.EXPLOIT: "The test fails as long as that is possible; it looks at the effect only, so any sound repair makes it pass.",
    ProofKind.PROPERTY: "No attack is sent: the test looks at how benign input is treated, and fails as long as the code does what it should not.",
    ProofKind.CONFIGURATION: "No attack is sent: the test looks at what is set, and fails as long as it is so.",
}


def docstring(headline: Headline, shown: ProofKind) -> str:
    text = [f'"""{plain(headline.title)}: {plain(headline.place)}.', ""]
    about = plain(f"{headline.attacker} The entry point is {headline.entry}. {ABOUT[shown]}")
    return "\n".join([*text, *textwrap.wrap(about, WIDTH), '"""'])


def plain(text: str) -> str:
    """Words as they may stand in a docstring, in one line."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")


def imports(approach: EntryDriver, needed: Iterable[str]) -> list[str]:
    """Standard library, then what is installed, then the project."""
    every = dict.fromkeys([*joined(line for line in needed if line not in approach.imports), *approach.imports])
    ranked = sorted(every, key=lambda line: (rank(line, approach), line))
    out: list[str] = []
    for line in ranked:
        if out and rank(line, approach) != rank(out[-1], approach):
            out.append("")
        out.append(line)
    return out


def joined(lines: Iterable[str]) -> list[str]:
    """What is imported from one module in one statement."""
    names: dict[str, set[str]] = {}
    for line in lines:
        module, _, name = line.partition(" import ") if line.startswith("from ") else (line, "", "")
        names.setdefault(module, set()).add(name)
    return [f"{module} import {', '.join(sorted(found))}" if any(found) else module for module, found in names.items()]


def rank(line: str, approach: EntryDriver) -> int:
    top = line.split()[1].partition(".")[0]
    if top in sys.stdlib_module_names:
        return 0
    return 2 if line in approach.imports[-1:] else 1


def sending(approach: EntryDriver, asked: Container[str] = ()) -> str:
    """How a value is sent, and what is read of an answer, as far as it is asked for."""
    given = ", ".join([*approach.fixtures, "value"])
    probe = ProbeFile.load(SENDING)
    first = {"value": given} if approach.fixtures else NOBODY
    attempt = source_of(probe, probe.defined["attempt"], renamed=first)
    return "\n\n" + "\n\n\n".join((send_of(approach), attempt, *readers(approach, asked))) + "\n"


def send_of(approach: EntryDriver) -> str:
    """The function that carries one value to the entry point."""
    words = plain("; ".join([approach.entry, *approach.assumptions]))
    return defined("send", [*approach.fixtures, "value"], words, approach.send)


def defined(name: str, taken: Sequence[str], about: str, code: str) -> str:
    """A function with the statements of a driver in it."""
    words = "\n    ".join(textwrap.wrap(f'"""{about}."""', WIDTH - 4))
    return f"def {name}({', '.join(taken)}):\n    {words}\n{textwrap.indent(code, '    ')}"


def readers(approach: EntryDriver, asked: Container[str]) -> Iterator[str]:
    """Functions that read an answer; its text always, for a reader who wants to see it."""
    yield f'def text(answer):\n    return "" if isinstance(answer, BaseException) else {approach.text}'
    found = {
        "status": approach.status or "None",
        "headers": f"getattr(answer, {approach.headers.rpartition('.')[2]!r}, {{}})" if approach.headers else "{}",
        "cookies": f"[] if isinstance(answer, BaseException) else {approach.cookies}" if approach.cookies else "[]",
    }
    yield from (f"def {name}(answer):\n    return {code}" for name, code in found.items() if name in asked)


def benign_test(approach: EntryDriver, oracle: Oracle, benign: Benign, other: Mapping[str, str] = NOBODY) -> str:
    needs = [*needed(benign.value.value, oracle), *(other.get(name, name) for name in oracle.needs)]
    fixtures = ", ".join(dict.fromkeys([*approach.fixtures, *needs]))
    given = ", ".join([*approach.fixtures, encoded(approach, benign.value.value)])
    if benign.error:
        lines = [f"assert type(attempt({given})).__name__ == {benign.error!r}"]
    else:
        lines = [f"answer = send({given})"]
        if not (benign.status or benign.location or benign.excerpt or benign.whole is not None):
            lines = [f"send({given})  # the answer is another each time; that there is one is what counts"]
        if benign.status:
            lines.append(f"assert {approach.status} == {benign.status}")
        if benign.location is not None:
            lines.append(f"assert {location(approach)} == {benign.location!r}")
        lines += compared(benign)
    body = textwrap.indent("\n".join(lines), "    ")
    return f"\ndef test_benign_input_still_works({fixtures}):\n{body}\n"


def location(approach: EntryDriver) -> str:
    """The expression for where an answer sends its reader."""
    return f'{approach.headers}.get("Location")' if approach.headers else "None"


def compared(benign: Benign) -> list[str]:
    """What is held against the answer; an answer that is new every time is only asked for."""
    if benign.whole is not None:
        return [f"assert text(answer) == {benign.whole!r}"]
    if benign.excerpt:
        return [f"assert {benign.excerpt!r} in text(answer)"]
    return []


def needed(code: str, oracle: Oracle) -> list[str]:
    return [name for name in oracle.probe.fixtures if name in names_in(code)]


def attack_test(
    headline: Headline, approach: EntryDriver, oracle: Oracle, benign: Benign, attack: Attack, number: int
) -> str:
    other = apart(oracle, approach)
    stands = {"VALUE": encoded(approach, attack.value), "BENIGN": encoded(approach, benign.value.value)}
    code = body(ProbeFile.load(oracle.probe.file), oracle.probe.attack, stands, other, approach.fixtures)
    fixtures = dict.fromkeys([*approach.fixtures, *(other.get(name, name) for name in oracle.probe.fixtures)])
    suffix = f"_{number + 1}" if number else ""
    return f"\n\ndef test_{headline.name}{suffix}({', '.join(fixtures)}):\n{textwrap.indent(code, '    ')}\n"


COUNTERPART = "test_the_watch_tells_good_from_bad"


def counterpart_test(oracle: Oracle, other: Mapping[str, str] = NOBODY) -> str:
    """The control of a test that sends benign input only."""
    probe = ProbeFile.load(oracle.probe.file)
    code = textwrap.indent(body(probe, oracle.probe.counterpart, renamed=other), "    ")
    fixtures = ", ".join(other.get(name, name) for name in parameters(probe, oracle.probe.counterpart))
    return f"\n\ndef {COUNTERPART}({fixtures}):\n{code}\n"
