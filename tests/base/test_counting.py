"""Numbers and their nouns agree, also where a sentence is made of them."""

from __future__ import annotations

from dataclasses import replace

from buckler.base.counting import counted
from buckler.prove.attack import static_rungs
from review_sample import sql_injection


def test_one_is_no_plural() -> None:
    assert [counted(n, "step") for n in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


def test_a_flow_of_one_step() -> None:
    finding = sql_injection()
    (rung,) = [r for r in static_rungs(replace(finding, flow=finding.flow[:1])) if r.name == "F2"]
    assert rung.reason.startswith("1 step from ")
