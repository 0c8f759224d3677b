"""What the visitor is told about an error: nothing of the calls that led to it.

Ordinary input is one on which the code fails; what it answers then is meant to change, its status is not.
"""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''

def traces(page):
    """The places in the program's files that a page names."""
    return re.findall(r"File .{1,300}?, line \\d+", html.unescape(page))
'''
ATTACK = """
told = traces(text(attempt(VALUE)))
assert not told, f"VIOLATED: the visitor is shown where the program failed: {told[-1]}"
"""
COUNTERPART = """
try:
    int("report")
except ValueError:
    assert traces(f"<pre>{html.escape(traceback.format_exc())}</pre>")
    assert traces("an internal error") == []
"""


def failing(_: SinkContext) -> list[Attack]:
    rows = ["report", "Anna Maria", "a-b_c.d", "x" * 40, "ünï"]
    return [Attack(repr(text), "a text where something else may be wanted") for text in rows]


TRACE = Oracle("trace", ProofKind.PROPERTY, "the answer showed the visitor the stack trace of an error",
               ("import html", "import re", "import traceback"), HELPERS, (), ATTACK, failing, failing,
               counterpart=COUNTERPART, fresh="the words about the error", same='""')  # fmt: skip
