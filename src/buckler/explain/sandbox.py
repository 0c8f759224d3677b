"""Where the evidence was made, in one sentence: the tier, the interpreter, and what did not hold on that machine.

Example::

    where_it_ran(remediations)   # "Code ran in bubblewrap on Python 3.12.1. Not held here: users (run by root: …)."
"""

from __future__ import annotations

from collections.abc import Sequence

from buckler.finding.evidence import Remediation, Sandboxed


def where_it_ran(remediations: Sequence[Remediation]) -> str:
    """Also said when nothing ran; empty if nothing was worked on."""
    return ran_in([remediation.sandbox for remediation in remediations])


def ran_in(sandboxes: Sequence[Sandboxed | None]) -> str:
    """The same of the sandboxes themselves; None is one that was not needed."""
    places = [sandbox for sandbox in sandboxes if sandbox is not None]
    if not places:
        return "No code of the project was run." if sandboxes else ""
    ran = " and ".join(dict.fromkeys(f"{place.tier} on Python {place.python}" for place in places))
    lacking = dict.fromkeys(f"{s.name} ({s.how})" for place in places for s in place.safeguards if not s.holds)
    return f"Code ran in {ran}." + (f" Not held here: {'; '.join(lacking)}." if lacking else "")
