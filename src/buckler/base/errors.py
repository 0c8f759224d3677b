"""Every error Buckler raises on purpose; each message says what, where, and what to do.

::

    BucklerError
    ├── UserError            the person at the keyboard can correct it; exit code 2
    │   ├── ConfigError      a configuration file or an option
    │   └── InputError       the code to review, a baseline, a revision, a rule or library model
    └── BrokenInvariant      a mistake of ours; exit code 70

Code that merely meets something odd in the reviewed files raises none of these: it records a `Notice`.

Example::

    raise ConfigError("unknown key 'exlude'", where="buckler.toml", remedy="did you mean 'exclude'?")
"""

from __future__ import annotations


class BucklerError(Exception):
    """Root of the tree; `str()` of it is one line fit for a terminal."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        place = f"{where}: " if where else ""
        advice = f"; {remedy}" if remedy else ""
        super().__init__(f"{place}{what}{advice}")


class UserError(BucklerError):
    """Something the caller gave us cannot be used as it is."""


class ConfigError(UserError):
    """A configuration file or option is wrong."""


class InputError(UserError):
    """What was to be reviewed, or compared with, cannot be read."""


class BrokenInvariant(BucklerError):
    """Something that cannot happen did."""
