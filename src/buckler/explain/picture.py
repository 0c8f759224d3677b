"""The way of the data as a drawing: one box a step, source above, sink below. Plain SVG, no script, no outside file.

The same as a Mermaid chart, for places that draw those from Markdown and drop SVG.

Example::

    picture(finding)        # "<svg …>"
"""

from __future__ import annotations

import re
from html import escape

from buckler.base.counting import counted
from buckler.explain.steps import step_words
from buckler.finding.model import Finding

WIDTH = 640
BOX, GAP, MARGIN = 84, 26, 12
MOST_STEPS = 12
MOST_LETTERS = 78
COLORS = {"source": "#b3261e", "step": "#52606d", "sink": "#b3261e"}


def picture(finding: Finding) -> str:
    """The drawing; a finding without a flow is one box."""
    rows = boxes(finding)
    height = MARGIN * 2 + len(rows) * BOX + (len(rows) - 1) * GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%" role="img" '
        f'aria-label="{escape(alt(finding), quote=True)}" font-family="ui-monospace, monospace" font-size="12">'
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L10 5L0 10z" fill="#52606d"/></marker></defs>'
    )
    parts = [head]
    for number, (kind, place, words, code) in enumerate(rows):
        top = MARGIN + number * (BOX + GAP)
        parts += box(top, kind, place, words, code)
        if number:
            middle = WIDTH // 2
            parts.append(
                f'<line x1="{middle}" y1="{top - GAP}" x2="{middle}" y2="{top - 2}" stroke="#52606d" marker-end="url(#tip)"/>'
            )
    return "".join([*parts, "</svg>"])


def chart(finding: Finding) -> str:
    """The boxes as a Mermaid flow chart; every letter that could mean something to it is written by its number."""
    rows = [(number, " ".join(filter(None, row[1:3]))) for number, row in enumerate(boxes(finding), 1)]
    nodes = [f'    s{number}["{UNSAFE.sub(numbered, cut(words))}"]' for number, words in rows]
    arrows = [f"    s{number} --> s{number + 1}" for number, _ in rows[:-1]]
    return "\n".join(["flowchart TD", *nodes, *arrows])


UNSAFE = re.compile(r"[^\w .,:/-]", re.ASCII)


def numbered(letter: re.Match[str]) -> str:
    return f"#{ord(letter[0])};"


def boxes(finding: Finding) -> list[tuple[str, str, str, str]]:
    """Kind, place, words and code of each box; a long way keeps its beginning and its end."""
    steps = list(finding.flow)
    if not steps:
        return [("sink", f"{finding.location.path}:{finding.location.line}", finding.title, finding.code)]
    left_out = len(steps) - MOST_STEPS
    if left_out > 0:
        steps = [*steps[: MOST_STEPS // 2], *steps[-MOST_STEPS // 2 :]]
    out = []
    for number, step in enumerate(steps):
        kind = "source" if number == 0 else "sink" if number == len(steps) - 1 else "step"
        out.append((kind, f"{step.location.path}:{step.location.line}", step_words(step), step.code))
    if left_out > 0:
        out.insert(MOST_STEPS // 2, ("step", "", f"{left_out} more steps", ""))
    return out


def box(top: int, kind: str, place: str, words: str, code: str) -> list[str]:
    """Three lines; what is too long for one is cut where it says least, and whole when pointed at."""
    color = COLORS[kind]
    weight = 2 if kind != "step" else 1
    inner = WIDTH - 2 * MARGIN
    lines = ((cut(place, from_left=True), "#52606d"), (cut(words), color), (cut(code), "#1f2933"))
    whole = escape("\n".join(filter(None, (place, words, code))))
    frame = f'x="{MARGIN}" y="{top}" width="{inner}" height="{BOX}" rx="6" fill="#ffffff" stroke="{color}"'
    rows = [
        f'<text x="{MARGIN + 12}" y="{top + 24 + 22 * number}" fill="{fill}">{escape(text)}</text>'
        for number, (text, fill) in enumerate(lines)
    ]
    return [f"<g><title>{whole}</title>", f'<rect {frame} stroke-width="{weight}"/>', *rows, "</g>"]


def cut(text: str, *, from_left: bool = False) -> str:
    plain = " ".join(text.replace("`", "").split()) if not from_left else text
    if len(plain) <= MOST_LETTERS:
        return plain
    return "…" + plain[1 - MOST_LETTERS :] if from_left else plain[: MOST_LETTERS - 1] + "…"


def alt(finding: Finding) -> str:
    return f"{finding.title}: {counted(len(finding.flow), 'step')} to {finding.location.path}:{finding.location.line}"
