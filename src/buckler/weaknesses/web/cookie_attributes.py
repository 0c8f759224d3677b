"""Cookies without the attributes that protect them: the argument is added or changed.

Example::

    reply.set_cookie("visit", "1")     # reply.set_cookie("visit", "1", secure=True)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from buckler.fix.arguments import assigned, given
from buckler.fix.patch import Fixer
from buckler.fix.site import Declined, Draft, Site, keyword, positional

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
                     "With `SameSite=Lax` the cookie goes along when a user follows a link, but not with forms, pictures and scripts of other sites.",
                     "no other site shows this one in a frame or sends forms to it")  # fmt: skip


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


def fixer(attribute: Attribute) -> Fixer:
    """The fixer that gives one attribute."""

    def write(site: Site) -> Iterator[Draft]:
        yield cookie(site, attribute)

    return write
