"""Lines per CPU-second on a source tree, side by side with peers in one run.

    python benchmarks/speed.py TREE [--runs 3] [--peers bandit semgrep]
    python benchmarks/speed.py --growth SMALL LARGE LARGER

CPU time is user plus system of the process and its children, because machines are shared. `cold` starts from an
empty cache, `unchanged` reviews the same tree again, `one file changed` appends a line to one file of a copy.
`--growth` reviews the first tree, then the first two side by side as one program, and so on.
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
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An installed tool has its modules compiled; one that must not write them compiles them again in every run."""


def measure(command: list[str]) -> tuple[float, float, int]:
    """CPU seconds, wall seconds and peak memory in MB of one command."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss // 1024


def lines_of(tree: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in tree.rglob("*.py") if path.is_file())


def only_python(tree: Path, target: Path) -> None:
    """A copy without anything but Python, so that every tool reads the same files."""
    shutil.copytree(tree, target, ignore=lambda _, names: [n for n in names if "." in n and not n.endswith(".py")])
    for path in target.rglob("*"):
        if path.is_file() and path.suffix != ".py":
            path.unlink()


def show(name: str, lines: int, row: tuple[float, float, int]) -> None:
    cpu, wall, memory = row
    print(f"{name:<28}{cpu:>9.2f}{wall:>9.2f}{lines / cpu:>13,.0f}{memory:>9}", flush=True)


def buckler(tree: Path, cache: Path) -> list[str]:
    options = ["--include-tests", "--no-config", "--quiet", "--format", "json", "--output", os.devnull]
    return [sys.executable, "-m", "buckler", "review", str(tree), *options, "--cache", str(cache)]


def review(copy: Path, cache: Path, lines: int, runs: int) -> None:
    for _ in range(runs):
        cache.unlink(missing_ok=True)
        show("buckler cold", lines, measure(buckler(copy, cache)))
    for _ in range(runs):
        show("buckler unchanged", lines, measure(buckler(copy, cache)))
    victim = max(copy.rglob("*.py"), key=lambda p: (p.stat().st_size < 20_000, p.stat().st_size))
    victim.write_bytes(victim.read_bytes() + b"\nchanged = 1\n")
    show("buckler one file changed", lines, measure(buckler(copy, cache)))


def growth(trees: list[Path], folder: Path, runs: int) -> None:
    """Cold reviews of one program that grows by a tree at a time."""
    program = folder / "program"
    program.mkdir()
    for tree in trees:
        only_python(tree, program / tree.name)
        lines = lines_of(program)
        for _ in range(runs):
            cache = folder / "cache.sqlite"
            cache.unlink(missing_ok=True)
            show(f"{lines:,} lines, cold", lines, measure(buckler(program, cache)))


def peer(command: str, tree: Path, lines: int) -> None:
    name = Path(command).name
    if "bandit" in name:
        show(name, lines, measure([command, "-q", "-r", str(tree), "-f", "json", "-o", os.devnull]))
        return
    (tree / ".semgrepignore").write_text("")  # by default it leaves tests out
    options = ["scan", "--metrics=off", "--disable-version-check", "--quiet", "--json", "--no-git-ignore"]
    show(name, lines, measure([command, *options, "--config", str(HERE / "semgrep.yml"), str(tree)]))


def compare(tree: Path, folder: Path, runs: int, peers: list[str]) -> None:
    copy = folder / "tree"
    only_python(tree, copy)
    lines = lines_of(copy)
    print(f"{lines:,} lines of Python in {tree.name}")
    review(copy, folder / "cache.sqlite", lines, runs)
    for command in peers:
        peer(command, copy, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trees", type=Path, nargs="+", metavar="TREE")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--peers", nargs="*", default=[], help="commands of bandit and semgrep, where installed")
    parser.add_argument("--growth", action="store_true", help="how the effort grows with the size of the program")
    options = parser.parse_args()
    print(f"{'':<28}{'CPU s':>9}{'wall s':>9}{'lines/CPU s':>13}{'MB':>9}")
    with tempfile.TemporaryDirectory() as name:
        if options.growth:
            growth(options.trees, Path(name), options.runs)
        else:
            for number, tree in enumerate(options.trees):
                folder = Path(name) / str(number)
                folder.mkdir()
                compare(tree, folder, options.runs, options.peers)
    print(f"peak memory of this script's children: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
