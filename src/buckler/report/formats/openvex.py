"""OpenVEX 0.2.0: for each known vulnerability of a dependency whether the project is affected, and why.

Only dependencies are in it. A vulnerability whose function the code was searched for and does not reach is
`not_affected`; one that it reaches is `affected`, with the upgrade as the action; one of which nobody knows is
`under_investigation`. OpenVEX has no word for "nothing is known": then there are no statements.

Example::

    buckler dependencies . --output shop.vex.json
"""

from __future__ import annotations

import json
from typing import Any

from packageurl import PackageURL

from buckler.base.version import VERSION
from buckler.finding.evidence import Assessment
from buckler.report.plain import json_text
from buckler.report.vex import Statement, moment, project_name, serial, statements
from buckler.report.view import PLAIN, View

SUFFIXES = (".vex.json", "vex.json")
OF_DEPENDENCIES = True


def render(assessment: Assessment, view: View = PLAIN) -> str:
    """The document with a statement for each vulnerability of each component."""
    product = PackageURL("generic", None, project_name(assessment)).to_string()
    rows = [_statement(statement, product) for statement in statements(assessment)]
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": serial(json.dumps([moment(), rows])),
        "author": "Buckler",
        "timestamp": moment(),
        "version": 1,
        "tooling": f"buckler {VERSION}",
        "statements": rows,
    }
    return json_text(document)


def _statement(statement: Statement, product: str) -> dict[str, Any]:
    facts, verdict = statement.facts, statement.verdict
    row: dict[str, Any] = {
        "vulnerability": {
            "name": facts.advisory,
            "description": statement.finding.message,
            "aliases": list(dict.fromkeys(facts.aliases)),
        },
        "products": [
            {
                "@id": product,
                "identifiers": {"purl": product},
                "subcomponents": [{"@id": facts.purl, "identifiers": {"purl": facts.purl}}],
            }
        ],
        "status": verdict.status,
        "status_notes": statement.grounds,
    }
    if verdict.justification:
        row["justification"] = verdict.justification
        row["impact_statement"] = statement.grounds
    if verdict.status == "affected":
        row["action_statement"] = statement.finding.fix or "Nothing is known that helps."
    return row
