"""Lines per CPU-second on a source tree, side by side with peers in one run.

    python benchmarks/speed.py TREE [--runs 3] [--peers bandit semgrep]

CPU time is user plus system of the process and its children, because machines are shared. `cold` starts from an
empty cache, `unchanged` reviews the same tree again, `one file changed` appends a line to one file of a copy.
Semgrep gets `benchmarks/semgrep.yml`, a dozen rules of ours, since its registry needs the network.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent


def measure(command: list[str]) -> tuple[float, float, int]:
    """CPU seconds, wall seconds and peak memory in MB of one command."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss // 1024


def lines_of(tree: Path) -> int:
    """Lines of the languages Buckler reads, so that its own figure counts what it read."""
    return sum(p.read_bytes().count(b"\n") for kind in ("py", "js") for p in tree.rglob(f"*.{kind}") if p.is_file())


def show(name: str, lines: int, row: tuple[float, float, int]) -> None:
    cpu, wall, memory = row
    print(f"{name:<28}{cpu:>9.2f}{wall:>9.2f}{lines / cpu:>13,.0f}{memory:>9}", flush=True)


def buckler(tree: Path, cache: Path) -> list[str]:
    return [sys.executable, "-m", "buckler", "review", str(tree), "--include-tests", "--no-config", "--quiet", "--format",
            "json", "--output", os.devnull, "--cache", str(cache)]  # fmt: skip


def review(tree: Path, lines: int, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(tree, copy)
        cache = Path(folder) / "cache.sqlite"
        for _ in range(runs):
            cache.unlink(missing_ok=True)
            show("buckler cold", lines, measure(buckler(copy, cache)))
        for _ in range(runs):
            show("buckler unchanged", lines, measure(buckler(copy, cache)))
        victim = max(copy.rglob("*.py"), key=lambda p: (p.stat().st_size < 20_000, p.stat().st_size))
        victim.write_bytes(victim.read_bytes() + b"\nchanged = 1\n")
        show("buckler one file changed", lines, measure(buckler(copy, cache)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--peers", nargs="*", default=[], help="commands of bandit and semgrep, where installed")
    options = parser.parse_args()
    lines = lines_of(options.tree)
    print(f"{lines:,} lines of Python and JavaScript in {options.tree.name}")
    print(f"{'':<28}{'CPU s':>9}{'wall s':>9}{'lines/CPU s':>13}{'MB':>9}")
    review(options.tree, lines, options.runs)
    for peer in options.peers:
        name = Path(peer).name
        if "bandit" in name:
            show(name, lines, measure([peer, "-q", "-r", str(options.tree), "-f", "json", "-o", os.devnull]))
        else:
            rules = str(HERE / "semgrep.yml")
            show(name, lines, measure([peer, "scan", "--metrics=off", "--disable-version-check", "--quiet", "--json",
                                       "--no-git-ignore", "--config", rules, str(options.tree)]))  # fmt: skip
    print(f"peak memory of this script's children: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
