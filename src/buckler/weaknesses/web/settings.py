"""Settings that stand in the code, as a configuration fact.

Example::

    setting("WTF_CSRF_ENABLED", "forms are taken from other sites", wrong=(False,))
"""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe
from buckler.prove.watches import plain

PROBE = Path(__file__).with_name("settings_probe.py")


def setting(name: str, effect: str, *, sound: tuple[object, ...] = (), wrong: tuple[object, ...]) -> Oracle:
    """A setting that the file makes, with the values that are right; if none is given, all are but the wrong ones."""
    values = {"NAME": repr(name), "SOUND": repr(sound), "WRONG": repr(wrong), "EFFECT": repr(effect)}
    probe = Probe(PROBE, counterpart="counterpart", values=values)
    return Oracle(ProofKind.CONFIGURATION, effect, probe, plain, plain)
