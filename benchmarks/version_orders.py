"""Orders of versions and ranges of manifests, held against the programs of the ecosystems themselves.

    python benchmarks/version_orders.py [--maven FOLDER-OF-JARS] [--semver FOLDER-OF-THE-NODE-MODULE] [--number 6000]

Maven's ComparableVersion orders random versions in the shapes that real ones have; node's `semver` and `packaging` say
which random versions satisfy random ranges. A range may allow more here than there (see `wanted.py`), never less.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from buckler.dependencies.advisories.versions import key
from buckler.dependencies.advisories.wanted import allowed

DICE = random.Random(12)
QUALIFIERS = [
    ".RELEASE",
    ".Final",
    ".RC1",
    ".M2",
    "-M1",
    "-jre",
    "-android",
    ".pr1",
    "b2",
    "a1",
    "-SNAPSHOT",
    "-rc-1",
    "-beta-2",
    "-beta.3",
    ".GA",
    ".SP1",
    "-1",
    "-incubating",
    ".v20190101",
    "-alpha",
    "-b01",
]
SATISFIES = """
const semver = require(process.argv[1]), given = JSON.parse(require('fs').readFileSync(0));
console.log(JSON.stringify(given.ranges.map(
    range => semver.validRange(range) === null ? null : given.versions.map(version => semver.satisfies(version, range)))));
"""


def numbers(least: int, most: int) -> str:
    return ".".join(str(DICE.choice([0, 0, 1, 2, 3, 10])) for _ in range(DICE.randint(least, most)))


def against_maven(jars: Path, number: int) -> None:
    versions = [numbers(1, 4) + DICE.choice(["", "", "", *QUALIFIERS]) for _ in range(number)]
    command = ["java", "-cp", f"{jars}/*", "org.apache.maven.artifact.versioning.ComparableVersion", *versions]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^\s+(\S+) (<|>|==) (\S+)$", said, re.M)
    wrong = [row for row in rows if row[1] != compared(row[0], row[2])]
    print(f"Maven: {len(rows):,} pairs, {len(wrong)} ordered otherwise {wrong[:5]}")


def compared(one: str, other: str) -> str:
    first, second = key("Maven", one) or (), key("Maven", other) or ()
    return "<" if first < second else ">" if first > second else "=="


def against_semver(module: Path, number: int) -> None:
    def comparator() -> str:
        return (
            DICE.choice(["", "^", "~", ">=", "<=", ">", "<", "=", "~>"]) + numbers(1, 3) + DICE.choice(["", "", ".x"])
        )

    def alternative() -> str:
        return DICE.choice([f"{numbers(1, 3)} - {numbers(1, 3)}", comparator(), f"{comparator()} {comparator()}"])

    ranges = [" || ".join(alternative() for _ in range(DICE.randint(1, 2))) for _ in range(number)]
    versions = [numbers(3, 3) + DICE.choice(["", "", "-rc.1", "-0"]) for _ in range(60)]
    given = json.dumps({"ranges": ranges, "versions": versions})
    done = subprocess.run(
        ["node", "-e", SATISFIES, str(module)], input=given, capture_output=True, text=True, check=True
    )
    answers = [(r, row) for r, row in zip(ranges, json.loads(done.stdout), strict=True) if row is not None]
    report("npm", ((r, v, yes) for r, row in answers for v, yes in zip(versions, row, strict=True)))


def against_packaging(number: int) -> None:
    def version() -> str:
        return numbers(1, 3) + DICE.choice(["", "", "", "rc1", "a1", ".dev1", ".post1"])

    def specifier() -> str:
        operator = DICE.choice(["==", "!=", ">=", "<=", ">", "<", "~="])
        return operator + (f"{numbers(1, 3)}.*" if operator in ("==", "!=") and DICE.random() < 0.4 else version())

    versions = [version() for _ in range(60)]
    rows = []
    for _ in range(number):
        text = ",".join(specifier() for _ in range(DICE.randint(1, 2)))
        try:
            known = SpecifierSet(text)
        except InvalidSpecifier:
            continue
        rows += [(text, one, known.contains(one, prereleases=True)) for one in versions]
    report("PyPI", rows)


def report(ecosystem: str, rows: Iterable[tuple[str, str, bool]]) -> None:
    asked, missed = 0, []
    for text, version, satisfies in rows:
        asked += 1
        at = key(ecosystem, version)
        if satisfies and not any(span.holds(at) for span in allowed(ecosystem, text)):  # type: ignore[arg-type]
            missed.append((text, version))
    print(f"{ecosystem}: {asked:,} versions held against ranges, {len(missed)} allowed there and not here {missed[:5]}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--maven", type=Path)
    options.add_argument("--semver", type=Path)
    options.add_argument("--number", type=int, default=6_000)
    given = options.parse_args()
    tried: list[Callable[[], None]] = [lambda: against_packaging(given.number)]
    tried += [lambda: against_maven(given.maven, given.number)] if given.maven else []
    tried += [lambda: against_semver(given.semver, given.number)] if given.semver else []
    for each in tried:
        each()


if __name__ == "__main__":
    main()
