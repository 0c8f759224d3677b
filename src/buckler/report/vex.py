"""What a project says of the known vulnerabilities of its dependencies, in the words of VEX.

Both formats that carry such statements take them from here. A statement rests on what was found out about the way to
the vulnerable function: only what was searched and not found to be reachable is *not affected*; what nobody knows is
*under investigation*. That somebody decided not to see a finding is told beside it and changes no status.

Example::

    [(s.facts.advisory, s.verdict.status) for s in statements(assessment)]     # [("CVE-2019-10906", "affected")]
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from buckler.finding.evidence import Assessment
from buckler.finding.model import DependencyFacts, Finding, Reach
from buckler.report.plain import line


@dataclass(slots=True, frozen=True)
class Verdict:
    """The status in OpenVEX and in CycloneDX, and the justification each asks for."""

    status: str
    state: str
    justification: str = ""
    state_justification: str = ""


AFFECTED = Verdict("affected", "exploitable")
VERDICTS = {
    Reach.UNTRUSTED: AFFECTED,
    Reach.REACHABLE: AFFECTED,
    Reach.UNKNOWN: Verdict("under_investigation", "in_triage"),
    Reach.NOT_REACHABLE: Verdict(
        "not_affected", "not_affected", "vulnerable_code_not_in_execute_path", "code_not_reachable"
    ),
}


@dataclass(slots=True, frozen=True)
class Statement:
    """One vulnerability of one release, and what is said of it."""

    finding: Finding
    facts: DependencyFacts
    decision: str = ""
    """Why somebody decided not to see it, if somebody did."""

    @property
    def verdict(self) -> Verdict:
        return VERDICTS[self.facts.reach]

    @property
    def grounds(self) -> str:
        """What the verdict rests on."""
        decided = f"Suppressed: {self.decision}" if self.decision else ""
        return " ".join(filter(None, (f"{self.facts.reach.value}: {self.facts.reason}".rstrip(": "), decided)))


def statements(assessment: Assessment) -> list[Statement]:
    """One for each known vulnerability, those somebody decided not to see last."""
    return list(_statements(assessment))


def _statements(assessment: Assessment) -> Iterator[Statement]:
    for finding in assessment.review.findings:
        if finding.facts.dependency is not None:
            yield Statement(finding, finding.facts.dependency)
    for item in assessment.review.suppressed:
        if item.finding.facts.dependency is not None:
            yield Statement(item.finding, item.finding.facts.dependency, item.reason or item.by)


def moment() -> str:
    """Now; or what `SOURCE_DATE_EPOCH` says, as reproducible builds want it."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(given), UTC) if given.isdecimal() and len(given) < 12 else datetime.now(UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def serial(content: str) -> str:
    """A name for a document that is the same for the same content."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, content)}"


def project_name(assessment: Assessment) -> str:
    """What a reader would call the project: the last part of what was reviewed."""
    parts = (line(part).strip() for part in assessment.review.root.replace("\\", "/").split("/"))
    named = [part for part in parts if part not in ("", ".", "..")]
    return named[-1] if named else "project"
