"""The evidence of one finding in a folder: what was run, on what, with what result, so that anybody can run it again.

::

    <fingerprint>/
        evidence.json     finding, files with digests, environment, sandbox, commands, rungs, edits
        test_….py         the test, as it belongs into the project
        fix.patch         the patch, if one holds
        statement.json    an in-toto statement for a verified fix

Example::

    folder = write_bundle(Path("evidence"), project_root, defence, digests)
    verified = verify(folder, Path("shop"), wishes)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from buckler.base.errors import InputError
from buckler.base.version import VERSION
from buckler.finding.evidence import Defence, Edit, Outcome, Rung
from buckler.fix.patch import apply
from buckler.prove.attack import TIMES
from buckler.prove.bench import ARGUMENTS, Bench, said
from buckler.prove.entries.surface import Surface
from buckler.prove.environment.build import Wishes
from buckler.prove.environment.fit import fitted
from buckler.prove.ladder.patched import DoesNotStart, patched
from buckler.prove.sandbox.model import Limits
from buckler.prove.session import Session
from buckler.report.json import finding_row
from buckler.store.defences import row_of

FORMAT = 1
EVIDENCE = "evidence.json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


def write_bundle(
    into: Path, defence: Defence, digests: Mapping[str, str], old: Mapping[str, bytes], warmth: str
) -> Path:
    """Write one finding's folder and give it back; `digests` are SHA-256 of every reviewed file, `old` the patched ones."""
    folder = into / defence.finding.fingerprint
    folder.mkdir(parents=True, exist_ok=True)
    fix = defence.fix
    new = {path: apply(fix.patch.edits, path, data) for path, data in old.items()} if fix else {}
    evidence = {
        "format": FORMAT,
        "tool": {"name": "buckler", "version": VERSION},
        "finding": finding_row(defence.finding),
        "grade": defence.grade.value,
        "project": {"files": dict(digests)},
        "environment": asdict(defence.sandbox) if defence.sandbox else None,
        "limits": asdict(Limits()),
        "seeds": {"PYTHONHASHSEED": "0", "generated input": "always the same"},
        "warmth": warmth,
        "commands": commands(defence),
        "patched": {path: sha256(data) for path, data in new.items()},
        **row_of(defence),
    }
    _write(folder / EVIDENCE, json.dumps(evidence, indent=2, ensure_ascii=False) + "\n")
    if defence.proof is not None:
        _write(folder / Path(defence.proof.test.path).name, defence.proof.test.text)
    if fix is not None:
        _write(folder / "fix.patch", fix.patch.diff)
        _write(folder / "statement.json", json.dumps(statement(defence, new), indent=2) + "\n")
    return folder


def commands(defence: Defence) -> list[str]:
    """What to type to see it without Buckler."""
    if defence.proof is None:
        return []
    test = defence.proof.test.path
    out = [f"cp {Path(test).name} {test}", f"python -m pytest {test}   # fails"]
    return [*out, "git apply fix.patch", f"python -m pytest {test}   # passes"] if defence.fix else out


def statement(defence: Defence, new: Mapping[str, bytes]) -> dict[str, Any]:
    """An in-toto statement (v1, test-result predicate) that the patched files passed."""
    fix = defence.fix
    proved = [r.name for r in (*defence.rungs, *(fix.rungs if fix else ())) if r.outcome is Outcome.PROVED]
    rest = [f"{r.name}: {r.reason}" for r in (fix.rungs if fix else ()) if r.outcome is not Outcome.PROVED]
    return {
        "_type": STATEMENT,
        "subject": [{"name": path, "digest": {"sha256": sha256(data)}} for path, data in sorted(new.items())],
        "predicateType": PREDICATE,
        "predicate": {
            "result": "PASSED",
            "configuration": [
                {"name": defence.proof.test.path, "digest": {"sha256": sha256(defence.proof.test.text.encode())}}
            ]
            if defence.proof
            else [],
            "passedTests": proved,
            "warnedTests": rest,
        },
    }


@dataclass(slots=True)
class Verified:
    """What came of running a bundle again."""

    rungs: tuple[Rung, ...]

    @property
    def outcome(self) -> Outcome:
        outcomes = {r.outcome for r in self.rungs}
        for outcome in (Outcome.REFUTED, Outcome.NOT_VERIFIED):
            if outcome in outcomes:
                return outcome
        return Outcome.PROVED


def bundles_in(folder: Path) -> list[Path]:
    """The bundle itself, or every bundle in a folder of them."""
    inside = sorted(path.parent for path in folder.glob(f"*/{EVIDENCE}")) if folder.is_dir() else []
    return inside if inside and not (folder / EVIDENCE).is_file() else [folder]


