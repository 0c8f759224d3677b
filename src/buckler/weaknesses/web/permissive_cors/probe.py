"""What a browser makes of an answer to the page of another site."""

from __future__ import annotations

from urllib.parse import urlsplit

from buckler.prove.probes.sending import VALUE, attempt, headers


def attack() -> None:
    answer = attempt(VALUE)
    allowed = headers(answer).get("Access-Control-Allow-Origin", "")
    foreign = allowed == "null" or (urlsplit(allowed).hostname or "").endswith("attacker.example")
    cookies = headers(answer).get("Access-Control-Allow-Credentials", "") == "true"
    assert not (foreign and cookies), f"EXPLOITED: pages of {allowed} may read what a logged-in user is shown"
