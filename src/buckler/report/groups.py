"""Findings that are one to a reader: the same class of weakness at the very same place, such as a cookie without
`Secure`, without `HttpOnly` and without `SameSite`.

Programs get them one by one; people see them once, with what is wrong side by side.

Example::

    [group.title for group in groups(findings)]    # ["Insecure cookie: no Secure; no HttpOnly; no SameSite"]
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from buckler.finding.model import Finding

MOST_NAMED = 7
"""Of a release with a hundred known flaws, the title names so many after the first."""


@dataclass(slots=True, frozen=True)
class Group:
    """Findings shown as one; nearly always a single one."""

    findings: tuple[Finding, ...]

    @property
    def head(self) -> Finding:
        return self.findings[0]

    @property
    def title(self) -> str:
        """The class once, then what happens here."""
        rest = [finding.title.partition(": ")[2] for finding in self.findings[1:]]
        more = [f"and {len(rest) - MOST_NAMED} more"] if len(rest) > MOST_NAMED else []
        return "; ".join((self.head.title, *rest[: MOST_NAMED if more else None], *more))


def groups(findings: Iterable[Finding]) -> list[Group]:
    """Findings in their order; those at one place and of one class stand where the first of them does."""
    together: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        name, colon, _ = finding.title.partition(": ")
        alone = finding.flow or not colon
        together.setdefault(number if alone else (name, finding.location), []).append(finding)
    return [Group(tuple(found)) for found in together.values()]


def advising(found: Sequence[Group], known: Container[str]) -> list[bool]:
    """For each group, whether it says what is said of its rule: the first that does not show evidence instead."""
    seen: set[tuple[str, str, str]] = set()
    out: list[bool] = []
    for group in found:
        words = (group.head.rule, group.head.attacker, group.head.fix)
        says = group.head.fingerprint not in known and words not in seen
        out.append(says)
        if says:
            seen.add(words)
    return out
