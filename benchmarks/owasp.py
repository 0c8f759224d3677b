"""OWASP BenchmarkPython v0.1: true-positive rate minus false-positive rate, per category and on average.

    python benchmarks/owasp.py SUITE [--misses]

SUITE is a checkout of the public suite; nothing of it is kept here. A case counts as found when a finding of one of
the category's CWE numbers lies in its file; CWE numbers are the suite's own, with the usual children beside them.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

FAMILIES = {
    22: {22, 23, 36, 73}, 78: {77, 78, 88}, 79: {79, 80}, 89: {89, 564}, 90: {90}, 94: {94, 95, 96}, 327: {327, 328},
    328: {327, 328}, 330: {330, 338}, 501: {501}, 502: {502}, 601: {601}, 611: {611, 827}, 614: {614}, 643: {643},
}  # fmt: skip


def expected(suite: Path) -> dict[str, tuple[str, bool, int]]:
    """Case → (category, really vulnerable, CWE)."""
    table = next(suite.glob("expectedresults-*.csv"))
    with table.open(newline="") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    return {name: (category, real == "true", int(cwe)) for name, category, real, cwe, *_ in rows}


def found(suite: Path) -> dict[str, set[int]]:
    """Case → CWE numbers of the findings in its file."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "buckler", "review", str(suite), "--format", "json", "--output", str(report),
                   "--no-cache", "--quiet", "--no-config"]  # fmt: skip
        subprocess.run(command, check=False)
        data = json.loads(report.read_text())
    out: dict[str, set[int]] = defaultdict(set)
    for finding in data["findings"]:
        out[Path(finding["location"]["path"]).stem] |= set(finding["cwe"])
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", type=Path)
    parser.add_argument("--misses", action="store_true", help="name the cases that came out wrong")
    options = parser.parse_args()
    truth, seen = expected(options.suite), found(options.suite)
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    wrong: list[str] = []
    for case, (category, real, cwe) in truth.items():
        hit = bool(seen[case] & FAMILIES.get(cwe, {cwe}))
        row = tally[category]
        row[0 if real else 2] += hit
        row[1 if real else 3] += 1
        if hit is not real:
            wrong.append(f"{category} {case} {'missed' if real else 'false alarm'}")
    print(f"{'category':<18}{'found':>10}{'false':>10}{'score':>9}")
    scores = []
    for category, (tp, real, fp, clean) in sorted(tally.items()):
        scores.append(100 * (tp / real - fp / clean))
        print(f"{category:<18}{f'{tp}/{real}':>10}{f'{fp}/{clean}':>10}{scores[-1]:>+9.1f}")
    print(f"{'mean':<38}{sum(scores) / len(scores):>+9.1f}   lowest {min(scores):+.1f}")
    if options.misses:
        print("\n".join(sorted(wrong)))


if __name__ == "__main__":
    main()
