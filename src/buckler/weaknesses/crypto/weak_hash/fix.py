"""Hash functions that no longer resist forgery: SHA-256 in their place, and for passwords a function that is slow.

Whatever was stored or sent as a hash before no longer compares equal, so each patch says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.names import calls_in_function, dotted
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    arguments,
    callee,
    enclosing_function,
    every,
    keyword,
    operands,
    positional,
)

WEAK = ("hashlib.md5", "hashlib.sha1")
NAMES = re.compile(r"""^[bru]*(['"])(md2|md4|md5|sha|sha-?1|ripemd160)\1$""", re.I)
PASSWORD = re.compile(r"passw|passphrase|\bpwd\b", re.I)
STORED = "nothing that was stored or sent before is compared with the new hash, or it is made again"


def stronger(site: Site) -> Iterator[Draft]:
    """`hashlib.md5(x)` → `hashlib.sha256(x)`."""
    file, call = site.call(site.finding.location)
    found = weak_calls(site, file, call)
    if not found:
        raise Declined("the hash function is chosen somewhere else than at this line")
    if (other := computed_elsewhere(file, [node for node, name in found if name == "hmac.new"])) is not None:
        line = other.start_point[0] + 1
        raise Declined(f"the same code is computed at line {line} to compare the two; both places must change at once")
    if of_password(file, call):
        yield slow(site, file, [node for node, _ in found])
        return
    edits: list[Edit] = []
    imports: list[tuple[str, str]] = []
    for node, name in found:
        made, import_ = replaced(file, node, name)
        edits.append(made)
        imports += [(file.path, import_)] if import_ else []
    yield Draft(
        "Hash with SHA-256",
        "For SHA-256 nobody can make two inputs with the same hash, or a second input for a given one.",
        tuple(edits),
        tuple(imports),
        STORED,
    )


def weak_calls(site: Site, file: File, call: Node) -> list[tuple[Node, str]]:
    """The calls in the function that ask for a broken hash function."""
    out = []
    for node, name in calls_in_function(site, file, call):
        spare = keyword(node, "usedforsecurity", file)
        if spare is not None and "False" in file.text(spare):
            continue
        if name in WEAK or chosen(file, node, name) is not None or packaged(name):
            out.append((node, name))
    return out


def computed_elsewhere(file: File, codes: list[Node]) -> Node | None:
    """Another message authentication code in the file made with a broken hash function: what is sent is checked there."""
    for node in every(file.root) if codes else ():
        known = any(node.start_byte == code.start_byte for code in codes)
        made = node.type == "call" and not known and dotted(file, callee(node, file)) == "hmac.new"
        if made and chosen(file, node, "hmac.new") is not None:
            return node
    return None


def chosen(file: File, call: Node, name: str) -> Node | None:
    """The argument that names a broken hash function."""
    if name == "hashlib.new":
        row, key = positional(call, 0), keyword(call, "name", file)
    elif name == "hmac.new":
        row, key = positional(call, 2), keyword(call, "digestmod", file)
    else:
        return None
    value = row if row is not None else key.child_by_field_name("value") if key is not None else None
    if value is None:
        return None
    text = file.text(value)
    return value if NAMES.match(text) or re.search(r"(^|\.)(md5|sha1)$", text) else None


def packaged(name: str) -> bool:
    """The same of packages."""
    return re.search(r"(^|\.)Hash\.(MD5|SHA1?|MD4)\.new$|\.hashes\.(MD5|SHA1)$", name) is not None


def replaced(file: File, call: Node, name: str) -> tuple[Edit, str]:
    """The edit that puts SHA-256 in the place of a broken function, and the import it needs."""
    value = chosen(file, call, name)
    function = call.child_by_field_name("function")
    assert function is not None
    if value is not None:
        text = file.text(value)
        if quoted := NAMES.match(text):
            return file.replace(value, f"{quoted[1]}sha256{quoted[1]}"), ""
        if "." in text:
            return file.replace(value, f"{text.rpartition('.')[0]}.sha256"), ""
        return file.replace(value, "hashlib.sha256"), "import hashlib"
    text = file.text(function)
    if name in WEAK:
        if "." in text:
            return file.replace(function, f"{text.rpartition('.')[0]}.sha256"), ""
        return file.replace(function, "hashlib.sha256"), "import hashlib"
    if name.endswith(".new"):
        package = name.rpartition(".Hash.")[0]
        return file.replace(function, "SHA256.new"), f"from {package}.Hash import SHA256"
    owner = text.rpartition(".")[0]
    if not owner:
        raise Declined("the hash function was imported under a name of its own")
    return file.replace(function, f"{owner}.SHA256"), ""


def of_password(file: File, call: Node) -> bool:
    """Whether what is hashed is a password, by the names it has in the function."""
    scope = enclosing_function(call)
    name = scope.child_by_field_name("name") if scope is not None else None
    rows = scope.child_by_field_name("parameters") if scope is not None else None
    texts = [file.text(n) for n in (call, name, rows) if n is not None]
    body = file.text(scope) if scope is not None else ""
    texts += re.findall(r"\.update\(([^\n]*)\)", body)
    spoken = r"""(?<!\[)(?<!get\()(['"]).*?\1"""  # texts, but not the names under which something is kept
    return any(PASSWORD.search(re.sub(spoken, "", text)) for text in texts)


def slow(site: Site, file: File, calls: list[Node]) -> Draft:
    """`hashlib.md5(password).hexdigest()` → `hashlib.scrypt(password, salt=…, …).hex()`."""
    call = calls[0]
    attribute = call.parent
    outer = attribute.parent if attribute is not None and attribute.type == "attribute" else None
    method = file.text(attribute).rpartition(".")[2] if attribute is not None and outer is not None else ""
    hashed = positional(call, 0)
    name = callee(call, file)
    if (
        len(calls) > 1
        or method not in ("hexdigest", "digest")
        or outer is None
        or outer.type != "call"
        or hashed is None
    ):
        raise Declined("a password needs a slow hash with a salt; that is more than one call can be changed into")
    if len(arguments(call)) != 1 or not name.startswith("hashlib."):
        raise Declined("a password needs a slow hash with a salt, and this call has arguments of an unknown form")
    if compares(file, call):
        raise Declined(
            "what is stored was hashed this way and is compared with it, so nobody could log in any more; keep checking the "
            "old hashes for a while, and hash each password slowly once it has been right"
        )
    password, salt, words = salted(site, file, hashed)
    made = f"hashlib.scrypt({password}, salt={salt}, n=2**14, r=8, p=1)"
    return Draft(
        "Hash the password slowly",
        f"A guess now costs a twentieth of a second and 16 megabytes instead of nothing. {words}",
        (file.replace(outer, made + (".hex()" if method == "hexdigest" else "")),),
        (),
        "digests stored before are made again, for example when their owners log in next",
    )


def compares(file: File, call: Node) -> bool:
    """Whether the file compares what the function around the call gives with something."""
    scope = enclosing_function(call)
    name = scope.child_by_field_name("name") if scope is not None else None
    if name is None:
        return False
    called = rf"\b{re.escape(file.text(name))}\("
    text = file.data.decode("utf-8", "replace")
    return re.search(rf"(compare_digest\(|[!=]=)[^\n]*{called}|{called}[^\n]*[!=]=", text) is not None


def salted(site: Site, file: File, hashed: Node) -> tuple[str, str, str]:
    """Password, salt, and what is to be said about the salt."""
    inner, end = hashed, ""
    function = hashed.child_by_field_name("function")
    if hashed.type == "call" and function is not None and file.text(function).endswith(".encode"):
        owner = function.child_by_field_name("object")
        if owner is not None and owner.type == "parenthesized_expression":
            inner, end = owner.named_children[0], file.text(hashed)[len(file.text(owner)) :]
    parts = [file.text(part) for part in operands(inner)]
    salts = [part for part in parts if re.search("salt", part, re.I)]
    if len(parts) == 2 and len(salts) == 1:
        rest = next(part for part in parts if part != salts[0])
        return rest + end, salts[0] + end, "The salt is used as before."
    place = f"{site.finding.location.path.removesuffix('.py').replace('/', '.')}.{site.finding.function}"
    words = "All accounts still share one salt; one for each needs a place beside the digest."
    return file.text(hashed), f'b"{place}"', words


FIX = FixRecipe({"python": (stronger,)})
