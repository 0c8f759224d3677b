"""Computes which functions are vulnerable, for advisories whose difference of releases is worth shipping; facts only.

    python scripts/vulnerable_symbols.py ADVISORIES PACKAGE/ID... > src/buckler/dependencies/symbols/data/pypi.json

ADVISORIES is a folder with the YAML files of the PyPA advisory database. Releases are downloaded as wheels, and never
installed. What is known already stays.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from buckler.dependencies.model import Component, Package, Symbol, Vulnerability
from buckler.dependencies.releases import Releases
from buckler.dependencies.symbols.find import DATA, Finder

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from reach import advisory, download


def main() -> None:
    folder, *wanted = sys.argv[1:]
    place = Path.home() / ".cache" / "buckler-benchmarks" / "releases"
    find = Finder(Releases(fetch=lambda package: download(place, package)), known={})
    known = DATA / "pypi.json"
    out = json.loads(known.read_text("utf-8")) if known.is_file() else {}
    for name in wanted:
        package, _, identifier = name.partition("/")
        said = advisory(Path(folder), package, identifier)
        versions = next(iter(said.affected)).versions
        found = find(Vulnerability(Component(Package("PyPI", package, versions[-1]), ()), (said,)))
        if found.every:
            rows = [[row(symbol) for symbol in symbols] for symbols in (found.named, found.others)]
            for known_as in (identifier, *(alias for alias in said.aliases if alias.startswith("CVE-"))):
                out.setdefault(package, {})[known_as] = rows
    sys.stdout.write(written(out))


def written(facts: dict[str, dict[str, list[list[list[str]]]]]) -> str:
    """One advisory a line."""
    packages = []
    for package in sorted(facts):
        lines = [
            f"  {json.dumps(name)}: {json.dumps(rows, separators=(',', ':'))}"
            for name, rows in sorted(facts[package].items())
        ]
        packages.append(f" {json.dumps(package)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(packages) + "\n}\n"


def row(symbol: Symbol) -> list[str]:
    return [symbol.module, symbol.name]


if __name__ == "__main__":
    main()
