"""Where a browser would go."""

from __future__ import annotations

from urllib.parse import urlsplit

from buckler.prove.probes.sending import VALUE, attempt, headers, text


def leads_away(target: str) -> bool:
    """Where a browser would go: it takes backslashes for slashes, drops white space and more than two slashes."""
    plain = target.strip().replace("\\", "/").replace("\t", "").replace("\n", "")
    host = urlsplit("//" + plain.lstrip("/") if plain.startswith("//") else plain).hostname or ""
    return host == "attacker.example" or host.endswith(".attacker.example")


def attack() -> None:
    answer = attempt(VALUE)
    target = headers(answer).get("Location", "") if headers(answer) else text(answer)
    assert not leads_away(target), f"EXPLOITED: the user is redirected to {target}"
