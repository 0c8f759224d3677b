"""The five parts in words, from what is known and nothing else; the same finding gives the same text every time.

Example::

    explain(remediation, rule, Audience.MANAGER).happens
"""

from __future__ import annotations

from buckler.explain.model import Audience, Explanation
from buckler.explain.picture import chart, picture
from buckler.explain.severity import vectors, weighed
from buckler.explain.steps import step_words
from buckler.finding.evidence import RUNGS, Outcome, Remediation, Rung, VerifiedPatch
from buckler.finding.model import Finding, Grade, Rule, Severity

CONTROL = {
    "remote": "any remote user",
    "api": "whoever calls this function with data from elsewhere",
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
    Severity.CRITICAL: "Fix it now, before anything else is released.",
    Severity.HIGH: "Fix it in the next days.",
    Severity.MEDIUM: "Plan it for the next release.",
    Severity.LOW: "Fix it when the code is touched next.",
    Severity.NOTE: "Nothing needs to be done now.",
}
GRADE_WORDS = {
    Grade.FIXED: "It was reproduced with a test, and a verified fix stops it.",
    Grade.REPRODUCED: "It was reproduced with a test; there is no verified fix yet.",
    Grade.TRACED: "The path of the data was followed in the code; it was not shown by running it.",
    Grade.MATCHED: "The code is there; it was not shown by running it.",
    Grade.CLAIMED: "Somebody claims it; nothing was checked.",
}


def explain(
    remediation: Remediation, rule: Rule | None = None, audience: Audience = Audience.DEVELOPER, where: str = ""
) -> Explanation:
    """All parts for a reader; `where` is the project as it stands behind a command."""
    for_manager = audience is Audience.MANAGER
    scored = vectors(remediation)
    return Explanation(
        happens(remediation, for_manager=for_manager),
        plain_way(remediation) if for_manager else way(remediation),
        why(remediation.finding, rule, for_manager=for_manager),
        change(remediation, for_manager=for_manager),
        tuple(f"{RUNGS[r.name].capitalize()}: {r.reason}." for r in rungs(remediation) if r.outcome is Outcome.PROVED),
        unchecked(remediation, where),
        scored,
        weighed(remediation, scored),
        picture(remediation.finding),
        chart(remediation.finding),
    )


def happens(remediation: Remediation, *, for_manager: bool) -> str:
    finding = remediation.finding
    if not for_manager:
        shown = f" Seen when it was tried: {remediation.proof.effect}." if remediation.proof else ""
        return f"{finding.attacker}{shown}"
    return f"{without_code(finding.attacker)} {GRADE_WORDS[remediation.grade]} {URGENCY[finding.severity]}"


def without_code(text: str) -> str:
    """The sentence without its examples in code."""
    return text.split(", such as `", maxsplit=1)[0].split(": `", maxsplit=1)[0].rstrip(" .,") + "."


def way(remediation: Remediation) -> tuple[str, ...]:
    """The trace, a sentence a step, with the entry point first."""
    finding = remediation.finding
    out = [f"The entry point is {remediation.proof.entry}."] if remediation.proof else []
    if finding.source is not None and not remediation.proof:
        out.append(f"The value is controlled by {CONTROL.get(finding.source.kind, 'somebody else')}.")
    for step in finding.flow:
        where = f"{step.location.path}:{step.location.line}"
        inside = f" in `{step.function}`" if step.function else ""
        out.append(f"{where}{inside}: {step_words(step)}.")
    return tuple(out) or (
        f"{finding.location.path}:{finding.location.line} is flagged without data flow; no particular input is needed.",
    )


def plain_way(remediation: Remediation) -> tuple[str, ...]:
    finding = remediation.finding
    if finding.source is None:
        return ("The weakness lies in how the program is written or set up; no particular input is needed.",)
    who = CONTROL.get(finding.source.kind, "somebody else")
    steps = len({s.function for s in finding.flow})
    through = f"; it passes through {steps} parts of the program on its way" if steps > 1 else ""
    return (
        f"The harmful input comes from {who}{through}.",
        *(f"The test {a}." for a in (remediation.proof.assumptions if remediation.proof else ())),
    )


def why(finding: Finding, rule: Rule | None, *, for_manager: bool) -> str:
    if for_manager:
        return f"The weakness is of a well-known kind, {', '.join(f'CWE-{n}' for n in finding.cwe)}: {finding.title.lower()}."
    about = f" {first_paragraph(rule.prose)}" if rule and rule.prose else ""
    return f"`{finding.code}`: {finding.message}{about}"


def first_paragraph(prose: str) -> str:
    blocks = [b.strip() for b in prose.split("\n\n") if b.strip() and not b.lstrip().startswith(("#", "```"))]
    return " ".join(blocks[0].split()) if blocks else ""


def change(remediation: Remediation, *, for_manager: bool) -> str:
    best: VerifiedPatch | None = remediation.fix or (remediation.patches[0] if remediation.patches else None)
    if best is None:
        reason = remediation.refused or "no change was tried"
        return f"No change is proposed: {reason}."
    holds = (
        "It is verified by every check that could be run."
        if best.holds
        else "It is a candidate only; not every check was passed."
    )
    given = f" It assumes that {best.patch.intent}." if best.patch.intent else ""
    if for_manager:
        ready = "A change of a few lines is ready." if best.holds else "A change was drafted."
        return f"{ready} {holds}{given}"
    return f"{best.patch.title}. {best.patch.explanation} {holds}{given}"


def unchecked(remediation: Remediation, where: str) -> tuple[str, ...]:
    """What was not proved, and what nobody has tried yet."""
    out = [
        f"{RUNGS[r.name].capitalize()}: {r.outcome}, {r.reason}."
        for r in rungs(remediation)
        if r.outcome is not Outcome.PROVED
    ]
    if not any(r.name == "F4" for r in remediation.rungs):
        mark = remediation.finding.fingerprint[:8]
        out.append(
            f"Nothing was run yet: `buckler prove {mark}{where}` tries the attack, "
            f"`buckler fix {mark}{where}` writes and judges a change."
        )
    return tuple(out)


def rungs(remediation: Remediation) -> list[Rung]:
    best = remediation.fix or (remediation.patches[0] if remediation.patches else None)
    return [*remediation.rungs, *(best.rungs if best else ())]
