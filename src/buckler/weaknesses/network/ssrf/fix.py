"""Addresses that a server fetches: outside the own network, and no further than the address that was looked at.

A permitted address may answer with a redirect to one that is not, so redirects are no longer followed; how that is said
depends on the client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.guards import checked, top_level
from buckler.fix.patch import FixRecipe
from buckler.fix.refusal import refusing
from buckler.fix.site import Draft, Site, arguments, callee, keyword

CHECK = '''\
def _is_public(url):
    """Whether every address of the host in a URL is public."""
    host = urllib.parse.urlsplit(url).hostname
    return all(ipaddress.ip_address(row[4][0]).is_global for row in socket.getaddrinfo(host, None))


'''
STAYING = '''\
class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A response that redirects to another URL is an error."""

    def redirect_request(self, *_):
        return None


'''
SAID_BY = (
    (
        r"(^|\.)(requests|session|_session|sess)\.(get|post|put|patch|delete|head|options|request)$",
        "allow_redirects=False",
        r"\b(requests|aiohttp)\b",
    ),
    (r"\.(request|urlopen)$", "redirect=False", r"\burllib3\b"),
)
"""Callee, argument that stops redirects, what the file must mention."""
URLOPEN = re.compile(r"^(?:urllib\.request\.)?urlopen$")


def public_address(site: Site) -> Iterator[Draft]:
    """Look the name up first and refuse what is not on the public network."""
    spot, given = checked(site, "url")
    top = top_level(spot.file, spot.statement.start_byte)
    stay, helper = no_redirects(site)
    refusal = refusing(site, spot.file, spot.statement, "the URL resolves to an internal address")
    modules = ["ipaddress", "socket", "urllib.parse", *(["urllib.request"] if helper else [])]
    yield Draft(
        "Refuse URLs that resolve to internal addresses",
        "The host name is resolved, and each of its addresses must be public. Redirects are no longer followed. A name that changes between the look-up and the request is not covered; a fixed list of partners would be.",
        (
            Edit(spot.file.path, top, top, CHECK + helper),
            *given,
            spot.lines([f"if not _is_public({spot.name}):", f"    {refusal.line}"]),
            *stay,
        ),
        (*((spot.file.path, f"import {module}") for module in modules), *refusal.imports),
        "any public URL may be fetched, and its host name does not resolve to another address in between",
    )


def no_redirects(site: Site) -> tuple[tuple[Edit, ...], str]:
    """Edits that keep the client at the address it was given, and a helper they need."""
    file, call = site.call()
    name = callee(call, file)
    function = call.child_by_field_name("function")
    text = file.data.decode("utf-8", "replace")
    if function is not None and URLOPEN.match(name) and keyword(call, "context", file) is None:
        return (file.replace(function, "urllib.request.build_opener(_NoRedirects).open"),), STAYING
    for pattern, argument, mentioned in SAID_BY:
        given = keyword(call, argument.partition("=")[0], file)
        if re.search(pattern, name, re.I) and re.search(mentioned, text) and given is None:
            end = arguments(call)[-1].end_byte
            return (Edit(file.path, end, end, f", {argument}"),), ""
    return (), ""


FIX = FixRecipe({"python": (public_address,)})
