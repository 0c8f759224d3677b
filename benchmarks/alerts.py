"""Alerts in any number, as scanners and sensors write them: lines of JSON, the same for the same number.

    python benchmarks/alerts.py 1000000 > alerts.jsonl           # 357 MB

Half are flaws in code, a quarter vulnerable packages, a quarter events of hosts; one in twenty repeats an earlier one
word by word, one in ten says the same of another line. Members have the names that are common in such exports, which no table
of an importer knows: they are read by the guess from the names.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator

RULES = 400
FILES = 20_000
PACKAGES = 3_000
HOSTS = 500
WORDS = [
    "request",
    "value",
    "reaches",
    "query",
    "without",
    "check",
    "untrusted",
    "input",
    "shell",
    "command",
    "file",
    "path",
    "template",
    "response",
    "header",
    "cookie",
    "session",
    "token",
    "secret",
    "key",
    "password",
    "hash",
    "weak",
    "cipher",
    "random",
    "seed",
    "upload",
    "archive",
    "redirect",
    "address",
    "parser",
    "entity",
    "loop",
    "length",
    "buffer",
    "index",
    "lock",
    "race",
]
SEVERITIES = ("critical", "high", "high", "medium", "medium", "medium", "low", "low", "info")


def alerts(count: int, seed: int = 13) -> Iterator[dict[str, object]]:
    chance = random.Random(seed)
    earlier: list[dict[str, object]] = []
    for number in range(count):
        if earlier and chance.random() < 0.05:
            yield chance.choice(earlier)
            continue
        if earlier and chance.random() < 0.1:
            made = dict(chance.choice(earlier), line_number=chance.randrange(1, 2000))
        else:
            made = MAKERS[number % 4](chance, number)
        if len(earlier) < 5000:
            earlier.append(made)
        yield made


def code(chance: random.Random, number: int) -> dict[str, object]:
    rule = chance.randrange(RULES)
    file = chance.randrange(FILES)
    return {
        "tool": f"scanner-{rule % 7}",
        "rule_id": f"python.security.rule-{rule:03}",
        "severity": SEVERITIES[rule % len(SEVERITIES)],
        "message": sentence(chance, 14),
        "file_path": f"services/service{file % 40:02}/app/module{file % 97:02}/views_{file:05}.py",
        "line_number": chance.randrange(1, 2000),
        "cwe": f"CWE-{(79, 89, 78, 22, 918, 502, 327, 601)[rule % 8]}",
        "function": f"handle_{chance.randrange(300):03}",
        "snippet": f"return run({WORDS[rule % len(WORDS)]}_{chance.randrange(10_000):04}, request.args['{WORDS[file % len(WORDS)]}'])",
    }


def package(chance: random.Random, number: int) -> dict[str, object]:
    name = chance.randrange(PACKAGES)
    flaw = chance.randrange(4)
    return {
        "tool": f"dependency-scanner-{name % 3}",
        "rule_id": f"CVE-{2015 + name % 10}-{10_000 + name * 4 + flaw}",
        "severity": SEVERITIES[(name + flaw) % len(SEVERITIES)],
        "message": sentence(chance, 16),
        "file_path": f"services/service{chance.randrange(40):02}/deploy{chance.randrange(2000):04}/requirements.txt",
        "package_name": f"library-{name:04}",
        "installed_version": f"{name % 9}.{flaw}.{chance.randrange(20)}",
        "ecosystem": "pypi",
        "fixed_version": f"{name % 9 + 1}.0.0",
    }


def event(chance: random.Random, number: int) -> dict[str, object]:
    rule = chance.randrange(150)
    return {
        "tool": f"sensor-{rule % 4}",
        "rule_id": f"SID-{200_000 + rule}",
        "severity": SEVERITIES[rule % len(SEVERITIES)],
        "message": sentence(chance, 12),
        "hostname": f"host-{chance.randrange(HOSTS):03}.example.org",
        "src_ip": f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}",
        "dest_port": chance.choice((22, 80, 443, 3306, 5432, 8080)),
        "timestamp": f"2026-11-{1 + number % 28:02}T{number % 24:02}:{number // 7 % 60:02}:{number % 60:02}.{number % 1000:03}Z",
        "process": f"/usr/sbin/daemon-{rule % 31}",
        "user": f"user{chance.randrange(80)}",
    }


def sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize()


MAKERS = (code, package, code, event)


def main() -> None:
    for alert in alerts(int(sys.argv[1])):
        sys.stdout.write(json.dumps(alert, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
