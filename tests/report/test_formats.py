"""Every format says everything, exactly as committed, and hostile code stays text in all of them."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from markdown_it import MarkdownIt

from buckler.finding.evidence import Assessment
from buckler.finding.model import Finding, Grade, Review
from buckler.report.formats import FORMATS, format_for
from buckler.report.formats.csv import cell
from buckler.report.view import View
from evidence_sample import assessment, attacked, declined, fixed, only
from golden import check
from review_sample import RULES, at, hostile, review, sql_injection, weak_hash

HERE = Path(__file__).parent
COMPLETE = [name for name, known in FORMATS.items() if known.complete]
SUFFIX = {name: known.suffixes[0] for name, known in FORMATS.items()}
SAMPLES = {
    "review": Assessment(review(), RULES),
    "clean": Assessment(Review("clean"), RULES),
    "assessed": assessment(),
}
ATTACKED = {"review": Assessment(Review("x", findings=[hostile()]), RULES), "assessed": only(attacked())}


def test_the_sample_has_the_grades_it_is_meant_to_have() -> None:
    assert [d.grade for d in (fixed(), attacked(), declined())] == [Grade.FIXED, Grade.TRACED, Grade.MATCHED]


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("sample", SAMPLES)
def test_golden(name: str, sample: str) -> None:
    prefix = "" if sample == "clean" else "examples/shop"
    check(HERE / "golden" / f"{sample}{SUFFIX[name]}", FORMATS[name].render(SAMPLES[sample], View(prefix)))


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("sample", SAMPLES)
def test_output_is_utf8_and_drives_no_terminal(name: str, sample: str) -> None:
    text = FORMATS[name].render(SAMPLES[sample])
    text.encode("utf-8")
    assert not any(bad in text for bad in "\x1b\x07\x00")
    if name not in ("json", "sarif"):
        assert "\u202e" not in text


@pytest.mark.parametrize("name", COMPLETE)
def test_what_was_not_reached_and_what_is_fixed_is_in_every_format(name: str) -> None:
    text = FORMATS[name].render(assessment())
    assert "not reached" in text
    assert "shop/late.py" in text
    assert "fixed" in text


def test_a_file_name_asks_for_a_format() -> None:
    assert [format_for(f"x{suffix}") for suffix in SUFFIX.values()] == list(SUFFIX)
    assert format_for("X.CDX.JSON") == "cyclonedx" and format_for("cdx.json") == "json"
    assert [format_for(name) for name in ("sbom.json", "shop.openvex.json")] == ["cyclonedx", "openvex"]
    assert format_for("x.docx") is None


def test_json_keeps_its_promise() -> None:
    schema = json.loads((files("buckler.report") / "schema" / "report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for sample in SAMPLES.values():
        jsonschema.validate(json.loads(FORMATS["json"].render(sample)), schema)


def test_json_says_what_was_done_about_a_finding() -> None:
    rows = {row["rule"]: row for row in json.loads(FORMATS["json"].render(assessment()))["findings"]}
    assert rows["sql-injection"]["grade"] == "fixed"
    (patch,) = rows["sql-injection"]["remediation"]["patches"]
    assert patch["verified"]
    assert patch["diff"].endswith("+new\n")
    assert [c["name"] for c in patch["checks"]][-2:] == ["mutation", "similar code"]


def test_csv_has_a_row_for_each_finding() -> None:
    rows = list(csv.DictReader(FORMATS["csv"].render(assessment()).splitlines()))
    assert [row["grade"] for row in rows] == ["traced", "fixed", "matched", "not reached"]
    assert rows[1]["fix status"] == "verified fix"
    assert {row["fingerprint"] for row in rows} == {f.fingerprint for f in assessment().review.findings}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\n=cmd|' /C calc'!A0", "\uff1d1"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


class Tags(HTMLParser):
    """Counts elements, keeps the policy, and collects attributes that could reach out or run."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.policy = ""
        self.dangerous: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        values = {name: value or "" for name, value in attrs}
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        self.dangerous += [f"{tag} {name}" for name in values if name.startswith("on") or name in ("src", "style")]
        if not values.get("href", "https://").startswith("https://"):
            self.dangerous.append(f"{tag} {values['href']}")


@pytest.mark.parametrize("sample", ATTACKED)
def test_html_runs_only_its_own_script_and_loads_nothing(sample: str) -> None:
    page = FORMATS["html"].render(ATTACKED[sample])
    tags = Tags()
    tags.feed(page)
    assert tags.scripts == 1
    assert tags.dangerous == []
    assert "<!--" not in page
    assert tags.policy.startswith("default-src 'none'")
    for name in ("style", "script"):
        inside = page.split(f"<{name}>")[1].split(f"</{name}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in tags.policy


@pytest.mark.parametrize("sample", ATTACKED)
def test_markdown_is_never_markup_from_the_code(sample: str) -> None:
    text = FORMATS["markdown"].render(ATTACKED[sample])
    tokens = [inner for token in MarkdownIt().enable("table").parse(text) for inner in (token, *(token.children or []))]
    links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    html = {token.content.strip() for token in tokens if token.type.startswith("html")}
    assert links
    assert all(link.startswith("https://cwe.mitre.org/") for link in links)
    assert not any(token.type == "image" for token in tokens)
    folded = ("<details><summary>How", "<details><summary>The test")
    assert all(tag in ("<br>", "</details>", "<!-- -->") or tag.startswith(folded) for tag in html)
    assert not any("@e" in token.content for token in tokens if token.type == "text")
    if sample == "assessed":
        assert [token.info for token in tokens if token.type == "fence"] == ["mermaid", "python", "diff"]


def test_what_a_rule_says_is_said_once() -> None:
    """Under its first finding; the others point there, and in the page they keep it folded."""
    first = sql_injection()
    again = replace(first, location=at("shop/db.py", 40), fingerprint="b" * 32)
    for name in ("terminal", "markdown"):
        said = FORMATS[name].render(Assessment(Review("shop", findings=[first, again])))
        assert said.count("read and change every row") == 1
        assert said.count("as a bound parameter") == 1
        assert "the first" in said


def cookie(what: str, mark: str) -> Finding:
    return replace(weak_hash(), rule=f"cookie-{mark}", title=f"Insecure cookie: {what}", fingerprint=mark * 32)


@pytest.mark.parametrize("name", ["terminal", "markdown", "html"])
def test_one_cookie_is_one_finding_to_a_person(name: str) -> None:
    """What lacks three attributes in one line is shown once, with what is missing; programs get all three."""
    found = [cookie("no Secure", "1"), cookie("no HttpOnly", "2"), cookie("no SameSite", "3")]
    sample = Assessment(Review("shop", findings=found))
    said = " ".join(FORMATS[name].render(sample).split())
    assert "Insecure cookie: no Secure; no HttpOnly; no SameSite" in said
    assert said.count("hashlib.md5(data)") == 1
    assert len(json.loads(FORMATS["json"].render(sample))["findings"]) == 3
