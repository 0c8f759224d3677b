"""The elements that a browser would find in a page."""

from __future__ import annotations

from html.parser import HTMLParser

from buckler.prove.probes.sending import VALUE, attempt, headers, text

HTML_TEXT = ("script", "style", "noscript", "xmp", "iframe", "noembed", "noframes", "textarea", "title")
"""Elements that hold text alone, for a browser that runs scripts."""
FOREIGN = {"svg": True, "math": True, "foreignobject": False, "desc": False, "annotation-xml": False, "mtext": False,
           "mi": False, "mo": False, "mn": False, "ms": False}  # fmt: skip
"""Elements within which another language is spoken, in which none does, and those within it that speak HTML again."""


class Elements(HTMLParser):
    """The names of the elements and of the event handlers, and the scripts, that a browser would find in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.within: list[str] = []
        self.CDATA_CONTENT_ELEMENTS = HTML_TEXT  # type: ignore[misc] # HTMLParser reads it anew for each element
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attributes)}
        addresses = {"".join(value.split()).lstrip("\0").lower() for _, value in attributes if value}
        scripts = {address for address in addresses if address.startswith("javascript:")}
        self.found |= scripts | {value.split(":")[0] for value in scripts}
        if tag in FOREIGN:
            self.spoken([*self.within, tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in self.within:
            self.spoken(self.within[: len(self.within) - 1 - self.within[::-1].index(tag)])

    def spoken(self, within: list[str]) -> None:
        """What is inside which elements decides what holds text alone."""
        self.within = within
        self.CDATA_CONTENT_ELEMENTS = () if within and FOREIGN[within[-1]] else HTML_TEXT  # type: ignore[misc]


def attack() -> None:
    answer = attempt(VALUE)
    kind = headers(answer).get("Content-Type", "html")
    found = Elements(text(answer) if "html" in kind else "").found & {"x-4711", "onx4711", "javascript:x4711"}
    assert not found, "EXPLOITED: the input became an element of the page"
