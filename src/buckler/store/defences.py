"""What came of working on a finding, as JSON for the cache and for programs.

The finding itself is not written; it is known when the row is read. A row that cannot be read is no row.

Example::

    row = write_defence(defence)
    assert read_defence(row, defence.finding) == defence
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from buckler.finding.evidence import (
    Edit,
    Exposure,
    Outcome,
    Patch,
    Proof,
    ProofKind,
    Remediation,
    Rung,
    Safeguard,
    Sandboxed,
    TestFile,
    VerifiedPatch,
)
from buckler.finding.model import Finding


def write_defence(defence: Remediation) -> bytes:
    """Everything but the finding."""
    return json.dumps(row_of(defence), separators=(",", ":")).encode()


def row_of(defence: Remediation) -> dict[str, Any]:
    """A defence in plain data."""
    return {
        "rungs": [asdict(r) for r in defence.rungs],
        "proof": asdict(defence.proof) if defence.proof else None,
        "patches": [
            {"patch": asdict(j.patch), "rungs": [asdict(r) for r in j.rungs], "shown": j.shown} for j in defence.patches
        ],
        "refused": defence.refused,
        "sandbox": asdict(defence.sandbox) if defence.sandbox else None,
        "seconds": defence.seconds,
        "proof_seconds": defence.proof_seconds,
        "cpu": defence.cpu,
        "notes": list(defence.notes),
    }


def read_defence(data: bytes, finding: Finding) -> Remediation | None:
    """A row as it was written, or None if it is damaged."""
    try:
        row = json.loads(data)
        return Remediation(
            finding,
            _rungs(row["rungs"]),
            _proof(row["proof"]),
            tuple(VerifiedPatch(_patch(j["patch"]), _rungs(j["rungs"]), ProofKind(j["shown"])) for j in row["patches"]),
            str(row["refused"]),
            _sandbox(row["sandbox"]),
            float(row["seconds"]),
            float(row["proof_seconds"]),
            float(row["cpu"]),
            tuple(row["notes"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _rungs(rows: list[dict[str, Any]]) -> tuple[Rung, ...]:
    return tuple(Rung(r["name"], Outcome(r["outcome"]), r["reason"], tuple(r["details"])) for r in rows)


def _proof(row: dict[str, Any] | None) -> Proof | None:
    if row is None:
        return None
    return Proof(ProofKind(row["shown"]), row["entry"], Exposure(row["exposure"]), row["attack"], row["benign"],
                 row["effect"], TestFile(**row["test"]), tuple(row["events"]), tuple(row["assumptions"]))  # fmt: skip


def _patch(row: dict[str, Any]) -> Patch:
    return Patch(row["title"], row["explanation"], tuple(Edit(**e) for e in row["edits"]), row["diff"], row["intent"])


def _sandbox(row: dict[str, Any] | None) -> Sandboxed | None:
    if row is None:
        return None
    safeguards = tuple(Safeguard(**safeguard) for safeguard in row["safeguards"])
    return Sandboxed(row["tier"], row["python"], tuple(row["packages"]), tuple(row["missing"]), safeguards)
