"""Known flaws in released packages: reproduced, fixed, and the maintainers' own repair judged?

    python benchmarks/real_proofs.py CASES CACHE [--only ID ...] [--seconds 90] [--install 300] [--table FILE]

CASES is a list of known flaws, one JSON object a line, CACHE a folder with the unpacked releases. A flaw counts as
reviewed when the review of the vulnerable release has a finding, or a step of one, in a function of the case. Each of
those findings is put to `prove`; for the first that is reproduced

* our own candidates are put to the ladder: how far did the best climb;
* the change from the vulnerable to the fixed release, its tests and pages left out, is put to the same ladder, as
  `buckler prove --patch` does: it should come out as fixed; an empty change is judged too and must not;
* the test is run on the fixed release, and what the review still says there in the same functions, of the same kind, is
  put to `prove` as well: nothing may be reproduced.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from buckler.base.version import VERSION
from buckler.finding.evidence import Outcome, Patch, Proof, Rung, VerifiedPatch
from buckler.finding.model import Finding
from buckler.prove.attack import ProofAttempt, prove
from buckler.prove.bench import ARGUMENTS, refresh
from buckler.prove.environment.build import EnvironmentOptions
from buckler.prove.environment.fit import fitted
from buckler.prove.environment.layout import module_of
from buckler.prove.ladder.model import Change
from buckler.prove.session import Session
from buckler.store.cache import open_cache
from buckler.workbench.defend import DefendOptions, Project, every_finding, fixed, judged_change, opened
from buckler.workbench.review import Options, review_paths
from buckler.workbench.single import wishes_for

MOST_FINDINGS = 4
CODE = (".py", ".html", ".jinja2", ".j2", ".mako")
ASIDE = re.compile(
    r"(^|/)(tests?|testing|docs?|examples?|benchmarks?|tools|scripts)/|(^|/)(test_[^/]*|[^/]*_test|conftest|setup)\.py$"
)


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


@dataclass(slots=True)
class ProofKind:
    """What came of the findings of one release."""

    proof: Proof | None = None
    ours: str = ""
    theirs: str = ""
    nothing: str = ""
    rungs: dict[str, list[str]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def shown(
    root: Path, found: list[Finding], review: Options, wishes: EnvironmentOptions, seconds: float, newer: Path | None
) -> ProofKind:
    """Prove the findings until one is; with a newer release, fix it and judge what the maintainers did."""
    out = ProofKind()
    if newer is not None:
        wishes = wishes_for(wishes, root, change_of(root, newer))
    wanted = DefendOptions(wishes, tuple(f.fingerprint for f in found), seconds=seconds / max(len(found), 1))
    cache = open_cache(review.cache, stamp=VERSION)
    try:
        with opened(root, review, wanted, found, cache) as project:
            for finding in found:
                refresh(project.bench)
                trial = prove(project.bench, finding)
                if trial.proof is None:
                    out.reasons += [f"{finding.rule}: {r.reason}" for r in trial.rungs if r.name in ("F4", "F5")]
                    continue
                out.proof = trial.proof
                if newer is not None:
                    project.findings = every_finding(project)
                    repaired(project, finding, trial, newer, out)
                break
    finally:
        cache.close()
    return out


def repaired(project: Project, finding: Finding, trial: ProofAttempt, newer: Path, out: ProofKind) -> None:
    """Our fix, the maintainers' and none at all."""
    candidates, refused = fixed(project, finding, trial)
    best = candidates[0] if candidates else None
    out.ours = f"declined: {refused}" if best is None else "fixed" if best.holds else f"not fixed: {why(best.rungs)}"
    changes = {"theirs": change_of(project.root, newer), "nothing": Change({}, {})}
    words = {}
    for name, change in changes.items():
        refresh(project.bench)
        judged = VerifiedPatch(Patch("", "", ()), judged_change(project, finding, trial, change, foreign=True))
        words[name] = "fixed" if judged.holds else verdict(judged.rungs)
        out.rungs[name] = [f"{r.name} {r.outcome}: {r.reason} {'; '.join(r.details[:3])}" for r in judged.rungs]
    if best is not None:
        out.rungs["ours"] = [f"{r.name} {r.outcome}: {r.reason} {'; '.join(r.details[:3])}" for r in best.rungs]
    out.theirs, out.nothing = words["theirs"], words["nothing"]


def verdict(rungs: Sequence[Rung]) -> str:
    """`not fixed` where the attack still works or something else is refuted, else what is not known."""
    refuted = any(r.outcome is Outcome.REFUTED for r in rungs)
    return f"{'not fixed' if refuted else 'not verified'}: {why(rungs)}"


def why(rungs: Sequence[Rung]) -> str:
    bad = [r for r in rungs if r.outcome is Outcome.REFUTED] or [r for r in rungs if r.outcome is not Outcome.PROVED]
    return "; ".join(f"{r.name} {r.reason}" for r in bad[:2])


def change_of(old: Path, new: Path) -> Change:
    """What the newer release changes in the code; tests, pages and tools are left out."""
    before, after = sources(old), sources(new)
    changed = {path: data for path, data in after.items() if before.get(path) != data}
    return Change({path: before[path] for path in changed if path in before}, changed)


