"""Parts of showing a published flaw that need no sandbox."""

from __future__ import annotations

from buckler.finding.evidence import Outcome
from buckler.prove.attack import ORDINARY
from buckler.prove.emit import Benign
from buckler.prove.model import Attack
from buckler.prove.session import Answer
from buckler.workbench.known_proofs import bodies
from buckler.workbench.upgrade_ladder import as_before

CODE = b"""
def one(x):
    return x

class Cart:
    def roll(self):
        return 1

    def stop(self):
        def inner():
            return 2
        return inner
"""


def test_lines_of_functions_that_a_fix_changed() -> None:
    assert [*bodies(CODE, {"one"})] == [range(3, 4)]
    assert [*bodies(CODE, {"Cart.stop"})] == [range(10, 13), range(11, 12)]
    assert {*bodies(CODE, {"Cart"})} == {range(7, 8), range(10, 13)}
    assert not [*bodies(CODE, {"two"})]
    assert not [*bodies(b"def one(:", {"one"})]


def test_another_error_than_before_says_nothing_of_an_upgrade() -> None:
    well, broken = (
        Answer(tests={ORDINARY: {"outcome": outcome, "text": "E  KeyError"}}) for outcome in ("passed", "failed")
    )
    value = Attack("'x'", "")
    assert as_before([well, well], Benign(value)).outcome is Outcome.PROVED
    assert as_before([well, broken], Benign(value)).outcome is Outcome.REFUTED
    assert as_before([broken], Benign(value, "", "ValueError")).outcome is Outcome.NOT_VERIFIED
