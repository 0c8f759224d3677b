"""What an answer tells of the calls that led to an error."""

from __future__ import annotations

import html
import re
import traceback

from buckler.prove.probes.sending import VALUE, attempt, text


def traces(page: str) -> list[str]:
    """The places in the program's files that a page names."""
    return re.findall(r"File .{1,300}?, line \d+", html.unescape(page))


def attack() -> None:
    traces_shown = traces(text(attempt(VALUE)))
    assert not traces_shown, f"VIOLATED: the user is shown where the program failed: {traces_shown[-1]}"


def counterpart() -> None:
    try:
        int("report")
    except ValueError:
        assert traces(f"<pre>{html.escape(traceback.format_exc())}</pre>")
        assert traces("an internal error") == []
