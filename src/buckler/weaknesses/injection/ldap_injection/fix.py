"""Values in LDAP filters: escaped where they are mixed in."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.fix.escapes import Escape, escaped
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Draft, Site

LDAP3 = Escape("Escape the value for the filter", "Brackets, asterisks and backslashes in the value are written as escapes and match themselves only.",
               "escape_filter_chars({})", "from ldap3.utils.conv import escape_filter_chars")  # fmt: skip
LDAP = Escape(LDAP3.title, LDAP3.explanation, "escape_filter_chars({})", "from ldap.filter import escape_filter_chars")


def ldap(site: Site) -> Iterator[Draft]:
    text = " ".join(site.file(s.location.path).data.decode("utf-8", "replace") for s in site.finding.flow)
    yield from escaped(site, LDAP3 if "ldap3" in text else LDAP)


FIX = FixRecipe({"python": (ldap,)})
