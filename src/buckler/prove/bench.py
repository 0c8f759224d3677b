"""What an attempt needs, and how one test is run and read.

Example::

    answer = run_test(bench, text, headline)
    exploited(answer, "test_sql_injection")
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.files import read_in
from buckler.prove.emit import Headline
from buckler.prove.entries.place import handlers
from buckler.prove.entries.surface import Surface
from buckler.prove.model import SAYS, Recipes
from buckler.prove.session import Answer, Lines, Seen, Session, seen_of

ARGUMENTS = ("-q", "-p", "no:cacheprovider", "-o", "addopts=", "-o", "filterwarnings=", "--tb=short")

SECONDS = 30


@dataclass(slots=True, frozen=True)
class Landmarks:
    """What of the code tells how far an input got: the guarded line, and where the code deals with errors by itself."""

    line: dict[str, list[int]]
    handlers: dict[str, list[int]] = field(default_factory=dict)

    @property
    def every(self) -> dict[str, list[int]]:
        paths = dict.fromkeys([*self.line, *self.handlers])
        return {path: [*self.line.get(path, ()), *self.handlers.get(path, ())] for path in paths}

    def through(self, ran: Mapping[str, Sequence[int]]) -> bool:
        """Whether the line ran, and no handler of errors around it."""
        return meets(ran, self.line) and not meets(ran, self.handlers)


def meets(ran: Mapping[str, Sequence[int]], lines: Mapping[str, Sequence[int]]) -> bool:
    return any(set(numbers) & set(lines.get(path.removeprefix("/project/"), ())) for path, numbers in ran.items())


def landmarks(project: Path, lines: dict[str, list[int]], changed: Mapping[str, bytes] | None = None) -> Landmarks:
    """Those around some lines of a project, of which some files may be changed."""
    files = {path: (changed or {}).get(path) or read_in(project, path, MAX_FILE_SIZE) for path in lines}
    return Landmarks(lines, {path: handlers(data, lines[path]) for path, data in files.items()})


@dataclass(slots=True)
class Outcomes:
    """How the project's own tests ended, by name, or why they could not be run."""

    outcomes: dict[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(slots=True)
class ProofContext:
    """Everything an attempt needs: the project, the running sandbox, what answers requests, the budget."""

    project: Path
    session: Session
    surface: Surface
    recipes: Recipes
    """How to prove each weakness."""
    versions: dict[str, str] = field(default_factory=dict)
    seconds: float = 60
    warmth: str = ""
    """Statements that load the project into the interpreter the attempts are forks of."""
    tests: Outcomes | None = None


def refresh(bench: ProofContext) -> None:
    """A sandbox that has ended, by an attempt or by its own limits, is replaced by a fresh one."""
    if bench.session.over:
        bench.session.close()
        bench.session = Session.open(bench.session.cell)
        bench.session.warm(bench.warmth)


def place_of(project: Path, headline: Headline) -> str:
    """Where the project keeps its tests."""
    folder = next((name for name in ("tests", "test") if (project / name).is_dir()), "")
    mark = re.sub(r"\W+", "_", headline.place.rpartition("/")[2].replace(".py", "")).strip("_").lower()
    name = f"test_{headline.name}_{mark}.py"
    return f"{folder}/{name}" if folder else name


def run_test(bench: ProofContext, text: str, headline: Headline, lines: Lines | None = None) -> Answer:
    """Run a test file where it belongs; if the project's own settings are in the way, in a folder of its own."""
    place = place_of(bench.project, headline)
    answer = bench.session.test({place: text}, [place, *ARGUMENTS], SECONDS, lines)
    if answer.tests or answer.ended in ("time", "gone"):
        return answer
    name = f"security/{place.rpartition('/')[2]}"
    bare = ("-c", "/dev/null", "--rootdir", "/project/security", "--noconftest")
    return bench.session.test({name: text}, [name, *ARGUMENTS, *bare], SECONDS, lines)


def record(answer: Answer, name: str) -> dict[str, object]:
    return next((r for node, r in answer.tests.items() if node.rpartition("::")[2] == name), {})


def passed(answer: Answer, name: str) -> bool:
    return record(answer, name).get("outcome") == "passed"


def exploited(answer: Answer, name: str) -> bool:
    """Failed by the oracle's own assertion and nothing else."""
    found = record(answer, name)
    return found.get("outcome") == "failed" and said(str(found.get("text")))


def said(text: str) -> bool:
    """The words of a failure are those of an oracle."""
    return any(word in text.split("\n", maxsplit=1)[0] for word in SAYS.values())


def ran_line(answer: Answer, name: str, lines: dict[str, list[int]]) -> bool:
    return meets(seen_in(answer, name).ran, lines)


def seen_in(answer: Answer, name: str) -> Seen:
    """What was seen of the watched lines in one test."""
    return seen_of(record(answer, name).get("seen") or {})


def trouble(answer: Answer) -> str:
    """Why a test could not be run, in one line."""
    if answer.failure:
        return answer.failure
    texts = [*answer.errors, *(str(r["text"]) for r in answer.tests.values() if r["outcome"] != "passed")]
    words = [line for text in texts for line in text.splitlines() if "Error" in line or line.startswith("E ")]
    return (words[-1].removeprefix("E ").strip() if words else "it did not run")[:200]
