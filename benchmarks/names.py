"""False alarms on much used packages: their names, and what their code does when it is installed or imported.

    ./do bench names PATH... --write benchmarks/names.md

Names are judged offline, from the lists that ship. Each path is a wheel, an sdist, a tarball of npm, or a folder of such or of
installed packages (`node_modules`); nothing is run or contacted, and fetching is left to whoever runs this. Only the rule about
install-time code is asked, so a package costs seconds. The small hostile packages of the tests are counted beside.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from buckler.analysis.flow.engine import with_deep_recursion
from buckler.analysis.languages.templates import Templates
from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.libraries.model import LibraryModels
from buckler.base.progress import Silent
from buckler.base.source import SourceFile, language_of
from buckler.dependencies.names.known import popular
from buckler.dependencies.names.similar import taken_for
from buckler.finding.model import Finding, Severity
from buckler.review.checks import ProgramView
from buckler.review.context import Past, ReviewContext
from buckler.review.findings import Sources, of_misuse
from buckler.review.follow import begun
from buckler.review.lowering import lower_all
from buckler.review.memory import NoCache
from buckler.weaknesses.dependencies.install_time_code.check import RULE, find, started
from buckler.weaknesses.registry import rulebook
from buckler.workbench.archives import is_archive
from buckler.workbench.inputs import Limits, collect

ROOT = Path(__file__).resolve().parent.parent
MOST = 500


@dataclass(slots=True)
class Row:
    """One package."""

    name: str
    ecosystem: str
    files: int = 0
    seconds: float = 0.0
    alarms: list[Finding] = field(default_factory=list)


@cache
def tables() -> dict[str, LibraryModels]:
    return {language: load_libraries(language) for language in ("python", "javascript")}


def packages(path: Path) -> Iterator[Path]:
    """The packages that lie here."""
    if path.is_file() or ((path / "package.json").is_file() and path.name != "node_modules"):
        yield path
        return
    for item in sorted(path.iterdir()):
        if item.is_file() and is_archive(item.name):
            yield item
        elif item.is_dir() and item.name.startswith("@"):
            yield from sorted(inner for inner in item.iterdir() if inner.is_dir())
        elif (item / "package.json").is_file() or (item / "setup.py").is_file():
            yield item


def judged(files: Sequence[SourceFile]) -> list[Finding]:
    """What the rule says of a package, medium or above."""
    book = rulebook()
    lowered = lower_all(files, tables(), NoCache(), 1, Silent())
    sources = Sources({**lowered.sources, **{file.path: data for file, data in lowered.others}})
    modules = lowered.modules() or []
    context = ReviewContext(book, tables(), sources.data, Templates(), Silent(), [], Past())
    rule = book.rules[RULE]
    found = [f for module in modules for f in started(module, rule, sources)]

    def look() -> None:
        engine = begun(modules, context)
        view = ProgramView(engine, engine.program, sources.data, [], book.rules)
        found.extend(of_misuse(misuse, rule, engine.program, sources) for misuse in find(view))

    with_deep_recursion(look)
    return [finding for finding in found if finding.severity >= Severity.MEDIUM]


def row_of(path: Path) -> Row:
    began = time.process_time()
    inputs = collect([path], Limits(ignore_files=False))
    row = Row(
        named(path), "npm" if path.suffix == ".tgz" or (path / "package.json").is_file() else "PyPI", len(inputs.files)
    )
    row.alarms = judged(inputs.files)
    row.seconds = time.process_time() - began
    return row


def named(path: Path) -> str:
    if path.is_dir():
        return f"{path.parent.name}/{path.name}" if path.parent.name.startswith("@") else path.name
    stem = path.name.removesuffix(".tar.gz").removesuffix(".tgz")
    return (stem.partition("-")[0] if path.suffix == ".whl" else stem.rpartition("-")[0]).lower().replace("_", "-")


def of_names() -> list[str]:
    """Much used names that are taken for others."""
    return [
        f"{name} ({ecosystem}) for {meant}"
        for ecosystem in ("PyPI", "npm")
        for name in popular(ecosystem)[:MOST]
        if (meant := taken_for(name, ecosystem)) is not None
    ]


def detection() -> Iterator[tuple[str, int, int, list[str]]]:
    """How many of the hostile packages of the tests are found, half by half, and which are not."""
    sys.path.insert(0, str(ROOT))
    from tests.hostile_packages import HELD, HONEST, LATER, TUNED  # noqa: PLC0415 - part of the tests

    for title, half in (
        ("hostile, looked at", TUNED),
        ("hostile, looked at after 8 of 12 were found", LATER),
        ("hostile, held back", HELD),
        ("honest", HONEST),
    ):
        missed = [
            name
            for name, files in half.items()
            if not judged([SourceFile(p, language_of(p), data=text.encode()) for p, text in files.items()])
        ]
        yield title, len(half) - len(missed), len(half), missed


def report(rows: Sequence[Row]) -> str:
    lines = [
        "# Names and install-time code",
        "",
        "Written by `./do bench names`; `benchmarks/names.py` explains the method.",
        "",
    ]
    wrong = of_names()
    lines += [f"Of the {MOST} most used names of PyPI and of npm {len(wrong)} are taken for another.", *wrong, ""]
    lines += [
        "| registry | packages read | of the 500 most used | files | with an alarm | CPU-seconds |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for ecosystem in ("PyPI", "npm"):
        mine = [row for row in rows if row.ecosystem == ecosystem]
        names = {row.name for row in mine}
        top = names.intersection(popular(ecosystem)[:MOST])
        loud = [row for row in mine if row.alarms]
        lines.append(
            f"| {ecosystem} | {len(names)} | {len(top)} | {sum(r.files for r in mine):,} | {len(loud)} | {sum(r.seconds for r in mine):.0f} |"
        )
    lines += ["", "## Alarms", ""]
    lines += [
        f"- {row.name}: {f.location.path}:{f.location.line} {f.severity.name.lower()}: {f.message}"
        for row in rows
        for f in row.alarms
    ] or ["None."]
    lines += ["", "## Packages made for the tests", "", "| kind | with an alarm | of | without |", "|---|--:|--:|---|"]
    lines += [
        f"| {title} | {hit} | {count} | {'; '.join(missed) if title != 'honest' else ''} |"
        for title, hit, count, missed in detection()
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    rows: list[Row] = []
    for path in dict.fromkeys(one for given in asked.paths for one in packages(given)):
        row = row_of(path)
        rows.append(row)
        for f in row.alarms:
            print(
                f"{row.name}: {f.location.path}:{f.location.line} {f.severity.name}: {f.message}\n    {f.code[:150]}",
                flush=True,
            )
        if row.seconds > 20:
            print(f"{row.name}: {row.seconds:.0f} s", file=sys.stderr, flush=True)
    text = report(rows)
    (asked.write.write_text(text, encoding="utf-8") if asked.write else print(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
