"""Old against new on generated benign input: what comes back must mean the same.

Inputs are drawn by hypothesis from the domain an oracle names, always the same ones. An input that used to end in an
error and now works is an improvement; any other difference is one a reader must know.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache

import hypothesis
from hypothesis import configuration, strategies

from buckler.base.scratch import scratch
from buckler.prove.answers import EachRow, rows_of
from buckler.prove.bench import Landmarks, ProofContext
from buckler.prove.benign import asked
from buckler.prove.emit import Benign
from buckler.prove.model import EntryDriver, Oracle, encoded

HOW_MANY = 24
FAIR = 4
"""One in so many inputs has to get through the line, or the others say little."""


@dataclass(slots=True, frozen=True)
class Result:
    """How one input was answered, and which watched lines ran meanwhile."""

    status: int | None
    text: str
    error: str
    ran: dict[str, list[int]] = field(default_factory=dict, compare=False)


@dataclass(slots=True)
class Differences:
    """What differs, in words."""

    tried: int = 0
    worse: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)
    answered: int = 0
    """Inputs that were answered without an error before."""
    through: int = 0
    """Inputs that got through the guarded line before and after, past no handler of errors."""


@cache
def kept_elsewhere() -> None:
    """What hypothesis writes down for itself goes into a folder of this process, not into the one we are called from."""
    configuration.set_hypothesis_home_dir(scratch("buckler-generated-"))


def generated(domain: str, count: int = HOW_MANY) -> list[str]:
    """Texts of a regular expression, the same ones in every run."""
    kept_elsewhere()
    out: dict[str, None] = {}

    @hypothesis.settings(
        max_examples=count, derandomize=True, database=None, deadline=None,
        phases=[hypothesis.Phase.generate], suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(strategies.from_regex(domain, fullmatch=True))
    def collect(text: str) -> None:
        out.setdefault(text)

    collect()
    return list(out)


def differences(
    old: ProofContext, new: ProofContext, approach: EntryDriver, oracle: Oracle, benign: Benign,
    before: Landmarks, after: Landmarks,
) -> Differences:  # fmt: skip
    """Send the same values to both and tell what comes back differently; answers that change by themselves are left out.

    Of code that knows its words, only those are benign.
    """
    values = [ast.literal_eval(word) for word in benign.among] or generated(domain_of(oracle, benign.value.value))
    sides = ((old, before), (old, before), (new, after))
    first, again, now = (results(b, approach, oracle, values, benign.value.value, m) for b, m in sides)
    out = Differences()
    if not len(values) == len(first) == len(again) == len(now):
        return out
    for value, one, two, three in zip(values, first, again, now, strict=True):
        if one != two:
            continue
        out.tried += 1
        out.answered += not failed(one)
        out.through += not failed(three) and before.through(one.ran) and after.through(three.ran)
        if one != three and not (failed(one) and failed(three)):
            (out.better if failed(one) and not failed(three) else out.worse).append(difference(value, one, three))
    return out


def domain_of(oracle: Oracle, benign: str) -> str:
    return NUMBERS if re.fullmatch(r"['\"]?\d+['\"]?", benign) else oracle.domain


NUMBERS = "[1-9][0-9]{0,4}"
"""What is generated where the benign value that worked is a number."""
WORD = "report"
"""The word in benign values in whose place generated ones are put."""


def around(benign: str, domain: str) -> str:
    """The expression that makes a benign document of a generated `value`, by the example of one that worked.

    >>> around("base64.b64encode(pickle.dumps({'name': 'report'}))", "[a-z]+")
    "base64.b64encode(pickle.dumps({'name': value}))"
    """
    try:
        literal = ast.literal_eval(benign)
    except ValueError:
        return benign.replace(repr(WORD), "value") if repr(WORD) in benign else "value"
    plain = not isinstance(literal, str) or WORD not in literal or re.fullmatch(domain, literal) is not None
    return "value" if plain else f"{benign}.replace({WORD!r}, value)"


def results(
    bench: ProofContext, approach: EntryDriver, oracle: Oracle, values: list[str], benign: str, marks: Landmarks
) -> list[Result]:
    """Status, text and error of each value."""
    given = ", ".join([*approach.fixtures, encoded(approach, around(benign, oracle.domain))])
    bench.session.restore()
    code = f"ask_each({values!r}, lambda value: send({given}), lambda text: {oracle.same.replace('{}', 'text')}, watch.since)"
    found = asked(bench, approach, oracle, code, benign, marks.every)
    return [Result(**row) for row in rows_of(found, EachRow)]


def failed(row: Result) -> bool:
    return bool(row.error) or (row.status is not None and row.status >= 500)


def difference(value: str, before: Result, after: Result) -> str:
    def words(row: Result) -> str:
        if row.error:
            return f"raised {row.error}"
        status = f"{row.status} " if row.status is not None else ""
        return f"gave {status}{row.text[:60]!r}"

    return f"{value!r} {words(before)}, now {words(after)}"
