"""Small programs of one flaw each: what is reproduced, which patches survive the ladder, what is declined.

    python benchmarks/shapes.py [--cache FILE] [--report FILE] [NAME…]

Prints a line a finding, then the totals that matter for a fixer: patches that hold, patches whose test would not notice
a reverted line (P7 refuted), patches that change what benign input gives (P3, P4 or P6 refuted), seconds and CPU.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from buckler.weaknesses.registry import examples

NEEDS = Path(__file__).with_name("examples-requirements.txt")


def gathered(folder: Path) -> Path:
    """The examples of all rooms as one project."""
    for file in examples():
        shutil.copytree(file.parent, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.txt", "__pycache__"))
    shutil.copy(NEEDS, folder / "requirements.txt")
    return folder


def defended(options: argparse.Namespace) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        report = options.report or Path(folder) / "report.json"
        project = gathered(Path(folder) / "shapes")
        command = [sys.executable, "-m", "buckler", "defend", str(project), "--no-config", "--min-severity", "low", "--format", "json",
                   "--output", str(report), *(["--cache", str(options.cache)] if options.cache else []),
                   *(word for name in options.names for word in ("--only", f"{name}.py"))]  # fmt: skip
        subprocess.run(command, check=False)
        rows: list[dict[str, Any]] = worked_on(json.loads(report.read_text()))
    return rows


def worked_on(report: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each finding that was proved or fixed, or was tried."""
    done = [row for row in report["findings"] if row["remediation"]]
    return [{**row["remediation"], "finding": row, "grade": row["grade"]} for row in done]


def refuted(row: dict[str, Any], *names: str) -> bool:
    best = row["patches"][0] if row["patches"] else {"checks": []}
    return any(r["code"] in names and r["outcome"] == "refuted" for r in best["checks"])


def told(row: dict[str, Any]) -> str:
    if row["grade"] == "fixed":
        return row["patches"][0]["title"]
    if row["patches"]:
        bad = [
            f"{r['code']} {r['reason']}"
            for r in row["patches"][0]["checks"]
            if r["outcome"] != "proved" and r["code"] not in ("P4", "P8")
        ]
        return f"candidate: {row['patches'][0]['title']}; " + "; ".join(bad[:2])
    reason = next((r["reason"] for r in row["checks"] if r["code"] == "F4" and r["outcome"] != "proved"), "")
    return "; ".join(part for part in (reason, f"declined: {row['no_patch_because']}") if part)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--report", type=Path)
    rows = defended(parser.parse_args())
    for row in sorted(rows, key=lambda r: (r["finding"]["location"]["path"], r["finding"]["location"]["line"])):
        place = row["finding"]["location"]
        print(f"{row['grade']:<11}{place['path']}:{place['line']:<5}{row['finding']['rule']:<24}{told(row)[:200]}")
    shown = [r for r in rows if r["grade"] in ("reproduced", "fixed")]
    patched = [r for r in shown if r["patches"]]
    fixed = [r for r in rows if r["grade"] == "fixed"]
    print(
        f"\n{len({r['finding']['location']['path'] for r in rows})} files, {len(rows)} findings, {len(shown)} reproduced, {len(patched)} with a patch, {len(fixed)} fixed"
    )
    print(
        f"vacuous tests (P7 refuted): {sum(refuted(r, 'P7') for r in patched)}; benign breakage (P3, P4, P6 refuted): {sum(refuted(r, 'P3', 'P4', 'P6') for r in patched)}"
    )
    if shown:
        print(
            f"seconds a finding: median {statistics.median(r['seconds'] for r in shown):.1f}; CPU in the sandbox: median {statistics.median(r['cpu_seconds'] for r in shown):.1f}"
        )


if __name__ == "__main__":
    main()
