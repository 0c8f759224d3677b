"""`./do bench NAME …`: owasp, speed, advisories, version_orders, real_flaws, proofs, real_proofs or shapes; each explains itself with --help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = ("owasp", "speed", "advisories", "version_orders", "real_flaws", "proofs", "real_proofs", "shapes")


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"say which: {', '.join(NAMES)}; for example ./do bench owasp PATH-OF-THE-SUITE", file=sys.stderr)
        raise SystemExit(2)
    script = Path(__file__).with_name(f"{sys.argv[1]}.py")
    raise SystemExit(subprocess.run([sys.executable, str(script), *sys.argv[2:]], check=False).returncode)


if __name__ == "__main__":
    main()
