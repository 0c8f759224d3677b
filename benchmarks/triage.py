"""A million alerts into the queue: CPU-seconds and memory of each command, start-up included.

    python benchmarks/triage.py [--alerts 1000000] [--write benchmarks/triage.md]

The alerts are those of `alerts.py`, in a shape that no table knows. `list` ranks everything anew; the first one also
works out the state of each finding. DuckDB alone reads, groups and sorts the same file for comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
ALONE = (
    "import duckdb, sys; c = duckdb.connect(config={'threads': 2}); c.execute(\"SELECT rule_id, hostname, count(*) n FROM"
    " read_json(?, format = 'newline_delimited') GROUP BY 1, 2 ORDER BY n DESC LIMIT 100\", [sys.argv[1]]).fetchall()"
)


@dataclass(slots=True, frozen=True)
class Cost:
    """What one command took."""

    name: str
    seconds: float
    megabytes: int
    said: str = ""


def cost(name: str, words: list[str], env: dict[str, str]) -> Cost:
    """CPU-seconds of a command with all its threads, and its largest memory."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # a process of its own, so that memory is counted for this command alone
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = [
            spent.ru_utime + spent.ru_stime,
            spent.ru_maxrss >> 10,
            done.returncode,
            done.stdout,
            done.stderr[-300:],
        ]
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        seconds, megabytes, code, out, err = json.loads(pipe.read())
    os.waitpid(child, 0)
    if code:
        raise SystemExit(f"{name} ended with {code}: {err}")
    return Cost(name, seconds, megabytes, out)


def measured(count: int) -> list[Cost]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file = folder / "alerts.jsonl"
        with file.open("wb") as out:
            subprocess.run([sys.executable, str(HERE / "alerts.py"), str(count)], stdout=out, check=True)
        other = folder / "reordered.jsonl"
        lines = file.read_bytes().splitlines(keepends=True)
        other.write_bytes(b"".join(reversed(lines)))
        del lines
        env = {
            **os.environ,
            "BUCKLER_TRIAGE": str(folder / "store" / "t.sqlite"),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        buckler = [sys.executable, "-m", "buckler", "triage"]
        cost("advisories that ship, made once", [sys.executable, "-m", "buckler", "data", "status"], env)
        return [
            cost(
                f"import {file.stat().st_size >> 20} MB", [*buckler, "import", str(file), "-q", "--project", "p"], env
            ),
            cost("list, the first time", [*buckler, "list", "--limit", "1", "--format", "json"], env),
            cost("list again (rank anew)", [*buckler, "list", "--limit", "1", "--format", "json"], env),
            cost("import of the same file", [*buckler, "import", str(file), "-q", "--project", "p"], env),
            cost(
                "import of the same alerts in another order",
                [*buckler, "import", str(other), "-q", "--project", "p"],
                env,
            ),
            cost("list after that", [*buckler, "list", "--limit", "1", "--format", "json"], env),
            cost("DuckDB alone: read, group, sort", [sys.executable, "-c", ALONE, str(file)], env),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=1_000_000)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    rows = measured(asked.alerts)
    before, after = (json.loads(row.said) for row in (rows[2], rows[5]))
    lines = [
        f"# {asked.alerts:,} alerts into the queue",
        "",
        f"Written by `python benchmarks/triage.py` on {datetime.now(UTC).date()}; the file explains what is measured.",
        "",
        "| command | CPU-seconds | MB |",
        "|---|--:|--:|",
        *(f"| {row.name} | {row.seconds:.1f} | {row.megabytes} |" for row in rows),
        "",
        f"{sum(before['open'].values()):,} problems; after the import in another order {sum(after['open'].values()):,}.",
    ]
    print("\n".join(lines))
    if asked.write:
        asked.write.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
