"""A server that is started with its debugger; else the setting of the application."""

from __future__ import annotations

import re
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.entries.started import notes_addresses
from buckler.prove.model import Oracle, Probe, ProofRecipe, SinkContext, Way
from buckler.prove.watches import plain
from buckler.weaknesses.web.settings import setting

PROBE = Path(__file__).with_name("probe.py")
STARTS = re.compile(r"\.run\(")
SETTING = re.compile(r"\bDEBUG\b|\.debug\s*=")
OFF = (False, None, 0, "")
EFFECT = "errors show the user code and variables"
DEBUGGER = Oracle(
    ProofKind.PROPERTY,
    "the server was started with a debugger for whoever meets an error",
    Probe(PROBE, counterpart="counterpart"),
    plain,
    plain,
)


def oracles(situation: SinkContext) -> list[Oracle]:
    if SETTING.search(situation.code):
        return [setting("DEBUG", EFFECT, sound=OFF, wrong=(True,))]
    if not STARTS.search(situation.code):
        return [setting("debug", EFFECT, sound=OFF, wrong=(True,))]
    return [DEBUGGER] if notes_addresses(situation.approach) else []


PROOF = ProofRecipe(oracles, by_line=True, way=Way.START)
