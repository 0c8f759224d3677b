"""The elements that a browser would find in a page."""

from __future__ import annotations

from html.parser import HTMLParser

from buckler.prove.probes.sending import VALUE, attempt, headers, text


class Elements(HTMLParser):
    """The names of the elements and of the event handlers, and the scripts, that a browser would find in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attributes)}
        scripts = {value for _, value in attributes if value and value.startswith("javascript:")}
        self.found |= scripts | {value.split(":")[0] for value in scripts}


def attack() -> None:
    answer = attempt(VALUE)
    kind = headers(answer).get("Content-Type", "html")
    found = Elements(text(answer) if "html" in kind else "").found & {"x-4711", "onx4711", "javascript:x4711"}
    assert not found, "EXPLOITED: the input became an element of the page"
