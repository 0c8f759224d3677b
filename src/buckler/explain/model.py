"""An explanation: five short parts, two severity vectors with the reason of each metric, one picture.

Example::

    explanation = explain(remediation, rule, audience=Audience.DEVELOPER)
    print(explanation.happens)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Who is going to read it."""

    DEVELOPER = "developer"
    MANAGER = "manager"


@dataclass(slots=True, frozen=True)
class Metric:
    """One metric of a vector, its value in the standard's letters, and why."""

    name: str
    value: str
    reason: str


@dataclass(slots=True, frozen=True)
class Vector:
    """A CVSS vector; the score is computed from it by the standard's formula."""

    version: str
    text: str
    score: float
    severity: str
    metrics: tuple[Metric, ...]


@dataclass(slots=True, frozen=True)
class Explanation:
    """What a reader needs to decide."""

    happens: str
    """What can happen."""
    way: tuple[str, ...]
    """How an attacker gets there, a sentence a step."""
    why: str
    """Why this line."""
    change: str
    """What the fix changes, or why there is none."""
    checked: tuple[str, ...]
    """What was checked, one sentence each."""
    unchecked: tuple[str, ...]
    """What was not, with the reason."""
    vectors: tuple[Vector, ...]
    weighed: str
    """Why the rank of the finding and its scores differ; empty if they do not."""
    picture: str
    """An SVG drawing of the way."""
    chart: str
    """The same as a Mermaid chart."""
