"""The words that the code at a finding knows, asked inside the sandbox.

Example::

    vocabulary(session, surface, finding)     # ["google", "bing"]: the keys of a table that the function reads
"""

from __future__ import annotations

from buckler.finding.model import Finding
from buckler.prove.answers import shaped
from buckler.prove.entries.surface import Surface
from buckler.prove.environment.layout import module_of
from buckler.prove.session import Session, asking


def vocabulary(session: Session, surface: Surface, finding: Finding) -> list[str]:
    if not finding.function or "<" in finding.function:
        return []
    module = module_of(finding.location.path, surface.roots)
    return shaped(session.run(asking("vocabulary", "words", module, finding.function)).value, list[str]) or []
