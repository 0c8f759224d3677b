"""What becomes of the known vulnerabilities of real projects: which upgrades are verified, and what stands in the way of others.

    ./do bench upgrades MIRRORS [--only TEXT] [--max-time SECONDS] [--results FILE] [--write benchmarks/upgrades.md]

Each line of `upgrades.jsonl` is a public project as it was in a month. MIRRORS is a folder with bare copies of their
repositories, `owner+name/repo`. Each state is unpacked (nothing of it runs outside the sandbox) and defended as a user would.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOT_NEEDED = (".js", ".ts", ".po", ".mo", ".svg", ".png", ".map")
"""Left out of a copy: many, large, and not what upgrades of Python packages are about. Lockfiles of npm stay."""
NOT_TRIED = "not tried"


@dataclass(slots=True)
class Row:
    """One state of a project."""

    name: str
    alerts: int = 0
    kept: int = 0
    """Alerts that the code may reach."""
    seconds: float = 0.0
    upgrades: dict[str, str] = field(default_factory=dict)
    """What became of the upgrade, by package."""
    failed: str = ""


def states(only: str) -> Iterator[dict[str, str]]:
    for line in (HERE / "upgrades.jsonl").read_text().splitlines():
        state = json.loads(line)
        if only in f"{state['repository']} {state['month']}":
            yield state


def unpack(mirrors: Path, state: dict[str, str], folder: Path) -> None:
    """Files of a commit; a mirror may lack some large ones, and no program of the project is among those."""
    repository = mirrors / state["repository"].replace("/", "+") / "repo"
    listed = subprocess.run(
        ["git", "-C", str(repository), "ls-tree", "-r", "-z", state["commit"]], capture_output=True, check=True
    )
    words = ["git", "-C", str(repository), "cat-file", "--batch"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as objects:
        assert objects.stdin is not None
        assert objects.stdout is not None
        for entry in filter(None, listed.stdout.split(b"\0")):
            said, _, name = entry.partition(b"\t")
            mode, kind, digest = said.split()
            path = folder / name.decode("utf-8", "surrogateescape")
            if (
                kind != b"blob"
                or mode == b"120000"
                or (state.get("language") != "javascript" and path.suffix in NOT_NEEDED)
            ):
                continue
            objects.stdin.write(digest + b"\n")
            objects.stdin.flush()
            header = objects.stdout.readline().split()
            if header[1] != b"missing":
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(objects.stdout.read(int(header[2])))
                objects.stdout.read(1)


def defended(folder: Path, most: int) -> tuple[dict[str, Any], float]:
    """The report, and the CPU-seconds it took with everything that was started."""
    report = folder.parent / "report.json"
    words = [sys.executable, "-m", "buckler", "defend", ".", "--rule", "known-vulnerability", "--min-severity", "note"]
    words += ["--untrusted", "--max-time", str(most), "--format", "json", "--output", str(report)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=most * 3, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not report.exists():
        raise ValueError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(report.read_text()), spent


def row_of(state: dict[str, str], mirrors: Path, most: int) -> Row:
    row = Row(f"{state['repository']} {state['month']}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        folder.mkdir()
        unpack(mirrors, state, folder)
        try:
            report, row.seconds = defended(folder, most)
        except (ValueError, subprocess.TimeoutExpired) as error:
            row.failed = str(error)[:200]
            return row
    for finding in report["findings"]:
        dependency = finding["dependency"]
        if finding["rule"] != "known-vulnerability" or dependency is None:
            continue
        row.alerts += 1
        row.kept += dependency["reach"] != "not reachable"
        package = dependency["purl"].removeprefix("pkg:")
        if row.upgrades.get(package, NOT_TRIED) == NOT_TRIED:  # one upgrade settles all that is known of a package
            row.upgrades[package] = became(finding["remediation"])
    return row


def became(remediation: dict[str, Any] | None) -> str:
    """`verified`, or the first thing that stands in the way."""
    if remediation is None:
        return NOT_TRIED
    for patch in remediation["patches"][:1]:
        refuted = [check for check in patch["checks"] if check["outcome"] == "refuted"]
        if patch["verified"]:
            return f"verified: {patch['title']}"
        reasons = refuted or [check for check in patch["checks"] if check["outcome"] != "proved"]
        return (
            f"{'refuted' if refuted else 'candidate'}: {reasons[0]['code']} {reasons[0]['reason']}"
            if reasons
            else "candidate"
        )
    return f"none: {remediation['no_patch_because']}"


def report(rows: Sequence[Row]) -> str:
    total: Counter[str] = Counter(text.partition(":")[0] for row in rows for text in row.upgrades.values())
    summary = (
        f"{len(rows)} states of public projects, {sum(row.alerts for row in rows)} known vulnerabilities,"
        f" {sum(row.kept for row in rows)} of which their code may reach, {sum(total.values())} packages:"
        f" {', '.join(f'{count} {kind}' for kind, count in total.most_common())}."
    )
    lines = [
        "# Upgrades of real projects",
        "",
        "Written by `./do bench upgrades`; `benchmarks/upgrades.py` explains the method.",
        "",
        summary,
        "",
        "| project | alerts | may be reached | packages | verified | candidate | refuted | none | CPU-seconds |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        kinds = Counter(text.partition(":")[0] for text in row.upgrades.values())
        counts = " | ".join(str(kinds[kind]) for kind in ("verified", "candidate", "refuted", "none"))
        lines.append(f"| {row.name} | {row.alerts} | {row.kept} | {len(row.upgrades)} | {counts} | {row.seconds:.0f} |")
    lines += ["", "## What stands in the way", ""]
    for row in rows:
        texts = [f"`{package}`: {text}" for package, text in row.upgrades.items() if not text.startswith("verified")]
        if row.failed:
            texts.append(row.failed)
        lines += [f"- {row.name}", *(f"  - {text}" for text in texts)] if texts else []
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--max-time", type=int, default=300)
    parser.add_argument("--write", type=Path)
    parser.add_argument(
        "--results", type=Path, help="keeps rows as lines of JSON; states that are in it are not run again"
    )
    asked = parser.parse_args()
    kept = asked.results.read_text().splitlines() if asked.results and asked.results.exists() else []
    rows = [Row(**json.loads(line)) for line in kept]
    done = {row.name for row in rows}
    for state in states(asked.only):
        if f"{state['repository']} {state['month']}" in done:
            continue
        began = time.monotonic()
        rows.append(row_of(state, asked.mirrors, asked.max_time))
        row = rows[-1]
        print(
            f"{row.name}: {row.alerts} alerts, {row.seconds:.0f} CPU-s, {time.monotonic() - began:.0f} s {row.failed}",
            flush=True,
        )
        for package, text in row.upgrades.items():
            print(f"    {package}: {text[:300]}", flush=True)
        if asked.results:
            with asked.results.open("a") as file:
                file.write(json.dumps(asdict(row)) + "\n")
        if asked.write:
            asked.write.write_text(report(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
