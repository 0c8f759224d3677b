"""Evidence: what was checked about a finding, and how each check came out.

Every check is a `Rung` of one ladder, F0 to F5 for the finding and P0 to P8 for a patch. A rung is proved, refuted or
not verified, with the reason in words. The grade of a `Remediation` is derived from its rungs and stored nowhere.

Example::

    Rung("P2", Outcome.PROVED, "the test fails before the patch and passes after it")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from buckler.finding.model import Finding, Grade, Location, Review, Rule


class Outcome(StrEnum):
    """What a check says."""

    PROVED = "proved"
    REFUTED = "refuted"
    NOT_VERIFIED = "not verified"


RUNGS: dict[str, str] = {
    "F0": "somebody claims it",
    "F1": "the code is there and the rule applies to it",
    "F2": "untrusted data was followed to the line",
    "F3": "an attacker can reach the entry point",
    "F4": "a test shows the flaw in 3 of 3 runs",
    "F5": "the test passes on benign input, or on code that does it right",
    "P0": "the patch applies, is minimal, and touches no test",
    "P1": "the patched files are sound and the review finds nothing new",
    "P2": "the test fails before the patch and passes after it",
    "P3": "benign input gives the same result and still reaches the guarded line",
    "P4": "the project's own tests end as before",
    "P5": "variants of what was sent are stopped too",
    "P6": "generated benign input gives the same results as before",
    "P7": "undoing any changed line brings the flaw back",
    "P8": "the same root cause elsewhere was looked for",
    "U0": "it is the smallest later release of which nothing is known",
    "U1": "the dependencies resolve and can be installed",
    "U2": "what the project uses of the package is still there and is called alike",
    "U3": "the vulnerable code is gone or changed",
}

RUNG_NAMES: dict[str, str] = {
    "F0": "claimed",
    "F1": "matched",
    "F2": "traced",
    "F3": "reachable",
    "F4": "reproduced",
    "F5": "specific",
    "P0": "minimal patch",
    "P1": "clean review",
    "P2": "test passes",
    "P3": "benign behavior",
    "P4": "project tests",
    "P5": "variants",
    "P6": "generated input",
    "P7": "mutation",
    "P8": "similar code",
    "U0": "smallest safe release",
    "U1": "resolves",
    "U2": "compatible",
    "U3": "flaw changed",
}
"""What people call each rung."""


@dataclass(slots=True, frozen=True)
class Rung:
    """One check: its name in `RUNGS`, how it came out, and why."""

    name: str
    outcome: Outcome
    reason: str
    details: tuple[str, ...] = ()
    """What a reader who doubts it wants to see: inputs, differences, places."""


class Exposure(StrEnum):
    """Who can reach the entry point that the test uses."""

    REMOTE = "remote"
    CLI = "command line"
    API = "caller of the package"
    INTERNAL = "not reachable by an attacker"


class ProofKind(StrEnum):
    """What a proof shows; the three are never mixed up in words."""

    EXPLOIT = "exploit shown"
    PROPERTY = "property violated"
    CONFIGURATION = "configuration fact"


@dataclass(slots=True, frozen=True)
class TestFile:
    """A stand-alone pytest file: its place in the project and its text."""

    path: str
    text: str


@dataclass(slots=True, frozen=True)
class Proof:
    """A test that shows the flaw, and what was seen while it ran."""

    shown: ProofKind
    entry: str
    """How the attack gets in, in words: "GET /search, query parameter `q`"."""
    exposure: Exposure
    attack: str
    """What is sent, as it is written in the test."""
    benign: str
    effect: str
    """What the attack did, in words."""
    test: TestFile
    events: tuple[str, ...] = ()
    """What the interpreter's audit hook saw of it."""
    assumptions: tuple[str, ...] = ()
    """What the test had to make up: constructed objects, fixtures, replaced services."""


@dataclass(slots=True, frozen=True)
class Edit:
    """Replace the bytes from `start` to `end` of a file."""

    path: str
    start: int
    end: int
    text: str


@dataclass(slots=True, frozen=True)
class Patch:
    """A change that is meant to remove a flaw."""

    title: str
    explanation: str
    """What it changes and why that removes the flaw."""
    edits: tuple[Edit, ...]
    diff: str = ""
    """The same as a unified diff against the reviewed files."""
    intent: str = ""
    """What it assumes about the purpose of the code; empty if nothing."""


