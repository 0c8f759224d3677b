"""An assessment of dependencies made by hand: one flaw of each reach, one somebody accepted, and the components around them."""

from __future__ import annotations

from buckler.finding.evidence import Assessment, SoftwareComponent
from buckler.finding.model import DependencyFacts, Facts, Finding, Reach, Review, Severity, Suppressed
from review_sample import at, sql_injection

WEB, TEMPLATE, YAML, TEST = (
    "pkg:pypi/web@1.0",
    "pkg:pypi/template@2.10",
    "pkg:npm/%40shop/yaml@3.1.0",
    "pkg:pypi/tester@5.0",
)


def flaw(advisory: str, purl: str, reach: Reach, severity: Severity = Severity.HIGH, **facts: object) -> Finding:
    known = DependencyFacts(purl, advisory, ("GHSA-aaaa-bbbb-cccc", "PYSEC-2030-1"), reach=reach, **facts)  # type: ignore[arg-type]
    return Finding(
        rule="vulnerable-dependency",
        title=f"Known vulnerability in {purl}",
        severity=severity,
        cwe=(1395, 79),
        location=at("requirements.txt", 3),
        message=f"{purl} has the known vulnerability {advisory}.",
        attacker="An attacker can run scripts in the browser of a user.",
        fix="Upgrade template to 2.10.1." if known.fixed else "",
        code="template==2.10",
        function="",
        fingerprint=(ascii(advisory).encode().hex() + "0" * 24)[:24],
        facts=Facts(dependency=known),
    )


def components() -> tuple[SoftwareComponent, ...]:
    return (
        SoftwareComponent(WEB, places=(at("requirements.txt", 1),), chain=(WEB,)),
        SoftwareComponent(
            TEMPLATE,
            direct=False,
            places=(at("requirements.txt", 3), at("api/poetry.lock", 40)),
            chain=(WEB, TEMPLATE),
            hashes=(f"sha256:{'ab' * 32}", "sha256:short", "crc:00000000"),
        ),
        SoftwareComponent(YAML, scope="optional", places=(at("package-lock.json", 9),), chain=(YAML,)),
        SoftwareComponent(TEST, scope="development", places=(at("requirements-dev.txt", 1),)),
    )


def dependencies() -> Assessment:
    """With one finding in the project's own code, which is none of a component."""
    found = [
        sql_injection(),
        flaw("CVE-2030-1", TEMPLATE, Reach.UNTRUSTED, Severity.CRITICAL, fixed="2.10.1", symbols=("template.render",), reason="`GET /` gets there."),
        flaw("CVE-2030-2", TEMPLATE, Reach.REACHABLE, reason="`shop.main` calls it."),
        flaw("CVE-2030-3", YAML, Reach.UNKNOWN, fixed="3.1.1", reason="No function is named."),
        flaw("CVE-2030-4", TEST, Reach.NOT_REACHABLE, Severity.NOTE, reason="12 files were searched."),
    ]  # fmt: skip
    accepted = flaw("CVE-2030-5", WEB, Reach.REACHABLE, fixed="1.1")
    review = Review(
        "examples/shop", findings=found, suppressed=[Suppressed(accepted, "the firewall stops it", "baseline")]
    )
    return Assessment(review, components=components())