def sources(root: Path) -> dict[str, bytes]:
    files = (p for p in root.rglob("*") if p.suffix in CODE and p.is_file() and not p.is_symlink())
    return {path: p.read_bytes() for p in files if not ASIDE.search(path := p.relative_to(root).as_posix())}


def fires(root: Path, proof: Proof, wishes: EnvironmentOptions) -> bool:
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
    wishes = EnvironmentOptions(options.work)
    old, new = (release(case, options.cache, case[which]) for which in ("vulnerable", "fixed"))
    found = findings_of(case, old, review)
    out: dict[str, Any] = {"reviewed": bool(found), "reproduced": False, "reason": "", "fixed": ""}
    if not found:
        return out
    began = time.monotonic()
    told = shown(old, found, review, wishes, options.seconds, new)
    out |= {"seconds": time.monotonic() - began, "reason": next(iter(told.reasons), ""), "rungs": told.rungs}
    if told.proof is not None:
        again = fires(new, told.proof, wishes)
        left = [f for f in findings_of(case, new, review) if set(f.cwe) & set(case["cwe"])]
        still = shown(new, left, review, wishes, options.seconds, None).proof if left else None
        out |= {
            "reproduced": True,
            "reason": f"{told.proof.entry} ({told.proof.exposure}): {told.proof.effect}",
            "test": told.proof.test.text,
            "ours": told.ours,
            "theirs": told.theirs,
            "nothing": told.nothing,
            "fixed": "REPRODUCED by the same test" if again else "REPRODUCED by another" if still else "not reproduced",
        }
    return out


def capped(case: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """The same in a process of its own, ended when its time is up."""
    command = [sys.executable, __file__, str(options.cases), str(options.cache), "--work", str(options.work),
               "--seconds", str(options.seconds), "--one", case["id"]]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=options.install + 3 * options.seconds, check=False
        )
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"reviewed": None, "reproduced": False, "reason": "ran out of time", "fixed": ""}
    except (IndexError, ValueError):
        return {"reviewed": None, "reproduced": False, "reason": done.stderr.strip()[-200:], "fixed": ""}
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--only", nargs="*", default=(), metavar="ID")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "buckler-proofs")
    parser.add_argument("--seconds", type=float, default=90, help="for the proofs of one release")
    parser.add_argument("--install", type=float, default=300, help="for the review and the environment besides")
    parser.add_argument("--tests", type=Path, help="folder for all that was found out, a file a case")
    parser.add_argument("--table", type=Path, help="where to write a table of the results")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    cases = [json.loads(line) for line in options.cases.read_text().splitlines() if line.strip()]
    if options.one:
        print(json.dumps(one(next(c for c in cases if c["id"] == options.one), options)))
        return
    tally: Counter[str] = Counter()
    rows = []
    for case in [c for c in cases if not options.only or c["id"] in options.only]:
        began = time.monotonic()
        result = capped(case, options)
        rows.append((case, result))
        tally.update({name: int(yes) for name, yes in counted(result).items()})
        words = "not reviewed" if result["reviewed"] is False else "reproduced" if result["reproduced"] else "no"
        print(
            f"{case['id']:16} {case['package']:22} {words:12} {time.monotonic() - began:5.0f} s  {result['reason']}",
            flush=True,
        )
        for name in JUDGED if result["reproduced"] else ():
            print(f"{'':40}{name}: {result[name]}", flush=True)
        if options.tests:
            options.tests.mkdir(parents=True, exist_ok=True)
            (options.tests / f"{case['id']}.json").write_text(json.dumps(result, indent=1))
    print(", ".join(f"{count} {name}" for name, count in tally.items()))
    if options.table:
        options.table.write_text(table(rows, tally))


JUDGED = {
    "ours": "our fix",
    "theirs": "the maintainers' change",
    "nothing": "no change",
    "fixed": "the test on the fixed release",
}


def counted(result: dict[str, Any]) -> dict[str, bool]:
    return {
        "cases": True,
        "reviewed": bool(result["reviewed"]),
        "reproduced": result["reproduced"],
        "fixed by us": result.get("ours") == "fixed",
        "maintainers' change judged as fixed": result.get("theirs") == "fixed",
        "no change judged as fixed": result.get("nothing") == "fixed",
        "also reproduced on the fixed release": result["fixed"].startswith("REPRODUCED"),
    }


def table(rows: Sequence[tuple[dict[str, Any], dict[str, Any]]], tally: Counter[str]) -> str:
    """A page with what came of each case that the review finds."""
    lines = [
        "# Known flaws in released packages",
        "",
        f"Measured {datetime.now(UTC).date().isoformat()} with `python benchmarks/real_proofs.py CASES CACHE --table FILE`.",
        f"{', '.join(f'{count} {name}' for name, count in tally.items())}.",
        "",
        f"| case | package | what came of it | {' | '.join(JUDGED.values())} |",
        f"|---|---|---|{'---|' * len(JUDGED)}",
    ]
    for case, result in rows:
        if result["reviewed"]:
            came = [result["reason"], *(result.get(name, "") for name in JUDGED)]
            cells = " | ".join(str(text).replace("|", "\\|").replace("\n", " ") for text in came)
            lines.append(f"| {case['id']} | {case['package']} {case['vulnerable']} | {cells} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
