"""Which fixers a rule has; one row per rule, the better fixer first.

Example::

    patches = patches_for(finding, read)
"""

from __future__ import annotations

from buckler.finding.evidence import Patch
from buckler.finding.model import Finding
from buckler.fix import (
    addresses,
    archives,
    chance,
    checks,
    commands,
    documents,
    entities,
    errors,
    escapes,
    files,
    guards,
    hashes,
    lines,
    logins,
    options,
    paths,
    regexes,
    settings,
    sizes,
    spelled,
    sql,
    switches,
    templates,
    tokens,
)
from buckler.fix.patch import Fixer, write
from buckler.fix.site import Declined, Read

FIXERS: dict[str, tuple[Fixer, ...]] = {
    "unsafe-deserialization": (documents.safe_yaml, documents.plain_pickle),
    "sql-injection": (sql.bound, sql.named),
    "template-injection": (templates.variables,),
    "xpath-injection": (guards.plain_text,),
    "ldap-injection": (escapes.ldap,),
    "command-injection": (commands.argument_list, escapes.shell, guards.plain_part),
    "code-injection": (documents.literal_only, spelled.as_code, guards.plain_part),
    "path-traversal": (paths.confined,),
    "archive-traversal": (archives.filtered, paths.confined),
    "path-probing": (paths.confined,),
    "xss": (templates.put_out_escaped, escapes.html),
    "open-redirect": (guards.local_redirect,),
    "header-injection": (escapes.line,),
    "log-injection": (lines.quoted, escapes.line),
    "jwt-verification-off": (tokens.signed,),
    "ssrf": (addresses.public_address,),
    "entity-expansion": (entities.refused, documents.no_entities, documents.plain_lxml),
    "decompression-bomb": (sizes.limited,),
    "xxe": (documents.no_entities, documents.plain_lxml),
    "argument-injection": (options.behind_the_end, options.refused),
    "weak-key": (checks.longer_key,),
    "redos": (regexes.unambiguous, regexes.kept_short),
    "weak-hash": (hashes.stronger,),
    "hard-coded-secret": (settings.from_environment,),
    "tls-verification-off": (checks.certificates,),
    "host-key-verification-off": (checks.host_keys,),
    "timing-comparison": (files.same_time,),
    "insecure-temp-file": (files.made_at_once,),
    "insecure-permissions": (files.narrowed,),
    "weak-random": (chance.unforeseeable,),
    "insecure-cookie": (switches.cookie_secure,),
    "cookie-httponly": (switches.cookie_httponly,),
    "debug-enabled": (switches.debug_off,),
    "bind-all-interfaces": (switches.this_machine,),
    "csrf-disabled": (switches.forms_checked,),
    "permissive-cors": (switches.without_cookies,),
    "cookie-samesite": (switches.cookie_samesite,),
    "stack-trace-exposure": (errors.plain_sentence,),
    "missing-authentication": (logins.as_siblings,),
}


REASONS = {
    "unsafe-reflection": "which modules are meant to be chosen is known only to those who wrote them; a list of their names is needed",
    "weak-cipher": "what was encrypted before has to be read with the old cipher and written with another (AES-GCM), and only its owner knows where it is",
}
"""Why a rule has no fixer, where more can be said than that it has none."""


def patches_for(finding: Finding, read: Read) -> list[Patch]:
    """Candidates for a finding; raises `Declined` with the reason when there is none."""
    if finding.language != "python" and not finding.location.path.endswith(".py"):
        raise Declined(f"there are no fixers for {finding.language or 'this kind of file'} yet")
    fixers = FIXERS.get(finding.rule)
    if not fixers:
        reason = f"`{finding.rule}` has no fixer: the right change depends on what the code is for"
        raise Declined(REASONS.get(finding.rule, reason))
    return write(finding, read, fixers)
