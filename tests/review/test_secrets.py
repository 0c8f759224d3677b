"""Secrets by shape and by name. Sample tokens are put together here, so that none stands in this file."""

from __future__ import annotations

import random
import re
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.review.regexes import analyse
from buckler.review.secrets import SHAPES, judge_literals, scan_text

_DICE = random.Random(7)


def made(alphabet: str, length: int) -> str:
    return "".join(_DICE.choice(alphabet) for _ in range(length))


ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"

TOKENS = [
    ("AWS access key", "AKIA" + made(UPPER, 16)),
    ("GitHub token", "ghp" + "_" + made(ALNUM, 36)),
    ("GitHub token", "github" + "_pat_" + made(ALNUM, 22) + "_" + made(ALNUM, 59)),
    ("GitLab token", "glpat" + "-" + made(ALNUM, 20)),
    ("Slack token", "xoxb" + "-123498761234-" + made(ALNUM, 24)),
    (
        "Slack webhook",
        "https://hooks.slack.com/" + f"services/T{made(UPPER, 8)}/B{made(UPPER, 8)}/{made(ALNUM, 24)}",
    ),
    ("Stripe key", "sk" + "_live_" + made(ALNUM, 24)),
    ("Google API key", "AI" + "za" + made(ALNUM, 35)),
    ("OpenAI key", "sk-proj-" + made(ALNUM, 24) + "T3Blbk" + "FJ" + made(ALNUM, 24)),
    ("Anthropic key", "sk-" + "ant-api03-" + made(ALNUM, 93)),
    ("npm token", "npm" + "_" + made(ALNUM, 36)),
    ("SendGrid key", "SG" + f".{made(ALNUM, 22)}.{made(ALNUM, 43)}"),
    ("Twilio key", "SK" + made(HEX, 32)),
    ("Azure storage key", "AccountKey=" + made(ALNUM, 86) + "=="),
    ("private key", "-----BEGIN RSA PRIVATE" + " KEY-----\n" + made(ALNUM, 64) + "\n"),
    ("private key", "-----BEGIN PRIVATE" + ' KEY-----\\n"\n    "' + made(ALNUM, 64)),
    ("password in a URL", "postgres://app:" + "k9vXw7Qd@db.internal.corp/shop"),
]


@pytest.mark.parametrize(("kind", "token"), TOKENS)
def test_known_shapes_are_found(kind: str, token: str) -> None:
    data = f'client = connect("{token}")\n'.encode()
    (hit,) = scan_text(data)
    assert hit.kind == kind
    assert 0 < hit.start < hit.end <= len(data)
    assert len(hit.shown) < 45
    assert token not in hit.shown


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "key = os.environ['GITHUB_TOKEN']",
        "-----BEGIN PRIVATE KEY-----",
        'if "-----BEGIN RSA PRIVATE KEY-----" in text: return "pem"',
        "postgres://user:password@localhost/db",
        "https://user:{password}@host.example.org/",
        "http://name:$PASS@proxy.internal:8080",
        "see https://example.org:8080/a@b",
        "sk-" + "a" * 40,
    ],
)
def test_samples_and_mentions_are_not_found(text: str) -> None:
    assert scan_text(text.encode()) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("password", "t7Kq-92vXw!m"),
        ("db_password", "admin"),
        ("DB_PASSWD", "Summer2024"),
        ("self.config.passphrase", "mysecretpassword"),
        ("password", "SuperSecretPassword"),
        ("apiToken", "q8ZrT2mVx0bL5nWc7Yd1"),
        ("app.secret_key", "9f1c2b7ae44d0e58bb1f6a"),
        ("SECRET_KEY", "django-insecure-#7g$k2v9x!m4"),
        ("aws_secret_access_key", "Zk3vQ9x7Lm2Rt5Yw8Pb1Nc4Vd6Fg0Hj"),
        ("client_secret", "d41d8cd98f00b204e9800998ecf8427e"),
    ],
)
def test_literals_given_to_telling_names_are_found(name: str, text: str) -> None:
    (hit,) = judge_literals([(name, text, 17)])
    assert (hit.name, hit.start, hit.end) == (name, 17, 17 + len(text))
    assert text not in hit.shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("password", ""),
        ("password", "password"),
        ("password", "changeme"),
        ("password", "<your password>"),
        ("password", "${DB_PASSWORD}"),
        ("password", "%(password)s"),
        ("password", "{password}"),
        ("password", "Enter your password:"),
        ("password", "Passwort"),
        ("password", "mot de passe"),
        ("password", "パスワード"),
        ("password", "user_password"),
        ("password", "DB_PASSWORD"),
        ("password", "********"),
        ("PASSWORD_FIELD", "k9vXw7Qd2"),
        ("password_hash", "k9vXw7Qd2"),
        ("token_url", "https://login.example.org/token"),
        ("token", "https://login.internal.org/oauth/token"),
        ("api_key", "<your key here>"),
        ("api_key", "YOUR_API_KEY"),
        ("api_key", "config.api_key"),
        ("private_key", "/etc/ssl/private/server.key"),
        ("secret", "changeme"),
        ("secret_key", "SECRET_KEY"),
        ("next_token", "a8f7d6s5a8f7d6s5"),
        ("pad_token", "a8f7d6s5a8f7d6s5"),
        ("token", "identifier"),
        ("csrf_token", "csrfmiddlewaretoken1"),
        ("public_key", "k9vXw7Qd2k9vXw7Qd2"),
        ("key", "k9vXw7Qd2k9vXw7Qd2"),
        ("compass", "k9vXw7Qd2"),
        ("bypass", "k9vXw7Qd2"),
    ],
)
def test_placeholders_labels_and_names_are_not_found(name: str, text: str) -> None:
    assert judge_literals([(name, text, 0)]) == []


def test_one_place_is_told_once() -> None:
    token = "AKIA" + made(UPPER, 16)
    data = f"postgres://app:{token}@db.internal.corp/x".encode()
    assert len(scan_text(data)) == 1


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind)
def test_the_shapes_pass_our_own_judgement(shape: object) -> None:
    pattern = shape.pattern  # type: ignore[attr-defined]
    assert analyse(pattern.pattern.decode(), re.ASCII, "search").status == "safe"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_input_is_survived(data: bytes, text: str) -> None:
    scan_text(data)
    judge_literals([("password", text, 0), (text, text, 0)])


def test_a_file_without_secrets_costs_little() -> None:
    data = b"def connect(url, *, timeout=3):\n    return Client(url, timeout=timeout)  # sk and SG\n" * 4000
    started = time.process_time()
    assert scan_text(data) == []
    assert time.process_time() - started < 0.03
