"""The tables that work on columns begins with, by column and type; the types are named as Ibis names them."""

from __future__ import annotations

from collections.abc import Mapping

from buckler.triage.alert import FIELDS, LISTS, NUMBERS

IDENTITY = 1
"""The version of the identities; alerts of another one are identified anew."""
TYPES = {
    "string": "VARCHAR", "int64": "BIGINT", "float64": "DOUBLE", "boolean": "BOOLEAN", "array<int64>": "BIGINT[]",
    "array<string>": "VARCHAR[]",
}  # fmt: skip
"""As DuckDB calls them."""


def _type(name: str) -> str:
    if name in LISTS:
        return "array<int64>" if name == "cwe" else "array<string>"
    if name in NUMBERS:
        return "float64" if name in ("score", "time") else "int64"
    return "string"


ALERT: Mapping[str, str] = {name: _type(name) for name in FIELDS}
"""An alert as it was read."""
IDENTITIES = {"weakness": "string", "problem": "string", "finding": "string"}
RAW: Mapping[str, str] = {**ALERT, "report": "string"}
"""An alert and the digest of the report that it stands in."""
ALERTS: Mapping[str, str] = {**RAW, **IDENTITIES}
FACTS: Mapping[str, Mapping[str, str]] = {
    "weaknesses": {"number": "int64", "weakness_class": "string"},
    "names": {"other": "string", "first_name": "string"},
    "imports": {
        "import": "int64",
        "report": "string",
        "tool": "string",
        "project": "string",
        "scope": "string",
        "at": "float64",
    },
    "ran": {"import": "int64", "tool": "string", "rule": "string"},
    "exploited": {"name": "string", "since": "string", "ransomware": "boolean"},
    "likelihood": {"name": "string", "epss": "float64", "percentile": "float64"},
    "points": {"name": "string", "exploitation": "string", "automatable": "boolean", "impact": "string"},
    "verdicts": {"tool": "string", "rule": "string", "precision": "float64"},
    "decided": {"finding": "string", "tool": "string", "project": "string", "decision": "string"},
}
"""What else the expressions take: facts about published flaws, and what the store knows."""
