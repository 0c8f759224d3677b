"""`./do nightly`: what takes too long for every change. Attacks, damaged inputs, and kills at any moment.

    attacks   every test in tests/attacks/, the slow ones too
    inputs    damaged source files, made from the repository's own, reviewed in batches by the command itself
    kills     reviews and defences ended with SIGKILL at a random moment; then nothing of them may run, the tree and
              the cache must be sound, and the next run must find the same and leave nothing of the last one behind

Everything random comes from `--seed`. The last lines are the figures; the exit code is 0 only if all of them are good.

Example::

    ./do nightly --kills 1000 --inputs 10000
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
BUCKLER = Path(sys.executable).with_name("buckler")
SOUND = {0, 1, 3, 4}
"""Exit codes of a review that came to its end."""
BATCH = 100
SECONDS = 900
"""For one batch; a batch that takes longer hangs."""
SETTLED = 3.0
"""Seconds after which nothing of a killed run may be running."""


@dataclass(slots=True)
class Tally:
    """What was done and what went wrong."""

    done: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    options = arguments()
    out = []
    good = True
    for name, work in (("attacks", attacks), ("inputs", inputs), ("kills", kills)):
        if options.only in (None, name):
            tally = work(options)
            good = good and not tally.wrong
            out.append(
                f"{name}: {tally.done} done, {len(tally.wrong)} wrong, exit codes {dict(sorted(tally.codes.items()))}"
            )
            out += [f"  {line}" for line in tally.wrong[:40]]
    print("\n".join(out))
    return 0 if good else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=("attacks", "inputs", "kills"))
    return parser.parse_args()


def attacks(_: argparse.Namespace) -> Tally:
    """The tests, counted by pytest."""
    with tempfile.TemporaryDirectory() as name:
        report = Path(name) / "report.xml"
        command = [sys.executable, "-m", "pytest", "tests/attacks", "-m", "", "-q", f"--junitxml={report}"]
        done = subprocess.run(command, cwd=ROOT, check=False)
        text = report.read_text("utf-8") if report.exists() else ""
    wrong = [] if done.returncode == 0 else [f"pytest ended with {done.returncode}"]
    return Tally(text.count("<testcase "), Counter({done.returncode: 1}), wrong)


def inputs(options: argparse.Namespace) -> Tally:
    """Damaged files in folders of a hundred, each folder one review."""
    sys.path.insert(0, str(ROOT / "tests"))
    from attacks.mutations import mutated_inputs

    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="buckler-nightly-") as name, ThreadPoolExecutor(options.jobs) as pool:
        batches = []
        for number in range(0, options.inputs, BATCH):
            folder = Path(name) / f"batch{number}"
            folder.mkdir()
            for file in mutated_inputs(options.seed * 1_000_000 + number, min(BATCH, options.inputs - number)):
                (folder / file.path).write_bytes(file.data or b"")
            batches.append(folder)
        for folder, code, said in pool.map(reviewed, batches):
            tally.done += sum(1 for _ in folder.iterdir())
            tally.codes[code] += 1
            if code not in SOUND:
                kept = Path(tempfile.mkdtemp(prefix="buckler-failing-")) / folder.name
                shutil.copytree(folder, kept)
                tally.wrong.append(f"{kept}: exit code {code}: {said}")
            shutil.rmtree(folder)
            print(f"\rinputs {tally.done}/{options.inputs}", end="", file=sys.stderr, flush=True)
    return tally


def reviewed(folder: Path) -> tuple[Path, int, str]:
    """The exit code of a review of a folder, and the end of what it said; -1 if it hangs."""
    command = [str(BUCKLER), "review", str(folder), "--cache", "off", "--format", "json", "--untrusted"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return folder, -1, f"not done after {SECONDS} s"
    return folder, done.returncode, done.stderr.decode("utf-8", "replace")[-300:]


def kills(options: argparse.Namespace) -> Tally:
    """Each worker has a tree, a cache and a temporary folder of its own, and kills one run after the other there."""
    shares = [options.kills // options.jobs + (n < options.kills % options.jobs) for n in range(options.jobs)]
    with ThreadPoolExecutor(options.jobs) as pool:
        tallies = list(pool.map(lambda n: killing(n, shares[n], options.seed), range(options.jobs)))
    total = Tally()
    for tally in tallies:
        total.done += tally.done
        total.codes += tally.codes
        total.wrong += tally.wrong
    return total


def killing(worker: int, count: int, seed: int) -> Tally:
    chance = random.Random(f"{seed} {worker}")
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix=f"buckler-nightly-{worker}-") as name:
        place = Place(Path(name))
        place.prepare()
        while tally.done < count:
            number = tally.done
            if number % 3 == 0:
                place.forget()
            tally.done += place.killed(defend=number % 5 == 4, moment=chance.random())
            tally.wrong += [f"kill {number}: {what}" for what in place.after_a_kill()]
            if tally.done % 25 == 0 or tally.done == count:
                code, wrong = place.next_run()
                tally.codes[code] += 1
                tally.wrong += [f"after kill {number}: {what}" for what in wrong]
                print(f"kills {worker}: {tally.done}/{count}", file=sys.stderr, flush=True)
    return tally


@dataclass(slots=True)
class Place:
    """A tree to work on, and everything a run may leave behind."""

    work: Path
    digest: str = ""
    found: list[str] = field(default_factory=list)
    lasts: dict[bool, float] = field(default_factory=dict)
    """Seconds that a run takes when nobody ends it, of reviews and of defences."""

    @property
    def tree(self) -> Path:
        return self.work / "tree"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.work / "tmp"), "HOME": str(self.work / "home")}

    def command(self, *, defend: bool) -> list[str]:
        cache = ["--cache", str(self.work / "cache" / "cache.sqlite")]
        if defend:
            return [
                str(BUCKLER),
                "defend",
                str(self.tree / "shop"),
                "--env",
                sys.prefix,
                "--rule",
                "sql-injection",
                *cache,
            ]
        return [str(BUCKLER), "review", str(self.tree), "--format", "json", *cache]

    def prepare(self) -> None:
        for name in ("tmp", "home", "cache"):
            (self.work / name).mkdir()
        shutil.copytree(ROOT / "examples", self.tree)
        shutil.copytree(ROOT / "src" / "buckler" / "prove", self.tree / "prove")
        self.digest = digest(self.tree)
        self.found = self.findings()[1]
        for defend in (False, True):
            self.forget()
            began = time.monotonic()
            subprocess.run(self.command(defend=defend), env=self.environment, capture_output=True, check=False)
            self.lasts[defend] = time.monotonic() - began

    def forget(self) -> None:
        """Start without what earlier runs found out, so that there is work to be killed at."""
        shutil.rmtree(self.work / "cache")
        (self.work / "cache").mkdir()

    def killed(self, *, defend: bool, moment: float) -> bool:
        """Whether a run was still going on at this part of the time it takes; it is not any more."""
        with subprocess.Popen(self.command(defend=defend), env=self.environment, cwd=self.work,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # fmt: skip
            began = time.monotonic()
            try:
                process.wait(moment * self.lasts[defend])
                self.lasts[defend] = min(self.lasts[defend], time.monotonic() - began)
            except subprocess.TimeoutExpired:
                process.kill()
        return process.returncode == -signal.SIGKILL

    def findings(self) -> tuple[int, list[str]]:
        done = subprocess.run(self.command(defend=False), env=self.environment, capture_output=True, check=False)
        try:
            return done.returncode, sorted(row["fingerprint"] for row in json.loads(done.stdout)["findings"])
        except (ValueError, KeyError):
            return done.returncode, [done.stderr.decode("utf-8", "replace")[-300:]]

    def after_a_kill(self) -> list[str]:
        """What still runs after a while, and whether the tree was touched."""
        until = time.monotonic() + SETTLED
        while (left := self.running()) and time.monotonic() < until:
            time.sleep(0.05)
        out = [f"still running: {line}" for line in left]
        return out if digest(self.tree) == self.digest else [*out, "the tree was changed"]

    def running(self) -> list[str]:
        """Processes whose command line or variables name this place."""
        mark = str(self.work)
        out = []
        for process in psutil.process_iter(["pid", "cmdline", "status"]):
            line = " ".join(process.info["cmdline"] or ())
            if mark in line and process.info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
                out.append(f"{process.pid} {line[:120]}")
        return out

    def next_run(self) -> tuple[int, list[str]]:
        """A whole review: the same findings, and nothing left in the temporary folder."""
        code, found = self.findings()
        wrong = [] if code in SOUND else [f"exit code {code}"]
        if found != self.found:
            wrong.append(f"found {len(found)} instead of {len(self.found)}: {found[:1]}")
        left = [path.name for path in (self.work / "tmp").iterdir()]
        if left:
            wrong.append(f"left in the temporary folder: {left[:5]}")
        return code, wrong


def digest(tree: Path) -> str:
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(str(p.relative_to(tree)).encode() + p.read_bytes() for p in files)).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
