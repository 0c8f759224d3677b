"""The evidence of one finding in a folder: what was run, on what, with what result, so that anybody can run it again.

::

    <fingerprint>/
        evidence.json     finding, files with digests, environment, sandbox, commands, rungs, edits
        test_….py         the test, as it belongs into the project
        fix.patch         the patch, if one holds
        statement.json    an in-toto statement for a verified fix

Example::

    folder = write_bundle(Path("evidence"), project_root, defence, digests)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from buckler.base.version import VERSION
from buckler.base.writing import write_all
from buckler.finding.evidence import Outcome, Remediation
from buckler.fix.patch import apply
from buckler.prove.sandbox.model import Limits
from buckler.report.formats.json import finding_row
from buckler.store.defences import row_of

FORMAT = 1
EVIDENCE = "evidence.json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


def write_bundle(
    into: Path, defence: Remediation, digests: Mapping[str, str], old: Mapping[str, bytes], warmth: str
) -> Path:
    """Write one finding's folder and give it back; `digests` are SHA-256 of every reviewed file, `old` the patched ones."""
    name = defence.finding.fingerprint
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
    texts = {EVIDENCE: json.dumps(evidence, indent=2) + "\n"}
    if defence.proof is not None:
        texts[Path(defence.proof.test.path).name] = defence.proof.test.text
    if fix is not None:
        texts["fix.patch"] = fix.patch.diff
        texts["statement.json"] = json.dumps(statement(defence, new), indent=2) + "\n"
    into.mkdir(parents=True, exist_ok=True)
    write_all(into, {f"{name}/{file}": text.encode("utf-8", "replace") for file, text in texts.items()})
    return into / name


def commands(defence: Remediation) -> list[str]:
    """What to type to see it without Buckler."""
    if defence.proof is None:
        return []
    test = defence.proof.test.path
    out = [f"cp {Path(test).name} {test}", f"python -m pytest {test}   # fails"]
    return [*out, "git apply fix.patch", f"python -m pytest {test}   # passes"] if defence.fix else out


def statement(defence: Remediation, new: Mapping[str, bytes]) -> dict[str, Any]:
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


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
