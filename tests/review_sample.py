"""A review made by hand: one plain finding, one without flow, and one whose every word is hostile."""

from __future__ import annotations

from buckler.finding.model import (
    Action,
    Finding,
    Location,
    Move,
    Notice,
    Review,
    Rule,
    Severity,
    Source,
    Step,
    Suppressed,
)

HOSTILE = (
    "<script>alert(1)</script> </style> [red]bold[/red] "
    "[x](javascript:alert(1)) `code` ``` \x1b[2J\x1b]0;t\x07 "
    "\u202eevil\u202c \x00 \udcff {{ 7*7 }} | @everyone <!-- ![i](http://x.example/a.png) 'quote' \"quote\""
)


def at(path: str, line: int, column: int = 5) -> Location:
    return Location(path, line, column, line, column + 10)


def sql_injection() -> Finding:
    return Finding(
        rule="sql-injection",
        title="SQL built from untrusted input",
        severity=Severity.HIGH,
        cwe=(89,),
        location=at("shop/db.py", 12),
        message="The query parameter read by `flask.request.args` reaches `Cursor.execute()`.",
        attacker="An attacker can read and change every row of the database.",
        fix="Pass the value as a bound parameter.",
        code='cursor.execute("SELECT * FROM item WHERE name = \'" + name + "\'")',
        function="shop.db.find",
        fingerprint="a" * 32,
        flow=(
            Step(
                at("shop/app.py", 20),
                (Action(Move.SOURCE, "flask.request.args"),),
                'name = request.args["q"]',
                "shop.app.search",
            ),
            Step(at("shop/app.py", 21), (Action(Move.PASSED, "find"),), "return find(name)", "shop.app.search"),
            Step(
                at("shop/db.py", 12),
                (Action(Move.REACHES, "Cursor.execute"),),
                'cursor.execute("SELECT …" + name)',
                "shop.db.find",
            ),
        ),
        source=Source("remote", "flask.request.args"),
        approximations=("by-name",),
        language="python",
    )


def weak_hash(severity: Severity = Severity.LOW) -> Finding:
    return Finding(
        rule="weak-hash",
        title="Weak hash",
        severity=severity,
        cwe=(327, 328),
        location=at("shop/tokens and more/é.py", 3),
        message="`hashlib.md5()` is not collision resistant.",
        attacker="An attacker can make two documents with the same hash.",
        fix="Use `hashlib.sha256()`.",
        code="return hashlib.md5(data).hexdigest()",
        function="",
        fingerprint="b" * 32,
        language="python",
    )


def hostile() -> Finding:
    step = Step(at(f"{HOSTILE}.py", 1), (Action(Move.PASSED, HOSTILE),), HOSTILE, HOSTILE)
    return Finding(
        rule="path-traversal",
        title=HOSTILE,
        severity=Severity.CRITICAL,
        cwe=(22,),
        location=at(f"{HOSTILE}.py", 1),
        message=HOSTILE,
        attacker=HOSTILE,
        fix=HOSTILE,
        code=HOSTILE,
        function=HOSTILE,
        fingerprint="c" * 32,
        flow=(step, step),
        source=Source(HOSTILE, HOSTILE),
        approximations=(HOSTILE,),
        language="python",
    )


def rule(name: str, *cwe: int) -> Rule:
    return Rule(
        id=name,
        title=name.replace("-", " ").capitalize(),
        family="sample",
        cwe=cwe,
        severity=Severity.HIGH,
        kind="taint",
        message="{source} reaches {sink}.",
        attacker="An attacker can do harm.",
        fix="Do it safely.",
        prose="What the flaw is.\n\nHow it shows, with `code` and <b>markup</b>.",
        references=(f"https://cwe.mitre.org/data/definitions/{cwe[0]}.html",),
    )


RULES = (rule("sql-injection", 89), rule("path-traversal", 22, 73), rule("unused-rule", 1004))


def review() -> Review:
    return Review(
        root="examples/shop",
        findings=[sql_injection(), weak_hash(), hostile()],
        suppressed=[Suppressed(weak_hash(Severity.MEDIUM), f"cache key {HOSTILE}", "inline")],
        notices=[
            Notice("suppression", "shop/db.py:40", "suppression hides nothing: weak-hash", partial=False),
            Notice("too-large", "static/big file.js", "3,000,000 bytes is above the limit", partial=True),
            Notice("cache", "/home/me/.cache/x", f"reviewing without a cache: {HOSTILE}", partial=False),
        ],
        files=6,
        lines=150,
        functions=14,
        languages={"python": 5, "template": 1},
        opaque={"match_statement": 2},
        seconds=0.41,
        rules=3,
    )
