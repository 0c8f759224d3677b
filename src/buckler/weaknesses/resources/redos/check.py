"""Slow regular expressions: where they are used, and where they are kept as strings in tables."""

from __future__ import annotations

from buckler.weaknesses.resources.redos import lexicons, uses

CHECKS = (uses.CHECK, lexicons.CHECK)
