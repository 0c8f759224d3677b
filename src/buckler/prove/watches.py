"""What proofs have in common that attack nothing: a watch around functions sees who calls, with benign input.

Nothing is attacked there, so the proof says *property violated*. The control is the watch itself: it must report
nothing about the sound counterpart of the function, and report the function when the test calls it.

Example::

    watching(PROBE, situation)
"""

from __future__ import annotations

from pathlib import Path

from buckler.prove.model import Attack, Probe, SinkContext
from buckler.prove.probe_file import PROBES

MARKER = PROBES / "marker.py"
"""The probe that tells by a file left behind that something of the sender's was run."""


def watch(situation: SinkContext, *, deep: bool = False) -> dict[str, str]:
    """The constants of `probes/watching.py` that set calls by the function of the finding apart from others."""
    function = situation.function.rpartition(".")[2] or "<module>"
    return {"FILE": repr(situation.path), "FUNCTION": repr(function), "DEEP": repr(deep)}


def watching(file: Path, situation: SinkContext, kind: str = "") -> Probe:
    """A watch for calls, with its counterpart."""
    return Probe(file, f"attack{kind}", f"counterpart{kind}", watch(situation), watches=True)


def benign(situation: SinkContext) -> list[Attack]:
    """Values of the kinds people send; none of them is an attack."""
    rows = ["report", "7", "Anna Maria", "a-b_c.d", "x" * 40, "ünï"]
    if situation.approach.kind == "bytes":
        return [Attack(repr(text.encode()), "a benign value") for text in rows]
    return [Attack(repr(text), "a benign value") for text in rows]


def plain(_: SinkContext) -> list[Attack]:
    """Fewer of them, where all there is to do is to load or start a program."""
    return [Attack(repr(text), "a benign value") for text in ("report", "7", "Anna Maria", "a-b_c.d")]