@dataclass(slots=True, frozen=True)
class VerifiedPatch:
    """A patch and the rungs it was put to."""

    patch: Patch
    rungs: tuple[Rung, ...]
    shown: ProofKind = ProofKind.EXPLOIT
    """What the test shows by which it was judged."""

    @property
    def holds(self) -> bool:
        """Nothing is refuted, and the rungs without which nothing is fixed are proved.

        A review that still shows the finding after the patch (P1 not verified) may simply not understand the new
        check; then benign input must also have been compared (P6). Where no attack was sent but a property or a
        setting was looked at, there may be nothing to vary (P5); then the review itself must be content (P1).

        An upgrade is judged by its own rungs: what it changes is the code of others. Where nobody could compare what
        the releases offer (U2), the project's own tests must have passed as before (P4).
        """
        outcomes = {rung.name: rung.outcome for rung in self.rungs}
        if "U0" in outcomes:
            compatible = "U2" if outcomes.get("U2") is Outcome.PROVED else "P4"
            needed = ["P0", "P1", "U0", "U1", "U3", compatible, *(["P2"] if "P2" in outcomes else [])]
            return Outcome.REFUTED not in outcomes.values() and all(outcomes.get(n) is Outcome.PROVED for n in needed)
        needed = ["P0", "P2", "P3", "P7", "P1" if outcomes.get("P1") is Outcome.PROVED else "P6"]
        if self.shown is ProofKind.EXPLOIT:
            needed.append("P5")
        elif outcomes.get("P5") is not Outcome.PROVED:
            needed.append("P1")
        return Outcome.REFUTED not in outcomes.values() and all(outcomes.get(n) is Outcome.PROVED for n in needed)


@dataclass(slots=True, frozen=True)
class Safeguard:
    """One thing that keeps code in a sandbox, and whether it holds on the machine that ran it."""

    name: str
    holds: bool
    how: str
    """By what it holds, or why it does not."""


@dataclass(slots=True, frozen=True)
class Sandboxed:
    """Where the evidence was made."""

    tier: str
    python: str
    packages: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()


@dataclass(slots=True)
class Remediation:
    """A finding with everything that was done about it."""

    finding: Finding
    rungs: tuple[Rung, ...] = ()
    """F0 to F5."""
    proof: Proof | None = None
    patches: tuple[VerifiedPatch, ...] = ()
    """Candidates, the best first."""
    refused: str = ""
    """Why no patch was written, if none was."""
    sandbox: Sandboxed | None = None
    seconds: float = 0.0
    proof_seconds: float = 0.0
    """The part of `seconds` that went by until the flaw was shown, or given up."""
    cpu: float = 0.0
    notes: tuple[str, ...] = field(default=())

    @property
    def fix(self) -> VerifiedPatch | None:
        """The best patch that holds."""
        return next((judged for judged in self.patches if judged.holds), None)

    @property
    def settled(self) -> bool:
        """Fixed; or known of a dependency that has a verified upgrade, whether or not the flaw was shown here."""
        return self.grade is Grade.FIXED or (self.finding.facts.dependency is not None and self.fix is not None)

    @property
    def grade(self) -> Grade:
        proved = {rung.name for rung in self.rungs if rung.outcome is Outcome.PROVED}
        if self.proof is not None and {"F4", "F5"} <= proved:
            return Grade.FIXED if self.fix is not None else Grade.REPRODUCED
        return self.finding.grade


@dataclass(slots=True, frozen=True)
class SoftwareComponent:
    """One release that the project is made of."""

    purl: str
    scope: str = "runtime"
    direct: bool = True
    """The project asks for it itself."""
    places: tuple[Location, ...] = ()
    """Lines of manifests and lockfiles that bring it in."""
    chain: tuple[str, ...] = ()
    """Package URLs of the shortest way it comes in, itself last."""
    hashes: tuple[str, ...] = ()
    """`algorithm:hex` of its archives."""


@dataclass(slots=True)
class Assessment:
    """A review with what was done about its findings; a mere review has done nothing about any of them."""

    review: Review
    rules: tuple[Rule, ...] = ()
    root: Path = Path()
    chosen: list[Finding] | None = None
    """What was to be proved and fixed, in the order of the review; None where only a review was asked for."""
    remediations: list[Remediation] = field(default_factory=list)
    smaller: int = 0
    """Findings that were not worked on because they are less severe than was asked for."""
    interrupted: bool = False
    setup: float = 0.0
    """Seconds until the environment was made and the project loaded."""
    bundles: list[Path] = field(default_factory=list)
    """Folders of evidence, each named after the fingerprint of its finding."""
    components: tuple[SoftwareComponent, ...] = ()
    """What the project is made of, where its manifests were read; by package URL."""

    @property
    def known(self) -> dict[str, Remediation]:
        """What was done, by fingerprint."""
        return {done.finding.fingerprint: done for done in self.remediations}

    @property
    def shown(self) -> list[Finding]:
        """What a person is to look at: what was worked on or was to be, else everything found."""
        return self.review.findings if self.chosen is None else self.chosen

    @property
    def left(self) -> list[Finding]:
        """What was to be worked on and was not reached: nobody has shown that it is harmless."""
        known = self.known
        return [finding for finding in self.chosen or () if finding.fingerprint not in known]
