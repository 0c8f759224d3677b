"""CVSS 3.1 and 4.0 vectors for a finding, each metric with its reason.

The impact of a kind of flaw is a row of `impact.toml`; how it is reached comes from the finding: who controls the source,
and what the proof had to assume. Scores are computed by the `cvss` library with the standard's formulas.

Example::

    [vector.text for vector in vectors(remediation)]
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from cvss import CVSS3, CVSS4

from buckler.explain.model import Metric, Vector
from buckler.finding.evidence import Exposure, Remediation

REMOTE = ("remote", "network", "message", "api", "archive", "model")
NEEDS_SOMEBODY = ("archive", "file")
WHO = {
    "remote": "a request from anywhere brings the value in",
    "network": "a peer on the network sends the value",
    "message": "the value comes with a message",
    "api": "whatever program calls the package passes the value on; taken as reachable over the network, as is usual for libraries",
    "archive": "the value comes in an archive from elsewhere",
    "model": "the value is a model's answer, which whoever writes to the model steers",
    "cli": "the value is given on the command line",
    "file": "the value is read from a file",
    "environment": "the value is set in the environment",
    "database": "the value was stored before",
}


@cache
def impacts() -> dict[str, dict[str, Any]]:
    """Rule → what its flaws cost."""
    return tomllib.loads(files("buckler.explain").joinpath("impact.toml").read_text("utf-8"))


def vectors(remediation: Remediation) -> tuple[Vector, Vector]:
    """The vectors of both versions in use."""
    row = {**impacts()["default"], **impacts().get(remediation.finding.rule, {})}
    return three(remediation, row), four(remediation, row)


def weighed(remediation: Remediation, scored: tuple[Vector, Vector]) -> str:
    """Why the rank and the scores differ, where they do."""
    rank = remediation.finding.severity.name.lower()
    if all(vector.severity in (rank, "none") for vector in scored):
        return ""
    return (
        f"The finding is ranked {rank}: the rank weighs how likely it is that an attacker controls the value and how sure "
        "the path is, and orders the list. The scores tell the harm if the flaw is used."
    )


def three(remediation: Remediation, row: dict[str, Any]) -> Vector:
    """CVSS 3.1."""
    metrics = [
        *reached(remediation, row),
        Metric("S", "C" if row.get("scope") else "U", scope_reason(row)),
        *impact(row, ("C", "I", "A")),
    ]
    text = "CVSS:3.1/" + "/".join(f"{m.name}:{m.value}" for m in metrics)
    scored = CVSS3(text)
    return Vector("3.1", text, float(scored.scores()[0]), str(scored.severities()[0]).lower(), tuple(metrics))


def four(remediation: Remediation, row: dict[str, Any]) -> Vector:
    """CVSS 4.0; harm beyond the program is in the metrics of the subsequent system."""
    first, complexity, rights, somebody = reached(remediation, row)
    beyond = bool(row.get("scope"))
    metrics = [
        first, complexity, Metric("AT", "N", "nothing about the deployment has to be special"), rights,
        Metric("UI", "P" if somebody.value == "R" else "N", somebody.reason), *impact(row, ("VC", "VI", "VA")),
        *(Metric(name, row[key].upper() if beyond and key != "a" else "N", scope_reason(row)) for name, key in (("SC", "c"), ("SI", "i"), ("SA", "a"))),
    ]  # fmt: skip
    text = "CVSS:4.0/" + "/".join(f"{m.name}:{m.value}" for m in metrics)
    scored = CVSS4(text)
    return Vector("4.0", text, float(scored.base_score), str(scored.severity).lower(), tuple(metrics))


def reached(remediation: Remediation, row: dict[str, Any]) -> tuple[Metric, Metric, Metric, Metric]:
    """Attack vector, complexity, privileges and interaction, as version 3.1 writes them."""
    finding = remediation.finding
    kind = finding.source.kind if finding.source else ""
    if remediation.proof and remediation.proof.exposure is Exposure.CLI:
        kind = "cli"
    remote = kind in REMOTE or not kind
    rights = str(row.get("pr", "L" if kind in ("cli", "environment", "file") else "N"))
    assumed = next((a for a in remediation.proof.assumptions if "log in" in a), "") if remediation.proof else ""
    if assumed:
        rights = "L"
    hard = str(row.get("ac", "L"))
    somebody = bool(row.get("ui")) or kind in NEEDS_SOMEBODY
    return (
        Metric("AV", "N" if remote else "L", WHO.get(kind, "no value has to be brought in; what is wrong is there for whoever reaches the program")),
        Metric("AC", hard, "the same input works every time" if hard == "L" else "more than the input is needed"),
        Metric("PR", rights, assumed or ("no account is needed" if rights == "N" else "an account of the system or the application is needed")),
        Metric("UI", "R" if somebody else "N", "somebody else has to open or follow something" if somebody else "nobody else has to do anything"),
    )  # fmt: skip


def impact(row: dict[str, Any], names: tuple[str, str, str]) -> list[Metric]:
    return [Metric(name, str(row[key]), str(row["reason"])) for name, key in zip(names, "cia", strict=True)]


def scope_reason(row: dict[str, Any]) -> str:
    return (
        "the harm is done to others than the program"
        if row.get("scope")
        else "the harm stays with the program and what it may touch"
    )
