"""Parts of showing a published flaw that need no sandbox."""

from __future__ import annotations

from buckler.workbench.known_proofs import bodies

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
