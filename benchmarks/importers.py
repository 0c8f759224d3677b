"""Reports of other people's tests, read by the importers of triage, beside the number of findings that those tests expect.

    python benchmarks/importers.py CHECKOUT [--write benchmarks/importers.md] [--show]

CHECKOUT is a checkout of DefectDojo/django-DefectDojo: `unittests/scans` has reports of some 200 tools, and
`unittests/tools` says how many findings each has after DefectDojo's own merging. Only numbers are taken from it.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from buckler.triage.alert import Reading
from buckler.triage.importers import read_report

PATHS = re.compile(r"get_unit_tests_scans_path\('([^']+)'\) / ((?:'[^']+'(?: / )?)+)")
COUNTS = re.compile(
    r"assertEqual\((?:(\d+), len\((?:self\.)?\w*(?:findings|items|results)\)|len\(\w*(?:findings|items)\), (\d+))\)"
)


@dataclass(slots=True)
class Tool:
    """What was read of the reports of one tool."""

    files: int = 0
    same: int = 0
    guessed: int = 0
    expected: int = 0
    read: int = 0
    others: list[str] = field(default_factory=list)


def expected(checkout: Path) -> dict[str, set[int]]:
    """The numbers of findings by report; tests that read several reports, or expect several numbers, are left out."""
    out: dict[str, set[int]] = defaultdict(set)
    for file in sorted((checkout / "unittests" / "tools").glob("test_*_parser.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                source = ast.unparse(node)
                paths, counts = PATHS.findall(source), {a or b for a, b in COUNTS.findall(source)}
                if len(paths) == 1 and len(counts) == 1:
                    folder, rest = paths[0]
                    out["/".join([folder, *re.findall(r"'([^']+)'", rest)])].add(int(counts.pop()))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--show", action="store_true", help="name each report with another number")
    asked = parser.parse_args()
    tools: dict[str, Tool] = defaultdict(Tool)
    for name, numbers in sorted(expected(asked.checkout).items()):
        path = asked.checkout / "unittests" / "scans" / name
        if not path.exists():
            continue
        reading = Reading(name)
        count = sum(len(columns["tool"]) for columns in read_report(path, reading))
        tool = tools[name.partition("/")[0]]
        tool.files += 1
        tool.same += count in numbers
        tool.guessed += reading.format in ("guessed", "unknown", "")
        tool.expected += min(numbers, key=lambda number: abs(number - count))
        tool.read += count
        if asked.show and count not in numbers:
            print(f"{name}: read {count}, expected {sorted(numbers)}, {reading.format or 'not recognized'}")
    text = report(tools)
    if asked.write:
        asked.write.write_text(text, "utf-8")
    print(text.splitlines()[4])


def report(tools: dict[str, Tool]) -> str:
    files, same, guessed = (
        sum(getattr(tool, name) for tool in tools.values()) for name in ("files", "same", "guessed")
    )
    lines = [
        "# Reports of other tools, as they are read",
        "",
        "Written by `python benchmarks/importers.py CHECKOUT`; the file explains where the reports and numbers come from.",
        "",
        (
            f"{files} reports of {len(tools)} tools: {same} give the number of findings that their own tests expect;"
            f" {guessed} are read by a guess."
        ),
        "",
        "Another number is not always a loss: those tests count after merging inside a report, or count groups.",
        "",
        "| reports of | files | same number | guessed | findings expected | alerts read |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, tool in sorted(tools.items()):
        lines.append(f"| {name} | {tool.files} | {tool.same} | {tool.guessed} | {tool.expected} | {tool.read} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
