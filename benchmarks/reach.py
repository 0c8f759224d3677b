"""How many alerts of a matcher remain when what cannot be reached is left out, and how many true ones are lost.

Each line of `reach.jsonl` is a pair: a published application, a vulnerable release among its packages, an advisory, and
what a person who read the code says. The releases are downloaded (wheels only, nothing is installed or run) and asked
in the same way a user does.

    python benchmarks/reach.py ADVISORIES [--half tune|report] [--only NAME] [--show]

ADVISORIES is a folder with the YAML files of the PyPA advisory database.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from buckler.base.source import SourceFile, language_of
from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.model import (
    Advisory,
    Affected,
    Bound,
    Component,
    Event,
    Package,
    Reach,
    Reachability,
    Vulnerability,
)
from buckler.dependencies.reach.analyse import Options, analyse, key
from buckler.dependencies.releases import Releases
from buckler.dependencies.symbols.find import Finder
from buckler.store.cache import open_cache

HERE = Path(__file__).parent
PLATFORMS = (
    [],
    ["--platform", "win_amd64", "--python-version", "3.8"],
    ["--platform", "win_amd64", "--python-version", "2.7"],
    ["--platform", "manylinux2010_x86_64", "--python-version", "3.7"],
)


def package(text: str) -> Package:
    name, _, version = text.partition("==")
    return Package("PyPI", ecosystem("PyPI").canonical(name), version)


def download(folder: Path, wanted: Package) -> bytes | None:
    """The wheel of a release from the registry, for whatever platform there is one."""
    place = folder / f"{wanted.name}-{wanted.version}"
    for platform in PLATFORMS:
        found = sorted(place.glob("*.whl"))
        if found:
            return found[0].read_bytes()
        words = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check", *platform]
        words += [] if platform else ["--ignore-requires-python"]
        ask = [sys.executable, "-m", "pip", *words, "--dest", str(place), f"{wanted.name}=={wanted.version}"]
        subprocess.run(ask, capture_output=True, check=False)
    return None


def advisory(folder: Path, package: str, name: str) -> Advisory:
    said = yaml.safe_load((next(folder.rglob(f"{package}/{name}.yaml"))).read_text("utf-8"))
    return Advisory(
        name, tuple(said.get("aliases", ())), tuple(map(affected, said["affected"])), summary=said.get("details", "")
    )


def affected(said: dict[str, Any]) -> Affected:
    ranges = [r["events"] for r in said.get("ranges", ()) if r["type"] != "GIT"]
    events = tuple(tuple(Event(Bound(bound), version) for e in r for bound, version in e.items()) for r in ranges)
    return Affected("PyPI", said["package"]["name"], events, tuple(said.get("versions", ())))


def ask(row: dict[str, Any], folder: Path, releases: Releases, cache: Any, words: bool) -> Reachability:
    own = releases.files(package(f"{row['application']}=={row['version']}"))
    files = [SourceFile(path, language_of(path), data=data) for path, data in own.items() if ".dist-info/" not in path]
    target = package(f"{row['package']}=={row['release']}")
    found = advisory(folder, row["package"], row["advisory"])
    if not words:
        found = Advisory(found.id, found.aliases, found.affected)
    wanted = Vulnerability(Component(target, ()), (found,))
    components = [Component(p, ()) for p in (target, *map(package, row["with"]))]
    answers = analyse(
        files, components, [wanted], releases, Options(symbols=Finder(releases, cache, known={}), cache=cache)
    )
    return answers[key(wanted)]


def show(row: dict[str, Any], answer: Reachability, seconds: float) -> None:
    name = f"{row['application']} {row['version']} · {row['package']} {row['release']} · {row['advisory']}"
    print(f"{name}: {answer.reach} (judged {row.get('truth', '?')}) {seconds:.1f} s")
    print("    symbols:", ", ".join(f"{s.module}.{s.name}" for s in answer.symbols[:6]), f"({len(answer.symbols)})")
    print(
        "    searched:", answer.searched.files, answer.searched.functions, " ".join(map(str, answer.searched.packages))
    )
    for reason in answer.reasons:
        print(
            "    reason:",
            reason.doubt,
            reason.name,
            f"{reason.location.path}:{reason.location.line}" if reason.location else "",
        )
    for step in answer.path:
        print(f"    {step.location.path}:{step.location.line} in {step.function}: {step.code[:110]}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("advisories", type=Path)
    options.add_argument("--half", choices=("tune", "report"))
    options.add_argument("--only", default="")
    options.add_argument("--show", action="store_true")
    options.add_argument("--without-words", action="store_true", help="as for advisories that came without prose")
    options.add_argument("--rows", type=Path, default=HERE / "reach.jsonl")
    options.add_argument("--downloads", type=Path, default=Path.home() / ".cache" / "buckler-benchmarks" / "releases")
    asked = options.parse_args()
    releases = Releases(fetch=lambda wanted: download(asked.downloads, wanted))
    rows = [json.loads(line) for line in asked.rows.read_text("utf-8").splitlines()]
    cache = open_cache(asked.downloads / "uses.db", stamp="1")
    counts: Counter[tuple[str, str]] = Counter()
    for number, row in enumerate(rows):
        half = ("tune", "report")[number % 2]
        if (
            asked.half and half != asked.half
        ) or asked.only not in f"{row['application']} {row['package']} {row['advisory']}":
            continue
        begun = time.monotonic()
        answer = ask(row, asked.advisories, releases, cache, not asked.without_words)
        counts[row.get("truth", "?"), answer.reach.value] += 1
        if asked.show:
            show(row, answer, time.monotonic() - begun)
            sys.stdout.flush()
    cache.close()
    report(counts)


def report(counts: Counter[tuple[str, str]]) -> None:
    total = sum(counts.values())
    dropped = sum(n for (_, reach), n in counts.items() if reach == Reach.NOT_REACHABLE.value)
    lost = sum(n for (truth, reach), n in counts.items() if truth == "reachable" and reach == Reach.NOT_REACHABLE.value)
    unknown = sum(n for (_, reach), n in counts.items() if reach == Reach.UNKNOWN.value)
    for (truth, reach), number in sorted(counts.items()):
        print(f"judged {truth:14} said {reach:28} {number}")
    print(
        f"alerts of a matcher {total} · remaining {total - dropped} · dropped {dropped} · dropped true ones {lost} · unknown {unknown}"
    )


if __name__ == "__main__":
    main()
