"""CycloneDX 1.6: what the project is made of, what is known of that, and whether its code gets to it.

Every component has the lines that bring it in, every vulnerability an analysis as VEX knows it. Findings in the
project's own code are not in it: they are no property of a component. Written by hand, because the document is small
and the official library would be the largest part of Buckler; the official schema checks it in the tests.

Example::

    buckler dependencies . --output sbom.cdx.json
"""

from __future__ import annotations

import json
import re
from typing import Any

from packageurl import PackageURL

from buckler.base.version import VERSION
from buckler.finding.evidence import Assessment, SoftwareComponent
from buckler.finding.model import Severity
from buckler.report.plain import joined, json_text
from buckler.report.vex import Statement, moment, project_name, serial, statements
from buckler.report.view import PLAIN, View
from buckler.report.words import severity_word

SUFFIXES = (".cdx.json", "bom.json")
OF_DEPENDENCIES = True
ROOT = "project"
SCOPES = {"runtime": "required", "optional": "optional", "development": "excluded", "build": "excluded"}
HASHES = {
    "md5": ("MD5", 32), "sha1": ("SHA-1", 40), "sha256": ("SHA-256", 64), "sha384": ("SHA-384", 96),
    "sha512": ("SHA-512", 128),
}  # fmt: skip
"""Their names in CycloneDX, and how many digits each has."""


def render(assessment: Assessment, view: View = PLAIN) -> str:
    """The bill of materials with its vulnerabilities."""
    components = {component.purl: component for component in assessment.components}
    document: dict[str, Any] = {
        "metadata": {
            "timestamp": moment(),
            "tools": {"components": [{"type": "application", "name": "buckler", "version": VERSION}]},
            "component": {"type": "application", "bom-ref": ROOT, "name": project_name(assessment)},
        },
        "components": [_component(component, view) for component in components.values()],
        "dependencies": _dependencies(components),
        "compositions": [{"aggregate": "incomplete", "dependencies": [ROOT, *components]}],
        "vulnerabilities": [
            _vulnerability(statement, number) for number, statement in enumerate(statements(assessment), 1)
        ],
    }
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial(json.dumps(document)),
        "version": 1,
    }
    return json_text(head | document)


def _component(component: SoftwareComponent, view: View) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": "library",
        "bom-ref": component.purl,
        **_names(component.purl),
        "purl": component.purl,
    }
    row["scope"] = SCOPES.get(component.scope, "required")
    if hashes := [mark for text in component.hashes if (mark := _hash(text))]:
        row["hashes"] = hashes
    if component.places:
        places = [{"location": joined(view.prefix, place.path), "line": place.line} for place in component.places]
        row["evidence"] = {"occurrences": places}
    row["properties"] = [
        {"name": "buckler:scope", "value": component.scope},
        {"name": "buckler:direct", "value": str(component.direct).lower()},
    ]
    return row


def _names(purl: str) -> dict[str, str]:
    try:
        known = PackageURL.from_string(purl)
    except ValueError:
        return {"name": purl}
    names = {"group": known.namespace, "name": known.name, "version": known.version}
    return {field: name for field, name in names.items() if name}


def _hash(text: str) -> dict[str, str] | None:
    algorithm, _, digits = text.partition(":")
    name, length = HASHES.get(algorithm.lower(), ("", 0))
    known = name and re.fullmatch(r"[0-9a-fA-F]+", digits) and len(digits) == length
    return {"alg": name, "content": digits.lower()} if known else None


def _dependencies(components: dict[str, SoftwareComponent]) -> list[dict[str, Any]]:
    """The steps of the ways in which components come in; there may be more, which `compositions` says."""
    edges: dict[str, dict[str, None]] = {ROOT: {}}
    for purl, component in components.items():
        chain = [step for step in component.chain if step in components] or [purl]
        for parent, child in zip([ROOT, *chain], chain, strict=False):
            if parent != child:
                edges.setdefault(parent, {})[child] = None
    return [{"ref": ref, "dependsOn": list(edges.get(ref, ()))} for ref in (ROOT, *components)]


def _vulnerability(statement: Statement, number: int) -> dict[str, Any]:
    facts, finding = statement.facts, statement.finding
    level = "info" if finding.severity is Severity.NOTE else severity_word(finding.severity)
    properties = {"fingerprint": finding.fingerprint, "vulnerable-functions": ", ".join(facts.symbols)}
    row = {
        "bom-ref": f"vulnerability-{number}",
        "id": facts.advisory,
        "references": [{"id": alias, "source": {"name": database_of(alias)}} for alias in facts.aliases],
        "source": {"name": database_of(facts.advisory)},
        "ratings": [{"source": {"name": "buckler"}, "severity": level}],
        "cwes": list(finding.cwe),
        "description": finding.message,
        "recommendation": finding.fix,
        "analysis": _analysis(statement),
        "affects": [{"ref": facts.purl}],
        "properties": [{"name": f"buckler:{name}", "value": value} for name, value in properties.items() if value],
    }
    return {field: value for field, value in row.items() if value}


def _analysis(statement: Statement) -> dict[str, Any]:
    verdict, facts = statement.verdict, statement.facts
    row: dict[str, Any] = {"state": verdict.state, "detail": statement.grounds}
    if verdict.state_justification:
        row["justification"] = verdict.state_justification
    if statement.decision:
        row["response"] = ["will_not_fix"]
    elif facts.fixed and verdict.state == "exploitable":
        row["response"] = ["update"]
    return row


def database_of(identifier: str) -> str:
    """Who gave a vulnerability this name: what stands before the first hyphen."""
    return identifier.partition("-")[0]
