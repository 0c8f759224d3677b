"""Which effects are looked for, by rule. One row per rule; a rule without a row cannot be reproduced yet.

Example::

    oracles_for("sql-injection", situation)     # [SQL]
"""

from __future__ import annotations

from collections.abc import Callable

from buckler.prove.model import Oracle, Situation
from buckler.prove.oracles import files, marker, network, pages, statements, xml

Choice = Callable[[Situation], list[Oracle]]


def always(*oracles: Oracle) -> Choice:
    return lambda _: [*oracles]


ORACLES: dict[str, Choice] = {
    "command-injection": always(marker.COMMAND),
    "code-injection": always(marker.CODE, marker.TEMPLATE),
    "template-injection": always(marker.TEMPLATE),
    "unsafe-deserialisation": always(marker.SERIALISED),
    "path-traversal": lambda situation: [files.oracle(situation)],
    "archive-traversal": lambda situation: [files.oracle(situation)],
    "path-probing": lambda situation: [files.oracle(situation), files.probing(situation)],
    "sql-injection": statements.sql,
    "xpath-injection": always(statements.XPATH),
    "ldap-injection": always(statements.LDAP),
    "ssrf": always(network.SSRF),
    "xxe": always(xml.ENTITY),
    "entity-expansion": always(xml.BOMB),
    "xss": always(pages.MARKUP),
    "open-redirect": always(pages.REDIRECT),
    "header-injection": always(pages.HEADER),
}


def oracles_for(rule: str, situation: Situation) -> list[Oracle]:
    choice = ORACLES.get(rule)
    return choice(situation) if choice else []
