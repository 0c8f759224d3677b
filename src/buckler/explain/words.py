"""The five parts in words, from what is known and nothing else; the same finding gives the same text every time.

Example::

    explain(defence, rule, Audience.MANAGER).happens
"""

from __future__ import annotations

from buckler.explain.model import Audience, Explanation
from buckler.explain.picture import chart, picture
from buckler.explain.severity import vectors, weighed
from buckler.explain.steps import step_words
from buckler.finding.evidence import RUNGS, Outcome, Remediation, Rung, VerifiedPatch
from buckler.finding.model import Finding, Grade, Rule, Severity

CONTROL = {
    "remote": "anybody who can send a request",
    "api": "whoever calls this package with data from elsewhere",
    "cli": "whoever chooses the command line",
    "file": "whoever writes the file that is read",
    "environment": "whoever sets the environment",
    "database": "whoever could store data before",
    "network": "whoever answers on the network",
    "archive": "whoever made the archive",
    "message": "whoever can send a message",
    "model": "whoever can influence the model's answer",
}
URGENCY = {
    Severity.CRITICAL: "Mend it now, before anything else is released.",
    Severity.HIGH: "Mend it in the next days.",
    Severity.MEDIUM: "Plan it for the next release.",
    Severity.LOW: "Mend it when the code is touched next.",
    Severity.NOTE: "Nothing needs to be done now.",
}
GRADE_WORDS = {
    Grade.FIXED: "It was proved with a test, and a repair was proved to stop it.",
    Grade.REPRODUCED: "It was proved with a test; a repair that holds is still wanted.",
    Grade.TRACED: "The path of the data was followed in the code; it was not shown by running it.",
    Grade.MATCHED: "The code is there; it was not shown by running it.",
    Grade.CLAIMED: "Somebody says so; nothing was checked.",
}


def explain(
    defence: Remediation, rule: Rule | None = None, audience: Audience = Audience.DEVELOPER, where: str = ""
) -> Explanation:
    """All parts for a reader; `where` is the project as it stands behind a command."""
    for_manager = audience is Audience.MANAGER
    scored = vectors(defence)
    return Explanation(
        happens(defence, for_manager=for_manager),
        plain_way(defence) if for_manager else way(defence),
        why(defence.finding, rule, for_manager=for_manager),
        change(defence, for_manager=for_manager),
        tuple(f"{RUNGS[r.name].capitalize()}: {r.reason}." for r in rungs(defence) if r.outcome is Outcome.PROVED),
        unchecked(defence, where),
        scored,
        weighed(defence, scored),
        picture(defence.finding),
        chart(defence.finding),
    )


def happens(defence: Remediation, *, for_manager: bool) -> str:
    finding = defence.finding
    if not for_manager:
        shown = f" Seen when it was tried: {defence.proof.effect}." if defence.proof else ""
        return f"{finding.attacker}{shown}"
    return f"{without_code(finding.attacker)} {GRADE_WORDS[defence.grade]} {URGENCY[finding.severity]}"


def without_code(text: str) -> str:
    """The sentence without its examples in code."""
    return text.split(", such as `", maxsplit=1)[0].split(": `", maxsplit=1)[0].rstrip(" .,") + "."


def way(defence: Remediation) -> tuple[str, ...]:
    """The trace, a sentence a step, with the entry point first."""
    finding = defence.finding
    out = [f"The way in is {defence.proof.entry}."] if defence.proof else []
    if finding.source is not None and not defence.proof:
        out.append(f"The value is controlled by {CONTROL.get(finding.source.kind, 'somebody else')}.")
    for step in finding.flow:
        where = f"{step.location.path}:{step.location.line}"
        inside = f" in `{step.function}`" if step.function else ""
        out.append(f"{where}{inside}: {step_words(step)}.")
    return tuple(out) or (
        f"{finding.location.path}:{finding.location.line} is wrong by itself; no data has to travel.",
    )


def plain_way(defence: Remediation) -> tuple[str, ...]:
    finding = defence.finding
    if finding.source is None:
        return ("The weakness lies in how the program is written or set up; no particular input is needed.",)
    who = CONTROL.get(finding.source.kind, "somebody else")
    steps = len({s.function for s in finding.flow})
    through = f"; it passes through {steps} parts of the program on its way" if steps > 1 else ""
    return (
        f"The harmful input comes from {who}{through}.",
        *(f"The test {a}." for a in (defence.proof.assumptions if defence.proof else ())),
    )


def why(finding: Finding, rule: Rule | None, *, for_manager: bool) -> str:
    if for_manager:
        return f"The weakness is of a well-known kind, {', '.join(f'CWE-{n}' for n in finding.cwe)}: {finding.title.lower()}."
    about = f" {first_paragraph(rule.prose)}" if rule and rule.prose else ""
    return f"`{finding.code}`: {finding.message}{about}"


def first_paragraph(prose: str) -> str:
    blocks = [b.strip() for b in prose.split("\n\n") if b.strip() and not b.lstrip().startswith(("#", "```"))]
    return " ".join(blocks[0].split()) if blocks else ""


def change(defence: Remediation, *, for_manager: bool) -> str:
    best: VerifiedPatch | None = defence.fix or (defence.patches[0] if defence.patches else None)
    if best is None:
        reason = defence.refused or "no change was tried"
        return f"No change is proposed: {reason}."
    holds = (
        "It holds by every check that could be run."
        if best.holds
        else "It is a proposal only; not every check was passed."
    )
    given = f" It takes for granted that {best.patch.intent}." if best.patch.intent else ""
    if for_manager:
        ready = "A change of a few lines is ready." if best.holds else "A change was drafted."
        return f"{ready} {holds}{given}"
    return f"{best.patch.title}. {best.patch.explanation} {holds}{given}"


def unchecked(defence: Remediation, where: str) -> tuple[str, ...]:
    """What was not proved, and what nobody has tried yet."""
    out = [
        f"{RUNGS[r.name].capitalize()}: {r.outcome}, {r.reason}."
        for r in rungs(defence)
        if r.outcome is not Outcome.PROVED
    ]
    if not any(r.name == "F4" for r in defence.rungs):
        mark = defence.finding.fingerprint[:8]
        out.append(
            f"Nothing was run yet: `buckler prove {mark}{where}` tries the attack, "
            f"`buckler fix {mark}{where}` writes and judges a change."
        )
    return tuple(out)


def rungs(defence: Remediation) -> list[Rung]:
    best = defence.fix or (defence.patches[0] if defence.patches else None)
    return [*defence.rungs, *(best.rungs if best else ())]
