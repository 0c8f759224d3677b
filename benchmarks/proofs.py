"""OWASP BenchmarkPython v0.1 as a running application: what is reproduced, what is fixed, what is proved wrongly.

    python benchmarks/proofs.py SUITE [--sample N] [--no-fix] [--cache FILE] [--jobs N] [--reports FOLDER]

SUITE is a checkout of the public suite; nothing of it is kept here. Every finding of an injection rule is given to
`buckler defend`; `--sample N` takes every Nth case of each category, safe ones included. A case counts as reproduced when an emitted test
shows a flaw of its category in its file, as fixed when a patch holds up to P7. Times are of one proof, on a shared machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from owasp import expected
from shapes import worked_on

RULES = {
    "pathtraver": {"path-traversal", "path-probing", "archive-traversal"}, "cmdi": {"command-injection", "argument-injection"},
    "codeinj": {"code-injection", "template-injection"}, "deserialization": {"unsafe-deserialization"}, "ldapi": {"ldap-injection"},
    "redirect": {"open-redirect"}, "sqli": {"sql-injection"}, "xpathi": {"xpath-injection"}, "xss": {"xss"},
    "xxe": {"xxe"},
}  # fmt: skip
LADDER = ("P0", "P1", "P2", "P3", "P5", "P7")


def defended(suite: Path, cases: list[str], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Run the command on the findings of these cases, in as many processes as were asked for."""
    rules = sorted({rule for found in RULES.values() for rule in found})
    with tempfile.TemporaryDirectory() as name:
        folder = options.reports or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        running = []
        for number in range(options.jobs):
            only = [word for case in cases[number :: options.jobs] for word in ("--only", f"{case}.py")]
            command = [sys.executable, "-m", "buckler", "defend", str(suite), "--no-config", "--quiet", "--format", "json",
                       "--output", str(folder / f"{number}.json"), *(["--no-fix"] if options.no_fix else []), *only,
                       *(["--cache", f"{options.cache}-{number}"] if options.cache else []),
                       *(word for rule in rules for word in ("--rule", rule))]  # fmt: skip
            running.append(subprocess.Popen(command, env={**os.environ}))
        for process in running:
            process.wait()
        reports = [json.loads((folder / f"{number}.json").read_text()) for number in range(options.jobs)]
    return [row for report in reports for row in worked_on(report)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", type=Path)
    parser.add_argument("--sample", type=int, default=1)
    parser.add_argument("--no-fix", action="store_true")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--jobs", type=int, default=1, help="processes; times are best measured with one")
    parser.add_argument("--reports", type=Path, help="folder that keeps the JSON reports")
    options = parser.parse_args()
    truth = expected(options.suite)
    groups: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for case, (category, real, _) in sorted(truth.items()):
        if category in RULES:
            groups[category, real].append(case)
    cases = [case for group in groups.values() for case in group[:: options.sample]]
    rows = defended(options.suite, cases, options)
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    shown: dict[str, set[str]] = defaultdict(set)
    climbed: set[str] = set()
    held: set[str] = set()
    for row in rows:
        case = Path(row["finding"]["location"]["path"]).stem
        if row["grade"] in ("reproduced", "fixed") and row["finding"]["rule"] in RULES[truth[case][0]]:
            shown[case].add(row["finding"]["rule"])
            if any(proved(j["checks"]) for j in row["patches"]):
                climbed.add(case)
            if row["grade"] == "fixed":
                held.add(case)
    for case in cases:
        category, real, _ = truth[case]
        line = tally[category]
        line[0 if real else 2] += bool(shown[case])
        line[1 if real else 3] += 1
        line[4] += real and case in climbed
    print(f"{'category':<18}{'reproduced':>12}{'wrongly':>10}{'fixed to P7':>13}")
    for category, (good, real, wrong, safe, fixed) in sorted(tally.items()):
        print(f"{category:<18}{f'{good}/{real}':>12}{f'{wrong}/{safe}':>10}{f'{fixed}/{good}':>13}")
    good, real, wrong, safe, fixed = (sum(t[i] for t in tally.values()) for i in range(5))
    print(f"{'together':<18}{f'{good}/{real}':>12}{f'{wrong}/{safe}':>10}{f'{fixed}/{good}':>13}")
    print(f"graded fixed: {len(held)}; the column counts a patch only if P1 is proved too, not replaced by P6")
    print(
        f"reproduced {100 * good / max(real, 1):.1f} %, false proofs {wrong}, fixed to P7 {100 * fixed / max(good, 1):.1f} % of those reproduced"
    )
    seconds = [row["proof_seconds"] for row in rows if row["grade"] in ("reproduced", "fixed")]
    if seconds:
        print(
            f"seconds a proof: median {statistics.median(seconds):.1f}; a finding with its ladder: median {statistics.median(r['seconds'] for r in rows if r['patches'] or options.no_fix):.1f}"
        )
    print(
        "checks refuted:",
        dict(
            count(r["code"] for row in rows for j in row["patches"] for r in j["checks"] if r["outcome"] == "refuted")
        ),
    )


def proved(checks: list[dict[str, Any]]) -> bool:
    outcomes = {r["code"]: r["outcome"] for r in checks}
    return "refuted" not in outcomes.values() and all(outcomes.get(name) == "proved" for name in LADDER)


def count(names: Any) -> dict[str, int]:
    out: dict[str, int] = defaultdict(int)
    for name in names:
        out[name] += 1
    return dict(sorted(out.items()))


if __name__ == "__main__":
    main()
