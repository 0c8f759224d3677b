"""What comes back to the visitor: markup, redirects, headers, the session."""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

MARKUP_HELPERS = '''

class Elements(HTMLParser):
    """The names of the elements and of the event handlers that a browser would find in a page."""

    def __init__(self, page):
        super().__init__()
        self.found = set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found |= {tag, *(name for name, _ in attributes)}
        self.found |= {value.split(":")[0] for _, value in attributes if value and value.startswith("javascript:")}
'''

MARKUP_ATTACK = """
answer = attempt(VALUE)
page = text(answer) if not HEADERS or "html" in HEADERS.get("Content-Type", "html") else ""
found = Elements(page).found & {"x-4711", "onx4711"}
assert not found, "EXPLOITED: the text that was sent became an element of the page"
"""


def markup_attacks(_: SinkContext) -> list[Attack]:
    rows = [
        ("<x-4711>", "an element"),
        ('"><x-4711>', "leaves an attribute in double quotes"),
        ("'><x-4711>", "leaves an attribute in single quotes"),
        ("</script><x-4711>", "leaves a script"),
        ("--><x-4711>", "leaves a comment"),
        ("</textarea></title></style><x-4711>", "leaves an element without markup"),
        ('" onx4711="1', "adds an attribute"),
        ("x onx4711=1", "adds an attribute where there are no quotes"),
        ("<X-4711 ", "an element that is not closed"),
    ]
    return [Attack(repr(text), label) for text, label in rows]


def words(_: SinkContext) -> list[Attack]:
    return [Attack(repr("Anna"), "a name"), Attack(repr("report"), "a word")]


REDIRECT_ATTACK = """
answer = attempt(VALUE)
target = HEADERS.get("Location", "") if HEADERS else text(answer)
assert not leads_away(target), f"EXPLOITED: the visitor is sent to {target}"
"""

REDIRECT_HELPERS = '''

def leads_away(target):
    """Where a browser would go: it takes backslashes for slashes, drops white space and more than two slashes."""
    plain = target.strip().replace("\\\\", "/").replace("\\t", "").replace("\\n", "")
    host = urlsplit("//" + plain.lstrip("/") if plain.startswith("//") else plain).hostname or ""
    return host == "attacker.example" or host.endswith(".attacker.example")
'''


def redirect_attacks(_: SinkContext) -> list[Attack]:
    rows = [
        ("https://attacker.example/", "another site"),
        ("//attacker.example/", "another site without a scheme"),
        ("/\\attacker.example/", "a backslash that browsers take for a slash"),
        ("https:attacker.example/", "a scheme without slashes"),
        ("///attacker.example/", "three slashes"),
        ("\\\\attacker.example/", "two backslashes"),
        ("https://localhost@attacker.example/", "the own host as a user name"),
        ("https://localhost.attacker.example/", "the own host as a prefix"),
        ("\thttps://attacker.example/", "white space first"),
        (".attacker.example/", "the end of a host name"),
        ("@attacker.example/", "what comes before becomes a user name"),
    ]
    return [Attack(repr(text), label) for text, label in rows]


def addresses(_: SinkContext) -> list[Attack]:
    return [Attack(repr("/account"), "a page of this site"), Attack(repr("account"), "a page beside this one")]


HEADER_ATTACK = """
answer = attempt(VALUE)
names = {name.lower() for name, _ in HEADERS.items()} if HEADERS else set()
values = [value for _, value in HEADERS.items()] if HEADERS else [text(answer)]
assert "x-4711" not in names, "EXPLOITED: the text that was sent became a header of its own"
assert not any("\\n" in value and "4711" in value for value in values), "EXPLOITED: a header was split in two"
"""


def header_attacks(_: SinkContext) -> list[Attack]:
    rows = [("a\r\nX-4711: 1", "a line break"), ("a\nX-4711: 1", "half a line break"), ("a\rX-4711: 1", "a carriage return"),
            ("a\u560a\u560dX-4711: 1", "letters that turn into line breaks"), ("a%0d%0aX-4711: 1", "in percent notation")]  # fmt: skip
    return [Attack(repr(text), label) for text, label in rows]


MARKUP = Oracle("markup", ProofKind.EXPLOIT, "the text became markup of the page, which a browser would run",
                ("from html.parser import HTMLParser",), MARKUP_HELPERS, (), MARKUP_ATTACK, markup_attacks, words, same="html.unescape({})")  # fmt: skip
REDIRECT = Oracle("redirect", ProofKind.EXPLOIT, "the visitor was sent to a site of the attacker's",
                  ("from urllib.parse import urlsplit",), REDIRECT_HELPERS, (), REDIRECT_ATTACK, redirect_attacks, addresses, domain="/[a-z]{1,8}(/[a-z]{1,8})?")  # fmt: skip
HEADER = Oracle("header", ProofKind.EXPLOIT, "the response got a header of the attacker's choice", (), "", (), HEADER_ATTACK,
                header_attacks, words)  # fmt: skip


ORIGIN_ATTACK = """
answer = attempt(VALUE)
headers = HEADERS
allowed = headers.get("Access-Control-Allow-Origin", "")
stranger = allowed == "null" or (urlsplit(allowed).hostname or "").endswith("attacker.example")
cookies = headers.get("Access-Control-Allow-Credentials", "") == "true"
assert not (stranger and cookies), f"EXPLOITED: pages of {allowed} may read what a visitor who is logged in is shown"
"""


def origins(situation: SinkContext) -> list[Oracle]:
    """A browser shows an answer to the page of another site if it names that site and permits cookies."""
    if not situation.approach.headers:
        return []
    rows = [("https://attacker.example", "another site"), ("http://attacker.example:8080", "on another port"),
            ("https://localhost.attacker.example", "the own name in front"), ("null", "a page without a site, as in a frame with `sandbox`"),
            ("https://sub.attacker.example", "a name below")]  # fmt: skip
    return [Oracle("origin", ProofKind.EXPLOIT, "the page of any other site may read the answer to a visitor who is logged in",
                   ("from urllib.parse import urlsplit",), "", (), ORIGIN_ATTACK,
                   lambda _: [Attack(repr(text), label) for text, label in rows],
                   lambda _: [Attack(repr("http://localhost"), "a page of this site")], domain="http://[a-z]{3,8}\\.example")]  # fmt: skip
