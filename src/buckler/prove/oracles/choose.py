"""Which effects are looked for, by rule. One row per rule; a rule without a row cannot be reproduced yet.

Example::

    oracles_for("sql-injection", situation)     # [SQL]
"""

from __future__ import annotations

from collections.abc import Callable

from buckler.prove.model import Oracle, SinkContext
from buckler.prove.oracles import (
    calls,
    cookies,
    crypto,
    errors,
    files,
    forms,
    growth,
    logs,
    marker,
    modules,
    network,
    options,
    pages,
    principals,
    secrets,
    servers,
    sizes,
    statements,
    tls,
    tokens,
    xml,
)

Choice = Callable[[SinkContext], list[Oracle]]


def always(*oracles: Oracle) -> Choice:
    return lambda _: [*oracles]


ORACLES: dict[str, Choice] = {
    "command-injection": always(marker.COMMAND),
    "code-injection": always(marker.CODE, marker.TEMPLATE),
    "template-injection": always(marker.TEMPLATE),
    "unsafe-deserialization": always(marker.SERIALISED),
    "path-traversal": lambda situation: [files.traversal(situation)],
    "archive-traversal": lambda situation: [files.archive(situation)],
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
    "argument-injection": always(options.OPTION),
    "weak-cipher": crypto.weak_cipher,
    "weak-key": crypto.weak_key,
    "redos": growth.growth,
    "weak-hash": lambda situation: [calls.weak_hash(situation)],
    "weak-random": lambda situation: [calls.weak_random(situation)],
    "hard-coded-secret": secrets.written_secret,
    "tls-verification-off": tls.tls,
    "host-key-verification-off": calls.host_keys,
    "timing-comparison": lambda situation: [calls.comparison(situation)],
    "insecure-temp-file": calls.temporary,
    "insecure-permissions": calls.rights,
    "permissive-cors": pages.origins,
    "decompression-bomb": sizes.bombs,
    "unsafe-reflection": modules.chosen,
    "jwt-verification-off": tokens.forged,
    "log-injection": always(logs.LOG),
    "debug-enabled": servers.debugging,
    "bind-all-interfaces": servers.bound,
    "csrf-disabled": forms.forged,
    "insecure-cookie": lambda situation: cookies.cookie("insecure-cookie", situation),
    "cookie-httponly": lambda situation: cookies.cookie("cookie-httponly", situation),
    "cookie-samesite": lambda situation: cookies.cookie("cookie-samesite", situation),
    "stack-trace-exposure": always(errors.TRACE),
    "missing-authentication": principals.strangers,
}
BY_LINE = frozenset({
    "missing-authentication", "stack-trace-exposure", "weak-hash", "weak-random", "hard-coded-secret", "tls-verification-off", "host-key-verification-off", "timing-comparison",
    "insecure-temp-file", "insecure-permissions", "weak-cipher", "weak-key", "insecure-cookie", "cookie-httponly",
    "cookie-samesite", "permissive-cors", "debug-enabled", "bind-all-interfaces", "csrf-disabled",
    "jwt-verification-off",
})  # fmt: skip
"""Rules that speak of what a line does with any input: the line has to run, nothing has to travel there."""


def oracles_for(rule: str, situation: SinkContext) -> list[Oracle]:
    choice = ORACLES.get(rule)
    return choice(situation) if choice else []
