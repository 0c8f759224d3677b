"""SQL: the structure of what reaches the engine must not depend on what was sent.

Statements are recorded where the project hands them over, to Django, to the driver, to a stand-in for one; values are
taken out of them, and what is left is compared between benign input and the attack.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, SinkContext, texts

HERE = Path(__file__).parent
STAND_IN = re.compile(r"mock\.(Magic|Async)Mock\(\)")
ATTACKS = texts(
    ("x' OR '4711'='4711", "closes the string and adds a condition"),
    ("0 OR 4711=4711", "adds a condition to a number"),
    ('x" OR "4711"="4711', "closes a string in double quotes"),
    ("x' UNION SELECT 4711 --", "adds the rows of another query"),
    ("x') OR ('4711'='4711", "closes a bracket"),
    ("name; SELECT 4711 --", "a second statement"),
    ("name DESC, (SELECT 4711)", "adds to an ordering"),
    ("name, (SELECT 4711)", "adds a column"),
)
SQL = Oracle(
    ProofKind.EXPLOIT,
    "the input became part of the SQL query",
    Probe(HERE / "probe.py"),
    ATTACKS,
    texts(("report", "a word"), ("7", "a number")),
    domain="[a-z]{1,8}",
)
DJANGO = replace(SQL, probe=Probe(HERE / "probe_django.py"))
HANDED = replace(
    SQL,
    effect="the input became part of the SQL query that was handed over",
    probe=Probe(HERE / "probe_handed.py"),
)


def oracles(situation: SinkContext) -> list[Oracle]:
    if "from django.test import Client" in situation.approach.imports:
        return [DJANGO, SQL]
    return [SQL, HANDED] if STAND_IN.search(situation.approach.send) else [SQL]


PROOF = ProofRecipe(oracles)
