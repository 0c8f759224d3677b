"""Handlers that lack the login check their siblings have: one look at them also tells who lacks a right."""

from __future__ import annotations

from buckler.weaknesses.access import siblings

CHECKS = (siblings.CHECK,)
