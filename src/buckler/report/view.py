"""For whom and from where a report is written; every format is given the same.

Example::

    View(prefix="services/shop", audience=Audience.MANAGER)
"""

from __future__ import annotations

from dataclasses import dataclass

from buckler.explain.model import Audience


@dataclass(slots=True, frozen=True)
class View:
    """What a report needs to know beside what is reported."""

    prefix: str = ""
    """Leads from where the command was given to the root of the review, with `/`."""
    audience: Audience = Audience.DEVELOPER
    command: str = ""
    """The project as it stands behind a command: " shop", or nothing for the current folder."""
    full: bool = False
    """Whether everything is wanted that a short report leaves out: each notice, each candidate."""


PLAIN = View()
