"""Every format says everything, exactly as committed, and hostile code stays text in all of them."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from markdown_it import MarkdownIt

from buckler.finding.model import Review
from buckler.report import markdown, terminal
from buckler.report.formats import FORMATS, format_for
from golden import check
from review_sample import RULES, at, hostile, review, sql_injection

HERE = Path(__file__).parent
SUFFIX = {name: known.suffixes[0] for name, known in FORMATS.items()}


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name: str) -> None:
    check(HERE / "golden" / f"review{SUFFIX[name]}", FORMATS[name].render(review(), RULES, "examples/shop"))


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found(name: str) -> None:
    check(HERE / "golden" / f"clean{SUFFIX[name]}", FORMATS[name].render(Review("clean"), RULES))


@pytest.mark.parametrize("name", FORMATS)
def test_output_is_utf8_and_drives_no_terminal(name: str) -> None:
    text = FORMATS[name].render(review(), RULES)
    text.encode("utf-8")
    assert not any(bad in text for bad in "\x1b\x07\x00")
    if name not in ("json", "sarif"):
        assert "\u202e" not in text


def test_a_file_name_asks_for_a_format() -> None:
    assert [format_for(f"x{suffix}") for suffix in SUFFIX.values()] == list(SUFFIX)
    assert format_for("x.docx") is None


def test_json_keeps_its_promise() -> None:
    schema = json.loads((files("buckler.report") / "schema" / "review.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for sample in (review(), Review("clean")):
        jsonschema.validate(json.loads(FORMATS["json"].render(sample, RULES)), schema)


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


def test_html_runs_only_its_own_script_and_loads_nothing() -> None:
    page = FORMATS["html"].render(Review("x", findings=[hostile()]), RULES)
    tags = Tags()
    tags.feed(page)
    assert tags.scripts == 1
    assert tags.dangerous == []
    assert tags.policy.startswith("default-src 'none'")
    for name in ("style", "script"):
        inside = page.split(f"<{name}>")[1].split(f"</{name}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in tags.policy


def test_markdown_is_never_markup_from_the_code() -> None:
    text = FORMATS["markdown"].render(Review("x", findings=[hostile()]), RULES)
    tokens = [inner for token in MarkdownIt().enable("table").parse(text) for inner in (token, *(token.children or []))]
    links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    html = {token.content.strip() for token in tokens if token.type.startswith("html")}
    assert links
    assert all(link.startswith("https://cwe.mitre.org/") for link in links)
    assert not any(token.type == "image" for token in tokens)
    assert all(tag in ("<br>", "</details>", "<!-- -->") or tag.startswith("<details><summary>How") for tag in html)
    assert not any("@e" in token.content for token in tokens if token.type == "text")


def test_what_a_rule_says_is_said_once() -> None:
    """Under its first finding; the others point there, and in the page they keep it folded."""
    first = sql_injection()
    again = replace(first, location=at("shop/db.py", 40), fingerprint="b" * 32)
    review = Review("shop", findings=[first, again])
    for render in (terminal.render, markdown.render):
        said = render(review, [])
        assert said.count("read and change every row") == 1
        assert said.count("as a bound parameter") == 1
        assert "the first" in said
