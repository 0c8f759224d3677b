"""`./do bench NAME …`: each program of this folder is one; they explain themselves with --help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = tuple(sorted(file.stem for file in HERE.glob("[a-z]*.py") if file.name != Path(__file__).name))


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"say which: {', '.join(NAMES)}; for example ./do bench owasp PATH-OF-THE-SUITE", file=sys.stderr)
        raise SystemExit(2)
    script = HERE / f"{sys.argv[1]}.py"
    raise SystemExit(subprocess.run([sys.executable, str(script), *sys.argv[2:]], check=False).returncode)


if __name__ == "__main__":
    main()
