"""Settings that are set the wrong way round: an argument added or changed, a literal replaced.

Example::

    reply.set_cookie("visit", "1")     # reply.set_cookie("visit", "1", secure=True)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.checks import taken_out
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    arguments,
    callee,
    enclosing,
    enclosing_statement,
    keyword,
    positional,
    within,
)

OFF = re.compile(r"(False|None|0|['\"][Nn]one['\"])$")
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  what is looked for, not what is bound to
FOR_SCRIPTS = re.compile(r"csrf|xsrf", re.I)


@dataclass(slots=True, frozen=True)
class Attribute:
    """One attribute of a cookie: the argument that gives it, and where that stands if it has no name."""

    name: str
    value: str
    index: int
    """In the signature that Flask, Django and Starlette share."""
    title: str
    explanation: str
    intent: str


SECURE = Attribute("secure", "True", 6, "Send the cookie over HTTPS only",
                   "A browser sends a cookie with `Secure` over encrypted connections only, and to `localhost` while the program is written.",
                   "the site is visited over HTTPS")  # fmt: skip
HTTPONLY = Attribute("httponly", "True", 7, "Hide the cookie from scripts",
                     "A browser sends a cookie with `HttpOnly` as before, but no script can read it.",
                     "no script of the site has to read the cookie")  # fmt: skip
SAMESITE = Attribute("samesite", '"Lax"', 8, "Keep the cookie from requests that other sites start",
                     "With `SameSite=Lax` the cookie goes along when a visitor follows a link, but not with forms, pictures and scripts of other sites.",
                     "no other site shows this one in a frame or sends forms to it")  # fmt: skip


def cookie_secure(site: Site) -> Iterator[Draft]:
    yield cookie(site, SECURE)


def cookie_httponly(site: Site) -> Iterator[Draft]:
    yield cookie(site, HTTPONLY)


def cookie_samesite(site: Site) -> Iterator[Draft]:
    yield cookie(site, SAMESITE)


def cookie(site: Site, attribute: Attribute) -> Draft:
    """The attribute given with the cookie, or in the setting for the cookie of the session."""
    file = site.file()
    at = file.node_at(site.finding.location)
    if value := assigned(file, at, re.compile(rf"COOKIE_{attribute.name.upper()}\b")):
        edit = file.replace(value, attribute.value)
    else:
        file, call = site.call(site.finding.location)
        key = positional(call, 0) or keyword(call, "key", file)
        if attribute is HTTPONLY and key is not None and FOR_SCRIPTS.search(file.text(key)):
            raise Declined("by its name the cookie is one that scripts have to read")
        edit = given(file, call, attribute.name, attribute.value, attribute.index)
    return Draft(attribute.title, attribute.explanation, (edit,), (), attribute.intent)


def without_cookies(site: Site) -> Iterator[Draft]:
    """`allow_credentials=True` and `supports_credentials=True` taken out; which sites to trust only the owner knows."""
    file, call = site.call(site.finding.location)
    rows = [
        row for name in ("allow_credentials", "supports_credentials") if (row := keyword(call, name, file)) is not None
    ]
    if not rows:
        raise Declined("which other sites may read the answers is known only to those who run this one")
    yield Draft(
        "Show other sites only what everybody may see",
        "Pages of other sites can still read answers, but the browser no longer sends the visitor's cookies along with their requests. Sites that need them have to be listed by name.",
        (taken_out(file, call, rows[0]),),
        (),
        "pages of other sites need no more than what visitors see who are not logged in",
    )


def debug_off(site: Site) -> Iterator[Draft]:
    """`debug=True` → `debug=os.environ.get("FLASK_DEBUG") == "1"`."""
    file = site.file()
    value = assigned(file, file.node_at(site.finding.location), re.compile(r"\b(debug|DEBUG)\b['\"\]]*$"))
    if value is None or file.text(value) not in ("True", "1"):
        raise Declined("what switches debug mode on is not written at this line")
    text = file.data.decode("utf-8", "replace")
    name = "FLASK_DEBUG" if re.search(r"\bflask\b", text) else "DJANGO_DEBUG" if "ROOT_URLCONF" in text else "APP_DEBUG"
    hosts = " and `ALLOWED_HOSTS` names the site" if name == "DJANGO_DEBUG" else ""
    yield Draft(
        "Leave debug mode off unless the environment asks for it",
        f"Errors show visitors nothing of the program any more. Whoever works on it sets `{name}=1` on their own machine.",
        (file.replace(value, f'os.environ.get("{name}") == "1"'),),
        ((file.path, "import os"),),
        f"nobody sets `{name}` where the site is open to visitors{hosts}",
    )


def this_machine(site: Site) -> Iterator[Draft]:
    """`host="0.0.0.0"` → `host=os.environ.get("HOST", "127.0.0.1")`."""
    for name in ("Dockerfile", "Containerfile", "docker-compose.yml", "compose.yaml"):
        with suppress(OSError):
            site.read(name)
            raise Declined(f"by `{name}` the program runs in a container, where it has to listen on all addresses")
    file, call = site.call(site.finding.location)
    found = [n for n in within(call) if n.type == "string" and file.text(n).strip("'\"") in EVERYWHERE]
    if len(found) != 1:
        raise Declined("the address is not written at this line")
    local = "::1" if "::" in file.text(found[0]) else "127.0.0.1"
    yield Draft(
        "Listen on this machine only, unless the environment says otherwise",
        "Other machines no longer reach the program directly, but through a server in front of it. Whoever wants them to sets `HOST`.",
        (file.replace(found[0], f'os.environ.get("HOST", "{local}")'),),
        ((file.path, "import os"),),
        "visitors come through a server on the same machine, or whoever starts the program sets `HOST`",
    )


def forms_checked(site: Site) -> Iterator[Draft]:
    """`@csrf_exempt` taken away; `WTF_CSRF_ENABLED = False` → `True`."""
    file = site.file()
    at = file.node_at(site.finding.location)
    words = "A form is taken only with the token that this site put into it, which a page of another site cannot know."
    intent = "what is sent here comes from forms of this site, which hold the token, and not from other programs"
    if value := assigned(file, at, re.compile(r"CSRF\w*\b")):
        edit = file.replace(value, "True")
    else:
        decorator = enclosing(at, "decorator")
        if decorator is None:
            raise Declined("what switches the check off is no decorator and no setting")
        start = file.line_start(decorator)
        edit = Edit(file.path, start, file.data.find(b"\n", decorator.end_byte) + 1, "")
    yield Draft("Check that forms come from this site", words, (edit,), (), intent)


def given(file: File, call: Node, name: str, value: str, index: int = -1) -> Edit:
    """The edit by which a call gives an argument: its value replaced where it is written, else added at the end."""
    if "cookie" in name + callee(call, file) and any(n.type == "dictionary_splat" for n in arguments(call)):
        raise Declined("what is given with the cookie is put together elsewhere")
    row = keyword(call, name, file)
    old = row.child_by_field_name("value") if row is not None else positional(call, index) if index >= 0 else None
    if old is not None:
        if not OFF.match(file.text(old)):
            raise Declined(f"what `{name}` is set to is decided elsewhere")
        return file.replace(old, value)
    return added(file, call, f"{name}={value}")


def added(file: File, call: Node, text: str) -> Edit:
    """One more argument; on a line of its own where each of the others has one."""
    rows = arguments(call)
    if not rows:
        end = call.end_byte - 1
        return Edit(file.path, end, end, text)
    last = rows[-1]
    lines = [row.start_point[0] for row in rows]
    alone = len(set(lines)) == len(lines) and lines[-1] != call.start_point[0]
    between = f",{file.newline}{file.margin(last)}" if alone else ", "
    return Edit(file.path, last.end_byte, last.end_byte, f"{between}{text}")


def assigned(file: File, at: Node, name: re.Pattern[str]) -> Node | None:
    """The literal that is given to a setting: `NAME = …`, `config["NAME"] = …`, `update(NAME=…)`, `{"NAME": …}`."""
    kinds = {"assignment": ("left", "right"), "keyword_argument": ("name", "value"), "pair": ("key", "value")}
    for node in within(enclosing_statement(at)):
        if node.type in kinds:
            left, right = (node.child_by_field_name(field) for field in kinds[node.type])
            if left is not None and right is not None and name.search(file.text(left)):
                return right
    return None
