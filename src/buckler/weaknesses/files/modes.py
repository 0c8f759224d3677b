"""Modes with which a file is opened, as to whether they write."""

from __future__ import annotations

from buckler.analysis.ir.ops import Place
from buckler.review.checks.view import Code


def mode_writes(code: Code, place: Place | None) -> bool:
    mode = code.constant(place)
    return isinstance(mode, str) and any(c in mode for c in "wa+") and len(mode) <= 4