def verify(folder: Path, project: Path, wishes: Wishes) -> Verified:
    """Run the test of a bundle on the project, before and after its patch; raises `UserError` for what cannot be read."""
    evidence = read_evidence(folder)
    differing = differences(evidence, project)
    if differing:
        reason = f"{differing[0]} is not the file that was reviewed" + (
            f", nor are {len(differing) - 1} others" if len(differing) > 1 else ""
        )
        return Verified((Rung("F1", Outcome.NOT_VERIFIED, reason, tuple(differing[:20])),))
    proof = evidence.get("proof")
    if isinstance(proof, dict) and (odd := altered(folder if folder.is_dir() else folder.parent, evidence, proof)):
        return Verified((Rung("F1", Outcome.REFUTED, f"{odd} is not what the evidence says; the bundle was changed"),))
    if not isinstance(proof, dict):
        return Verified((Rung("F4", Outcome.NOT_VERIFIED, "the bundle holds no test"),))
    flow = evidence["finding"]["flow"] or [evidence["finding"]]
    environment = fitted(project, wishes, [str(flow[0]["location"]["path"])])
    with Session.open(environment.cell(project)) as session:
        warmth = str(evidence.get("warmth", ""))
        session.warm(warmth)
        bench = Bench(project, session, Surface(), warmth=warmth)
        return Verified((before(bench, proof), *after(bench, evidence, proof)))


def altered(folder: Path, evidence: Mapping[str, Any], proof: Mapping[str, Any]) -> str:
    """The first file of a bundle that does not agree with its evidence, or empty."""
    wanted = {Path(_path(proof)).name: str(proof["test"]["text"])}
    if evidence.get("grade") == "fixed":
        wanted["fix.patch"] = str(evidence["patches"][0]["patch"]["diff"])
    for name, text in wanted.items():
        if _digest(folder / name) != sha256(text.encode()):
            return name
    if "fix.patch" in wanted:
        return "" if _subjects(folder) == evidence.get("patched") else "statement.json"
    return ""


def _subjects(folder: Path) -> dict[str, str] | None:
    """Files and digests that the statement is about; None if it cannot be read or says anything but passed."""
    try:
        data = json.loads((folder / "statement.json").read_text("utf-8"))
        if data["predicate"]["result"] != "PASSED":
            return None
        return {str(s["name"]): str(s["digest"]["sha256"]) for s in data["subject"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def before(bench: Bench, proof: Mapping[str, Any]) -> Rung:
    """F4 again: the test must fail by its own assertion, three times."""
    fired = sum(_exploited(bench, proof) for _ in range(TIMES))
    outcome = Outcome.PROVED if fired == TIMES else Outcome.REFUTED if not fired else Outcome.NOT_VERIFIED
    return Rung("F4", outcome, f"the test showed it {fired} of {TIMES} times")


def after(bench: Bench, evidence: Mapping[str, Any], proof: Mapping[str, Any]) -> list[Rung]:
    """P2 again: with the patch the whole test file must pass."""
    fixes = [p for p in evidence.get("patches", ()) if evidence.get("grade") == "fixed"]
    if not fixes:
        return []
    edits = [Edit(**e) for e in fixes[0]["patch"]["edits"]]
    paths = {e.path for e in edits}
    new = {path: apply(edits, path, (bench.project / path).read_bytes()) for path in paths}
    told = evidence.get("patched", {})
    if any(sha256(data) != told.get(path) for path, data in new.items()):
        return [Rung("P0", Outcome.REFUTED, "the patch does not give the files that were tested")]
    try:
        with patched(bench, new) as changed:
            answer = changed.session.test(_files(proof), [_path(proof), *ARGUMENTS])
    except DoesNotStart as reason:
        return [Rung("P2", Outcome.REFUTED, f"the patched project does not start: {reason}")]
    good = bool(answer.tests) and all(r["outcome"] == "passed" for r in answer.tests.values())
    return [
        Rung(
            "P2",
            Outcome.PROVED if good else Outcome.REFUTED,
            "the test passes with the patch" if good else "the test does not pass with the patch",
        )
    ]


def _exploited(bench: Bench, proof: Mapping[str, Any]) -> bool:
    answer = bench.session.test(_files(proof), [_path(proof), *ARGUMENTS])
    return any(r["outcome"] == "failed" and said(str(r["text"])) for r in answer.tests.values())


def _path(proof: Mapping[str, Any]) -> str:
    return str(proof["test"]["path"])


def _files(proof: Mapping[str, Any]) -> dict[str, str]:
    return {_path(proof): str(proof["test"]["text"])}


def read_evidence(folder: Path) -> dict[str, Any]:
    """The evidence of a bundle; raises `InputError`."""
    file = folder / EVIDENCE if folder.is_dir() else folder
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            "holds no evidence that can be read", where=str(folder), remedy="give the folder that holds evidence.json"
        ) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError("is a bundle of another format", where=str(file), remedy=f"this version reads format {FORMAT}")
    return data


def differences(evidence: Mapping[str, Any], project: Path) -> list[str]:
    """Reviewed files that are missing or other than they were."""
    return [path for path, digest in sorted(evidence["project"]["files"].items()) if _digest(project / path) != digest]


def _digest(file: Path) -> str:
    try:
        return sha256(file.read_bytes())
    except OSError:
        return ""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(file)) from error
