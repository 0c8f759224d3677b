"""Credentials written into code, told by their shape or by the name they are given to.

Two questions, asked separately:

    scan_text(data)       # anywhere in a file: tokens of a known shape, key blocks, passwords in URLs
    judge_literals([("db_password", "t7Kq-92vXw", 120)])     # literals seen to be given to a name

Shapes have a few fixed letters each; those are looked for first, among the words of the file. A library of general
patterns was measured and not used: loading it takes 180 ms, a megabyte takes half a second, and half of that goes to
patterns that match by the words around a value, which the engine knows better.

A hit shows only the beginning of what was found. Placeholders, labels, names of fields, settings and files,
templates and prompts are no secrets; `_is_placeholder` and `_is_label` hold what was learned about them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from buckler.review.words import needles, present


@dataclass(slots=True, frozen=True)
class Hit:
    """A secret and where it stands."""

    kind: str
    """What it is: "AWS access key", "password in a URL", "literal given to a name"."""
    start: int
    """Offset into the data given to `scan_text` (bytes), or the one that came with the literal."""
    end: int
    shown: str
    """The beginning of the secret, fit to be printed."""
    name: str = ""
    """What it is given to, if anything."""


def scan_text(data: bytes) -> list[Hit]:
    """Secrets in the shape of known tokens, in order of appearance, each place once."""
    hits: list[Hit] = []
    for shape in SHAPES:
        if present(shape.anchors, data):
            hits += _matches(shape, data)
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    return [hit for i, hit in enumerate(hits) if not i or hit.start >= hits[i - 1].end]


def judge_literals(literals: Iterable[tuple[str, str, int]]) -> list[Hit]:
    """Of (name or key, literal text, offset), those that give a secret to a name."""
    return [
        Hit("literal given to a name", offset, offset + len(text), _shown(text), name)
        for name, text, offset in literals
        if _is_secret(name, text)
    ]


# Shapes.


@dataclass(slots=True, frozen=True)
class Shape:
    """A kind of token: letters that must be there, and the pattern; group 1, if any, is the secret."""

    kind: str
    anchors: list[tuple[bytes, bytes]]
    pattern: re.Pattern[bytes]
    random: bool = True
    """The secret is made of random characters, so a dull one is a sample."""


def _shape(kind: str, anchors: str, pattern: str, *, random: bool = True) -> Shape:
    return Shape(kind, needles(tuple(anchors.split())), re.compile(pattern.encode()), random)


_EDGE = r"(?<![A-Za-z0-9_])"
_STOP = r"(?![A-Za-z0-9_])"

SHAPES: tuple[Shape, ...] = (
    _shape("AWS access key", "AKIA ASIA ABIA ACCA", rf"{_EDGE}(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{{16}}{_STOP}"),
    _shape("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", rf"{_EDGE}gh[pousr]_[A-Za-z0-9]{{36,255}}{_STOP}"),
    _shape("GitHub token", "github_pat_", rf"{_EDGE}github_pat_[A-Za-z0-9_]{{60,255}}{_STOP}"),
    _shape("GitLab token", "glpat- gldt- glrt- glsoat-", rf"{_EDGE}gl(?:pat|dt|rt|soat)-[\w-]{{20,64}}{_STOP}"),
    _shape("Slack token", "xoxb- xoxp- xoxa- xoxr- xoxs-", rf"{_EDGE}xox[abprs]-[0-9]{{6,16}}-[\w-]{{10,200}}"),
    _shape("Slack token", "xapp-", rf"{_EDGE}xapp-\d-[A-Z0-9]{{6,16}}-\d{{6,16}}-[a-z0-9]{{32,80}}{_STOP}"),
    _shape(
        "Slack webhook",
        "hooks.slack.com/services/",
        r"hooks\.slack\.com/services/T\w{6,14}/B\w{6,14}/\w{20,30}",
    ),
    _shape("Stripe key", "sk_live_ rk_live_", rf"{_EDGE}[sr]k_live_[0-9A-Za-z]{{16,247}}{_STOP}"),
    _shape("Google API key", "AIza", rf"{_EDGE}AIza[\w-]{{35}}(?![\w-])"),
    _shape("Google client secret", "GOCSPX-", rf"{_EDGE}GOCSPX-[\w-]{{28}}(?![\w-])"),
    _shape("OpenAI key", "sk-", rf"{_EDGE}sk-(?:proj-|svcacct-)?[\w-]{{10,100}}T3BlbkFJ[\w-]{{20,100}}"),
    _shape("Anthropic key", "sk-ant-", rf"{_EDGE}sk-ant-[a-z0-9]{{3,8}}-[\w-]{{80,120}}"),
    _shape("Hugging Face token", "hf_", rf"{_EDGE}hf_[A-Za-z]{{34}}{_STOP}"),
    _shape("npm token", "npm_", rf"{_EDGE}npm_[A-Za-z0-9]{{36}}{_STOP}"),
    _shape("PyPI token", "pypi-AgE", rf"{_EDGE}pypi-AgE[\w-]{{70,250}}"),
    _shape("SendGrid key", "SG.", rf"{_EDGE}SG\.[\w-]{{22}}\.[\w-]{{43}}(?![\w-])"),
    _shape("Twilio key", "SK", rf"{_EDGE}SK[0-9a-f]{{32}}{_STOP}"),
    _shape("Square secret", "sq0csp-", rf"{_EDGE}sq0csp-[\w-]{{43}}(?![\w-])"),
    _shape("Shopify token", "shpat_ shpss_ shpca_", rf"{_EDGE}shp(?:at|ss|ca)_[0-9a-fA-F]{{32}}{_STOP}"),
    _shape("DigitalOcean token", "dop_v1_ doo_v1_", rf"{_EDGE}do[po]_v1_[0-9a-f]{{64}}{_STOP}"),
    _shape("Telegram bot token", ":AA", r"(?<![\w:])[0-9]{8,10}:AA[\w-]{33}(?![\w-])"),
    _shape("Discord webhook", "discord.com/api/webhooks/", r"discord\.com/api/webhooks/\d{16,20}/[\w-]{60,80}"),
    _shape("Azure storage key", "AccountKey=", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _shape("Mailgun key", "key-", rf"{_EDGE}key-[0-9a-f]{{32}}{_STOP}"),
    _shape(
        "private key",
        "PRIVATE",
        r"-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\"'+,()\\]|\\[nr]|[A-Z][A-Za-z-]{2,20}: [^\n]{1,80}\n){1,40}([A-Za-z0-9+/]{40})",
    ),
    _shape(
        "password in a URL",
        "://",
        r"(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://[^\s:/?#@\"'<>{}$%\\]{1,64}:"
        r"([^\s:/?#@\"'<>{}$%\\*]{3,64})@(?!(?:localhost|127\.|example|(?:host|hostname|server|db|proxy)(?![\w.-])))"
        r"[A-Za-z0-9]",
        random=False,
    ),
)


def _matches(shape: Shape, data: bytes) -> Iterator[Hit]:
    for found in shape.pattern.finditer(data):
        group = 1 if shape.pattern.groups else 0
        secret = found[group].decode("latin-1")
        if not _is_sample(secret, shape.random):
            whole = found[0].decode("latin-1")
            shown = _shown(whole) if shape.kind != "private key" else whole.partition("\n")[0][:40]
            yield Hit(shape.kind, found.start(group), found.end(group), _shown(secret) if group else shown)


def _is_sample(secret: str, random: bool) -> bool:
    low = secret.lower()
    if any(word in low for word in ("example", "xxxx", "0000000", "1234567", "abcdefg", "your", "fake", "dummy")):
        return True
    return entropy(secret) < 2.5 if random else _is_placeholder("", secret)


# Names.


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PLAIN_NAME = re.compile(r"[\w$.\[\]'\"-]{1,200}")
_PASSWORDS = frozenset({"password", "passwd", "pwd", "passphrase", "pass", "passcode", "pw"})
_TOKENS = frozenset({"token", "secret", "apikey", "credential", "credentials", "apitoken", "secretkey", "authkey"})
_BEFORE_KEY = frozenset(
    {
        "api",
        "secret",
        "access",
        "private",
        "auth",
        "encryption",
        "signing",
        "master",
        "account",
        "app",
        "client",
        "hmac",
    }
)
_TAIL = frozenset({"value", "default", "str", "string", "text", "hex", "raw", "plain", "plaintext", "clear", "prod"})
_OTHER_TOKENS = _words(
    """csrf xsrf page next prev previous continuation cancel stop pad eos bos unk mask sep cls special start
    end begin public error current close open last comment keyword first separator delimiter lexer
    syntax hash hashed encrypted no change reset forgot lost"""
)


def _sort_of_name(name: str) -> str:
    """password, token, or nothing: what the last words of a name say about its value."""
    if not _PLAIN_NAME.fullmatch(name):
        return ""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and (words[-1].isdecimal() or words[-1] in _TAIL):
        words.pop()
    if not words or _OTHER_TOKENS.intersection(words[:-1]):
        return ""
    if words[-1] in _PASSWORDS:
        return "password"
    if words[-1] in _TOKENS:
        return "token"
    if words[-1] in ("key", "keys") and len(words) > 1 and words[-2] in _BEFORE_KEY:
        return "token"
    return ""


def _is_secret(name: str, text: str) -> bool:
    sort = _sort_of_name(name)
    if not sort or not 4 <= len(text) <= 500 or _is_placeholder(name, text) or _is_label(text):
        return False
    if sort == "password":
        return len(set(text)) > 2
    return len(text) >= 8 and _looks_random(text)


def _looks_random(text: str) -> bool:
    """Made by a machine or meant to look so: letters and digits mixed, or long and varied."""
    if not re.fullmatch(r"[!-~]+", text):
        return False
    letters, digits = sum(c.isalpha() for c in text), sum(c.isdigit() for c in text)
    if letters and digits:
        return entropy(text) >= (2.5 if digits >= 2 else 3.0)
    return len(text) >= 20 and entropy(text) >= 3.7 and not re.search(r"[-_./: ]", text)


def entropy(text: str) -> float:
    """Bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) if text else 0.0


