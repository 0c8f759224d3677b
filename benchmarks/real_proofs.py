"""Known flaws in released packages: reproduced on the vulnerable release, and not on the fixed one?

    python benchmarks/real_proofs.py CASES CACHE [--only ID ...] [--seconds 90] [--install 300]

CASES is a list of known flaws, one JSON object a line, CACHE a folder with the unpacked releases. A flaw counts as
reviewed when the review of the vulnerable release has a finding, or a step of one, in a function of the case. Each of
those findings is put to `prove`; the test of the first that is reproduced is then run on the fixed release, and what
the review still says there in the same functions is put to `prove` as well: nothing may be reproduced.
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

from buckler.finding.evidence import Defence, Proof
from buckler.finding.model import Finding
from buckler.prove.attack import ARGUMENTS
from buckler.prove.environment.build import Wishes
from buckler.prove.environment.fit import fitted
from buckler.prove.environment.layout import module_of
from buckler.prove.session import Session
from buckler.workbench.defend import DefendOptions, defend, ways_of
from buckler.workbench.review import Options, review_paths

MOST_FINDINGS = 4


def release(case: dict[str, Any], cache: Path, version: str) -> Path:
    return cache / f"{case['package']}-{version}-{case['artifact']}"


def touches(finding: Finding, case: dict[str, Any]) -> bool:
    """Whether a finding, or a step that leads to it, lies in a function of the case."""
    places = [(finding.location.path, finding.function), *((s.location.path, s.function) for s in finding.flow)]
    named = set(case["functions"])
    for path, function in places:
        if path.endswith(case["file"]) and (function in named or (not function and "<module>" in named)):
            return True
    return False


def findings_of(case: dict[str, Any], root: Path, options: Options) -> list[Finding]:
    """Those of the case, the ones that end in its functions first."""
    found = [f for f in review_paths([root], options).review.findings if touches(f, case)]
    found.sort(key=lambda f: (not set(f.cwe) & set(case["cwe"]), f.function not in case["functions"]))
    return found[:MOST_FINDINGS]


def proofs(root: Path, found: list[Finding], options: Options, wishes: Wishes, seconds: float) -> list[Defence]:
    if not found:
        return []
    only = tuple(f.fingerprint for f in found)
    wanted = DefendOptions(wishes, only, max_time=seconds, fix=False, seconds=seconds / len(found))
    return defend(root, options, wanted).defences


def fires(root: Path, proof: Proof, wishes: Wishes) -> bool:
    """Whether a test of the vulnerable release shows its effect on this one."""
    paths = [
        p.relative_to(root).as_posix()
        for p in root.rglob("*.py")
        if module_of(p.relative_to(root).as_posix()) in proof.test.text
    ]
    with Session.open(fitted(root, wishes, paths).cell(root)) as session:
        answer = session.test({proof.test.path: proof.test.text}, [proof.test.path, *ARGUMENTS])
    return any("EXPLOITED" in str(r["text"]) and r["outcome"] == "failed" for r in answer.tests.values())


def one(case: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """What came of one case."""
    review = Options(cache=options.work / "cache.sqlite")
    wishes = Wishes(options.work)
    old, new = (release(case, options.cache, case[which]) for which in ("vulnerable", "fixed"))
    found = findings_of(case, old, review)
    out: dict[str, Any] = {"reviewed": bool(found), "reproduced": False, "reason": "", "fixed": ""}
    if not found:
        return out
    fitted(old, wishes, ways_of(found))
    began = time.monotonic()
    defences = proofs(old, found, review, wishes, options.seconds)
    out["seconds"] = time.monotonic() - began
    reasons = [r.reason for d in defences for r in d.rungs if r.name in ("F4", "F5") and d.proof is None]
    out["reason"] = reasons[0] if reasons else "no time was left"
    proof = next((d.proof for d in defences if d.proof is not None), None)
    if proof is not None:
        out |= {
            "reproduced": True,
            "reason": f"{proof.entry} ({proof.exposure}): {proof.effect}",
            "test": proof.test.text,
        }
        again = fires(new, proof, wishes)
        still = [d for d in proofs(new, findings_of(case, new, review), review, wishes, options.seconds) if d.proof]
        out["fixed"] = (
            "REPRODUCED by the same test" if again else "REPRODUCED by another" if still else "not reproduced"
        )
    return out


def capped(case: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """The same in a process of its own, ended when its time is up."""
    command = [sys.executable, __file__, str(options.cases), str(options.cache), "--work", str(options.work),
               "--seconds", str(options.seconds), "--one", case["id"]]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=options.install + 3 * options.seconds, check=False
        )
        return json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"reviewed": None, "reproduced": False, "reason": "ran out of time", "fixed": ""}
    except (IndexError, ValueError):
        return {"reviewed": None, "reproduced": False, "reason": done.stderr.strip()[-200:], "fixed": ""}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--only", nargs="*", default=(), metavar="ID")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "buckler-proofs")
    parser.add_argument("--seconds", type=float, default=90, help="for the proofs of one release")
    parser.add_argument("--install", type=float, default=300, help="for the review and the environment besides")
    parser.add_argument("--tests", type=Path, help="folder for the tests that were written")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    cases = [json.loads(line) for line in options.cases.read_text().splitlines() if line.strip()]
    if options.one:
        print(json.dumps(one(next(c for c in cases if c["id"] == options.one), options)))
        return
    tally: Counter[str] = Counter()
    for case in [c for c in cases if not options.only or c["id"] in options.only]:
        began = time.monotonic()
        result = capped(case, options)
        tally.update({"cases": 1, "reviewed": bool(result["reviewed"]), "reproduced": result["reproduced"],
                      "also on the fixed release": result["fixed"].startswith("REPRODUCED")})  # fmt: skip
        words = "not reviewed" if result["reviewed"] is False else "reproduced" if result["reproduced"] else "no"
        print(f"{case['id']:16} {case['package']:22} {words:12} {time.monotonic() - began:5.0f} s  {result['reason']}"
              f"{'; fixed: ' + result['fixed'] if result['fixed'] else ''}", flush=True)  # fmt: skip
        if options.tests and result.get("test"):
            options.tests.mkdir(parents=True, exist_ok=True)
            (options.tests / f"{case['id']}.py").write_text(result["test"])
    print(", ".join(f"{count} {name}" for name, count in tally.items()))


if __name__ == "__main__":
    main()
