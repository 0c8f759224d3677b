"""Certificates whose check was switched off: switched on again.

Example::

    requests.get(url, verify=False)     # requests.get(url)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.arguments import taken_out
from buckler.fix.names import calls_in_function
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    arguments,
    callee,
    enclosing,
    enclosing_function,
    enclosing_statement,
    every,
    keyword,
    with_argument,
)

SWITCH = re.compile(r"verif|^ssl$|cert|validat", re.I)
OFF = re.compile(r"(False|0|None|['\"]?(\w+\.)*CERT_NONE['\"]?)$")
UNVERIFIED = ("ssl._create_unverified_context", "ssl._create_stdlib_context")
INTENT = "the other side has a certificate of an authority this machine knows; for a private one, give its certificate"
EXPLANATION = (
    "A connection is made only if the other side proves with its certificate that it is the one that was meant."
)


def certificates(site: Site) -> Iterator[Draft]:
    """Certificates are checked again."""
    file = site.file()
    at = file.node_at(site.finding.location)
    edits = [*settings(file, at)] or [*switches(site, file, at)] or [*missing(site, file)]
    if not edits:
        raise Declined("what switches the check off is not at this line")
    imports = ((file.path, "import ssl"),) if any("ssl." in edit.text for edit in edits) else ()
    yield Draft("Check the certificate of the other side", EXPLANATION, tuple(edits), imports, INTENT)


def settings(file: File, at: Node) -> Iterator[Edit]:
    """`context.check_hostname = False`, `session.verify = False` and the like, everywhere in the function."""
    statement = enclosing_statement(at)
    if unsafe_setting(file, statement) is None:
        return
    scope = enclosing_function(at)
    for node in every(scope) if scope is not None else (statement,):
        found = unsafe_setting(file, node)
        if found is not None:
            yield file.replace(*found)


def unsafe_setting(file: File, statement: Node) -> tuple[Node, str] | None:
    """The value that makes an assignment inherently unsafe, and what to put in its place."""
    inner = (
        statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
    )
    if inner is None or inner.type != "assignment":
        return None
    left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
    if left is None or right is None or left.type != "attribute":
        return None
    name, value = file.text(left).rpartition(".")[2], file.text(right)
    if name in ("check_hostname", "verify") and value == "False":
        return right, "True"
    if name == "verify_mode" and value.endswith("CERT_NONE"):
        owner = value.rpartition(".")[0] or "ssl"
        return right, f"{owner}.CERT_REQUIRED"
    if name == "_create_default_https_context" and value.endswith("_create_unverified_context"):
        return right, value.replace("_create_unverified_context", "create_default_context")
    return None


def switches(site: Site, file: File, at: Node) -> Iterator[Edit]:
    """An argument that switches the check off is taken out; a context without checks becomes one with them."""
    call = enclosing(at, "call")
    if call is None:
        return
    for node, name in calls_in_function(site, file, call):
        function = node.child_by_field_name("function")
        if name in UNVERIFIED and function is not None:
            if arguments(node):
                raise Declined("the context has arguments of an unknown form")
            text = file.text(function)
            made = f"{text.rpartition('.')[0]}.create_default_context" if "." in text else "ssl.create_default_context"
            yield file.replace(function, made)
            continue
        for argument in arguments(node):
            if is_switch(file, argument):
                yield taken_out(file, node, argument)


def missing(site: Site, file: File) -> Iterator[Edit]:
    """A connection of the standard library that was given no context gets one that checks."""
    call = site.call(site.finding.location)[1]
    name = callee(call, file).rpartition(".")[2]
    if name not in CONNECTIONS:
        return
    key = "ssl_context" if "IMAP" in site.finding.facts.sink else "context"
    if keyword(call, key, file) is not None or any(argument.type == "dictionary_splat" for argument in arguments(call)):
        raise Declined("this line does not show which context is meant")
    yield with_argument(file, call, f"{key}=ssl.create_default_context()")


CONNECTIONS = frozenset({"SMTP_SSL", "IMAP4_SSL", "POP3_SSL", "FTP_TLS", "NNTP_SSL", "starttls", "stls"})
"""What checks nothing unless it is given a context; the same names in every module of the standard library."""


def is_switch(file: File, argument: Node) -> bool:
    key, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
    if argument.type != "keyword_argument" or key is None or value is None:
        return False
    name, text = file.text(key), file.text(value)
    if name.startswith("disable_ssl"):
        return text == "True"
    return SWITCH.search(name) is not None and OFF.match(text) is not None and text != "None"


FIX = FixRecipe({"python": (certificates,)})