# What is not a secret.

_PLACEHOLDER_PARTS = _words(
    """example changeme change_me change-me changeit placeholder xxx your dummy fake sample redacted replace
    insert todo fixme foobar lorem not-a- not_a_ notreal not-real testing unittest mock undefined asdf
    qwerty secret_here 12345 hunter2"""
)
_PLACEHOLDERS = _words(
    """password passwd pass pwd secret token key apikey test tests none null nil true false empty default
    string user username name login email admin_password required optional hidden text input basic
    bearer digest plain unset unknown disabled enabled auto anonymous guest value foo bar baz spam eggs
    abcd abc123 pass123 passw0rd password1 password123 test123 testpass testpassword mypassword
    secret123 authorization cookie session header query body form random prompt ask keyring vault file
    env environ"""
)
_TEMPLATE = re.compile(r"\$\{|\{\{|\$\(|<[^>]*>|%[({\w]|\{[\w.!:\[\]]*\}|\[[A-Za-z_ -]+\]|\*{3}|•|…|\.\.\.")
_RANGE = re.compile(r"[aA]-[fFzZ]|0-9")
"""Of a set of characters, as in a regular expression."""
_SECRET_WORD = re.compile(r"passw|passphrase|secret|token|api.?key|credential|pwd", re.IGNORECASE)
_PATHLIKE = re.compile(r"(?:\.{0,2}/|~/|[A-Za-z]:\\)|.*\.(?:pem|key|json|ya?ml|toml|txt|crt|env|py|js|html|jks|p12)\Z")
_NAMELIKE = re.compile(r"[A-Za-z]+(?:[-_.:/][A-Za-z0-9]+)+|[a-z]+(?:[A-Z][a-z]+)+|[A-Z]+(?:_[A-Z0-9]+)+")


def _is_placeholder(name: str, text: str) -> bool:
    low = text.strip().lower()
    if low in _PLACEHOLDERS or len(set(low)) <= 2 or _TEMPLATE.search(text):
        return True
    if any(word in low for word in _PLACEHOLDER_PARTS) or _RANGE.search(text):
        return True
    return _squeezed(low) == _squeezed(name.rpartition(".")[2].lower())


def _squeezed(text: str) -> str:
    return re.sub(r"[-_\s]", "", text)


def _is_label(text: str) -> bool:
    """Text for people, or the name of something: a field, a setting, a file, an address."""
    if not text.isascii() or "\n" in text or re.fullmatch(r"[A-Z][a-z]+[:?!.]?", text):
        return True
    if re.fullmatch(r"[A-Za-z' ,:;.?!()-]+", text) and " " in text.strip():
        return True
    if "://" in text or _PATHLIKE.match(text):
        return True
    named = _NAMELIKE.fullmatch(text) is not None
    return named and (_SECRET_WORD.search(text) is not None or not any(c.isdigit() for c in text))


def _shown(secret: str) -> str:
    keep = 4 if len(secret) >= 12 else 1
    return secret[:keep] + "…"
