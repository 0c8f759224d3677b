"""Published flaws, shown through the entry point of a small application and gone after the upgrade?

    python benchmarks/known_proofs.py [--only NAME ...] [--half tune|report] [--seconds 600] --reports FOLDER [--table FILE]

Each folder of known_proofs/ is a small application that uses a package as its documentation shows, and pins a release
with a published flaw. Each is defended as a user does it: `buckler defend . --rule known-vulnerability`. An application
counts when a flaw of what it pins is reproduced through its own entry point with the pinned release, and no more with the
release that the upgrade names. The advisories are those that ship with Buckler; releases come from the package index.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
APPLICATIONS = HERE / "known_proofs"
HALVES: dict[str, list[str]] = tomllib.loads((HERE / "known_proofs.toml").read_text())
HEAD = ("application", "half", "release", "advisory", "grade", "upgrade", "entry point and attack", "CPU s", "why not")


def defended(name: str, seconds: float) -> tuple[list[dict[str, Any]], str]:
    """The findings of one application, or why there are none."""
    with tempfile.TemporaryDirectory() as folder:
        copy, report = Path(folder) / name, Path(folder) / "report.json"
        shutil.copytree(APPLICATIONS / name, copy)
        command = [
            sys.executable,
            "-m",
            "buckler",
            "defend",
            ".",
            "--rule",
            "known-vulnerability",
            "--output",
            str(report),
        ]
        try:
            done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return [], f"ran out of its {seconds:.0f} seconds"
        if not report.is_file():
            return [], done.stderr.strip()[-200:]
        told = json.loads(report.read_text())
        found = [one for one in told["findings"] if one["remediation"] is not None]
        return found, "" if found else "nothing that it can get to is known of what it pins"


def row(name: str, finding: dict[str, Any]) -> tuple[str, ...]:
    done, facts = finding["remediation"], finding["dependency"]
    proof, patch = done["proof"], next(iter(done["patches"]), None)
    moved = patch["title"].partition(" to ")[2] if patch else "none"
    checks = {check["code"]: check for check in [*done["checks"], *(patch["checks"] if patch else ())]}
    broken = [f"{code} {one['reason']}" for code, one in checks.items() if one["outcome"] == "refuted"]
    why = "; ".join(broken) if proof else checks["F4"]["reason"]
    told = f"{proof['entry_point']}: `{short(proof['attack'])}`" if proof else ""
    release = facts["purl"].rpartition("/")[2].replace("@", " ")
    return (
        name,
        half(name),
        release,
        facts["advisory"],
        finding["grade"],
        moved,
        told,
        f"{done['cpu_seconds']:.0f}",
        why,
    )


def rows_of(name: str, kept: str) -> list[tuple[str, ...]]:
    found, why = json.loads(kept)
    return [row(name, finding) for finding in found] or [(name, half(name), *[""] * 6, why)]


def half(name: str) -> str:
    return next((which for which, names in HALVES.items() if name in names), "")


def short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 90 else f"{one[:87]}…"


def table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(HEAD)} |"
    yield "|---" * len(HEAD) + "|"
    for cells in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def summary(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """How many applications have a flaw that is shown and settled, in all and in each half."""
    for which in ("", *HALVES):
        ran = {cells[0] for cells in rows if which in ("", cells[1])}
        good = {cells[0] for cells in rows if which in ("", cells[1]) and cells[4] == "fixed"}
        yield f"{f'half {which}' if which else 'all'}: {len(good)} of {len(ran)} applications reproduced, and fixed by the upgrade"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these alone; none at all to make just the page")
    parser.add_argument("--half", choices=[*HALVES])
    parser.add_argument("--seconds", type=float, default=600, help="for one application, with its installations")
    parser.add_argument("--reports", type=Path, required=True, help="folder for what came of each, which is kept there")
    parser.add_argument("--table", type=Path, help="where to write what lies in that folder as a page")
    options = parser.parse_args()
    options.reports.mkdir(parents=True, exist_ok=True)
    every = sorted(name for names in HALVES.values() for name in names)
    for name in [*options.only] if options.only is not None else HALVES[options.half] if options.half else every:
        began = time.monotonic()
        kept = json.dumps(defended(name, options.seconds), indent=1)
        (options.reports / f"{name}.json").write_text(kept)
        print(
            *(" · ".join(cells) for cells in rows_of(name, kept)),
            f"  ({time.monotonic() - began:.0f} s)",
            sep="\n",
            flush=True,
        )
    files = {name: options.reports / f"{name}.json" for name in every}
    rows = [cells for name, file in files.items() if file.is_file() for cells in rows_of(name, file.read_text())]
    print(*summary(rows), sep="\n")
    if options.table:
        words = [
            "# Published flaws, shown and settled",
            "",
            f"Measured {datetime.now(UTC).date()} with `python benchmarks/known_proofs.py --reports FOLDER --table FILE`.",
            "A row is a published flaw of a pinned release. *fixed*: reproduced through the application with that release, and no",
            "more with the one that the upgrade names, to which every check of an upgrade applies; *reproduced*: a check is refuted;",
            "*traced*: untrusted data reaches it; *matched*: the release is affected. One half was used to tune; what the",
            "other one showed was mended in part, too, as known_proofs.toml says, so it is no unseen result. Run two or three at a time.",
            "",
        ]
        options.table.write_text("\n".join([*words, *(f"- {line}" for line in summary(rows)), "", *table(rows)]) + "\n")


if __name__ == "__main__":
    main()
