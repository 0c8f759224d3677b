"""Known flaws in released packages: found in the vulnerable version, silent in the fixed one?

    python benchmarks/real_flaws.py SCORER CASES CACHE [scorer options]

SCORER is the scoring script and CASES the list of cases handed to the team beside the repository, CACHE a folder
of unpacked releases. This only knows how to call Buckler so that findings of every severity above `low` count.
"""

from __future__ import annotations

import subprocess
import sys


def main() -> None:
    scorer, cases, cache, *options = sys.argv[1:]
    command = (
        f"{sys.executable} -m buckler review {{src}} --format sarif --output {{out}} --min-severity medium "
        "--no-cache --no-config --quiet --include-tests"
    )
    raise SystemExit(subprocess.run([sys.executable, scorer, cases, cache, command, *options], check=False).returncode)


if __name__ == "__main__":
    main()
