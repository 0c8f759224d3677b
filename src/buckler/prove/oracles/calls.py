"""Functions the code should not ask for: a watch around them sees who calls, with ordinary input.

Nothing is attacked here, so the proof says *property violated*. The control is the watch itself: it must be silent about
the sound counterpart of the function, and speak about the function when the test calls it.

Example::

    weak_hash(situation).attack     # 'attempt(VALUE)\\nassert not weak, f"VIOLATED: …"'
"""

from __future__ import annotations

import re

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

WATCH = '''
FILE, FUNCTION = {file!r}, {function!r}


def asked_for_here():
    """Whether the code under test made the call, or this test; what libraries do among themselves does not count."""
    frame = sys._getframe(2)
    file = frame.f_code.co_filename
    while frame is not None and frame.f_code.co_filename == file:
        if file == __file__ or (file.endswith(FILE) and frame.f_code.co_name == FUNCTION):
            return True
        frame = frame.f_back
    return False


def everywhere(monkeypatch, owner, name, note):
    """Tell `note` of the calls of a function, under whatever name the code knows it."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def noting(*given, **named):
        if asked_for_here():
            note(*given, **named)
        return original(*given, **named)

    for place in [owner, *sys.modules.values()]:
        for alias in [a for a, value in list(getattr(place, "__dict__", {{}}).items()) if value is original]:
            monkeypatch.setattr(place, alias, noting)
'''
IMPORTS = ("import functools", "import sys", "import pytest")


def watch(situation: SinkContext) -> str:
    """The code that sees calls made by the function of the finding."""
    return WATCH.format(file=situation.path, function=situation.function.rpartition(".")[2] or "<module>")


def ordinary(situation: SinkContext) -> list[Attack]:
    """Values of the kinds people send; none of them is an attack."""
    rows = ["report", "7", "Anna Maria", "a-b_c.d", "x" * 40, "ünï"]
    if situation.approach.kind == "bytes":
        return [Attack(repr(text.encode()), "an ordinary value") for text in rows]
    return [Attack(repr(text), "an ordinary value") for text in rows]


HASHES = '''

@pytest.fixture
def weak(monkeypatch):
    """The broken hash functions the code asks for, unless it says that they are not for security."""
    seen = []

    def tell(name, named):
        name = str(name).lower().replace("openssl_", "").replace("-", "")
        if name in ("md2", "md4", "md5", "sha", "sha1", "ripemd160") and named.get("usedforsecurity", True):
            seen.append(name)

    everywhere(monkeypatch, hashlib, "md5", lambda *_, **named: tell("md5", named))
    everywhere(monkeypatch, hashlib, "sha1", lambda *_, **named: tell("sha1", named))
    everywhere(monkeypatch, hashlib, "new", lambda name, *_, **named: tell(name, named))
    everywhere(monkeypatch, hmac, "new", lambda key, msg=None, digestmod="": tell(getattr(digestmod, "__name__", digestmod), {}))
    return seen
'''
PACKAGED = """    for module in ("Crypto.Hash", "Cryptodome.Hash"):
        for name in ("MD2", "MD4", "MD5", "SHA", "SHA1", "RIPEMD160"):
            if f"{module}.{name}" in sys.modules:
                everywhere(monkeypatch, sys.modules[f"{module}.{name}"], "new", lambda *_, name=name, **__: tell(name, {}))
    for name in ("MD5", "SHA1"):
        if "cryptography.hazmat.primitives.hashes" in sys.modules:
            hashes = sys.modules["cryptography.hazmat.primitives.hashes"]
            monkeypatch.setattr(getattr(hashes, name), "__init__", lambda self, name=name: tell(name, {}) if asked_for_here() else None)
    return seen
"""
HASH_ATTACK = """
attempt(VALUE)
assert not weak, f"VIOLATED: a broken hash function is used: {weak[0]}"
"""
HASH_COUNTERPART = """
hashlib.sha256(b"report")
assert weak == []
hashlib.md5(b"report")
assert weak == ["md5"]
"""
DIGESTS = r"""re.sub(r"^b(['\"]).*\1$|[\w+/=-]*\d[\w+/=-]*|[\w+/=-]{20,}", "…", {})"""
"""What hash functions give is left out when answers are compared, because that is what has to change."""


def weak_hash(situation: SinkContext) -> Oracle:
    helpers = watch(situation) + HASHES
    if re.search(r"\b(MD[245]|SHA1?|RIPEMD160)\b", situation.code):
        helpers = helpers.replace("    return seen\n", PACKAGED)
    return Oracle("weak hash", ProofKind.PROPERTY, "a hash function was used that no longer resists forgery",
                  ("import hashlib", "import hmac", "import re", *IMPORTS), helpers, ("weak",), HASH_ATTACK, ordinary, ordinary,
                  counterpart=HASH_COUNTERPART, fresh="the hashes", same=DIGESTS)  # fmt: skip


RANDOM = '''

@pytest.fixture
def foreseeable(monkeypatch):
    """The functions of `random` the code calls."""
    seen = []
    for name in ("random", "randint", "randrange", "choice", "choices", "sample", "shuffle", "uniform", "getrandbits",
                 "randbytes", "triangular", "betavariate", "expovariate", "gauss", "normalvariate", "lognormvariate"):
        if not hasattr(random, name):  # it came with a later Python
            continue
        everywhere(monkeypatch, random, name, lambda *_, called=name, **__: seen.append(called))
    return seen
'''
RANDOM_ATTACK = """
attempt(VALUE)
assert not foreseeable, f"VIOLATED: a number is made that can be foreseen, by random.{foreseeable[0]}"
"""
RANDOM_COUNTERPART = """
secrets.token_hex()
secrets.SystemRandom().choice("ab")
assert foreseeable == []
random.choice("ab")
assert foreseeable == ["choice"]
"""


def weak_random(situation: SinkContext) -> Oracle:
    return Oracle("weak random", ProofKind.PROPERTY, "the secret was made with numbers that can be foreseen",
                  ("import random", "import secrets", *IMPORTS), watch(situation) + RANDOM, ("foreseeable",), RANDOM_ATTACK,
                  ordinary, ordinary, counterpart=RANDOM_COUNTERPART, fresh="the numbers")  # fmt: skip


COMPARED = '''

@pytest.fixture
def compared(monkeypatch):
    """The comparisons made in a time that does not depend on what is compared."""
    seen = []
    everywhere(monkeypatch, hmac, "compare_digest", lambda one, other: seen.append((one, other)))
    return seen
'''
COMPARED_ATTACK = """
send(VALUE)
assert compared, "VIOLATED: the secret is compared with an operator that stops at the first difference"
"""
COMPARED_COUNTERPART = """
assert "one" != "other"
assert compared == []
assert not hmac.compare_digest("one", "other")
assert len(compared) == 1
"""


def comparison(situation: SinkContext) -> Oracle:
    helpers = watch(situation).replace(
        "while frame is not None and frame.f_code.co_filename == file:", "while frame is not None:"
    )
    helpers = helpers.replace("    file = frame.f_code.co_filename\n    while frame is not None:\n",
                              "    while frame is not None:\n        file = frame.f_code.co_filename\n")  # fmt: skip
    helpers = helpers.replace("; what libraries do among themselves does not count", ", or something called by it")
    return Oracle("comparison", ProofKind.PROPERTY, "the secret was compared without hmac.compare_digest or the like",
                  ("import hmac", *IMPORTS), helpers + COMPARED, ("compared",), COMPARED_ATTACK, ordinary, ordinary,
                  counterpart=COMPARED_COUNTERPART)  # fmt: skip


NAMED = '''

@pytest.fixture
def named(monkeypatch):
    """The names for temporary files that the code gets without the file being made."""
    seen = []
    everywhere(monkeypatch, tempfile, "mktemp", lambda *_, **__: seen.append("tempfile.mktemp"))
    return seen
'''
NAMED_ATTACK = """
attempt(VALUE)
assert not named, f"VIOLATED: a name is taken for a file that is made later, by {named[0]}; somebody else may be faster"
"""
NAMED_COUNTERPART = """
handle, path = tempfile.mkstemp()
os.close(handle)
os.remove(path)
assert named == []
tempfile.mktemp()
assert named == ["tempfile.mktemp"]
"""


def temporary(situation: SinkContext) -> list[Oracle]:
    """A name that is fixed has no such watch: who may use the file is not to be seen from its use."""
    if "mktemp" not in situation.code:
        return []
    return [Oracle("temporary file", ProofKind.PROPERTY, "a name was taken for a file that is made only later",
                   ("import os", "import tempfile", *IMPORTS), watch(situation) + NAMED, ("named",), NAMED_ATTACK, ordinary,
                   ordinary, counterpart=NAMED_COUNTERPART, fresh="the names of files", same=r"re.sub(r'\btmp\w+', '…', {})")]  # fmt: skip


RIGHTS = '''

@pytest.fixture
def given_away(monkeypatch):
    """The modes the code asks for by which everybody may write, and masks that do not keep that back."""
    seen = []

    def tell(mode):
        if mode & stat.S_IWOTH:
            seen.append(f"{mode:03o}")

    everywhere(monkeypatch, os, "chmod", lambda path, mode, *_, **__: tell(mode))
    everywhere(monkeypatch, os, "fchmod", lambda file, mode: tell(mode))
    everywhere(monkeypatch, pathlib.Path, "chmod", lambda path, mode, **_: tell(mode))
    everywhere(monkeypatch, os, "umask", lambda mask: tell(0o777 & ~mask))
    mask = os.umask(0o022)
    os.umask(mask)
    yield seen
    os.umask(mask)
'''
RIGHTS_ATTACK = """
attempt(VALUE)
assert not given_away, f"VIOLATED: every user of the machine may write: {given_away[0]}"
"""
RIGHTS_COUNTERPART = """
given_away.clear()
os.chmod(tmp_path, 0o755)
assert given_away == []
os.chmod(tmp_path, 0o777)
assert given_away == ["777"]
"""


def rights(situation: SinkContext) -> list[Oracle]:
    """Rights that are given outright; those that are left open by what is not written have no such watch."""
    if not any(word in situation.code for word in ("chmod", "umask")):
        return []
    return [Oracle("rights", ProofKind.PROPERTY, "every user of the machine was given the right to write",
                   ("import os", "import pathlib", "import stat", *IMPORTS), watch(situation) + RIGHTS, ("given_away", "tmp_path"),
                   RIGHTS_ATTACK, ordinary, ordinary, counterpart=RIGHTS_COUNTERPART)]  # fmt: skip


POLICIES = '''

@pytest.fixture
def trusted(monkeypatch):
    """The policies for unknown hosts that the code chooses and that let them pass."""
    seen = []

    def tell(policy):
        name = getattr(policy, "__name__", type(policy).__name__)
        if name in ("AutoAddPolicy", "WarningPolicy"):
            seen.append(name)

    everywhere(monkeypatch, paramiko.SSHClient, "set_missing_host_key_policy", lambda client, policy: tell(policy))
    return seen
'''
POLICIES_ATTACK = """
attempt(VALUE)
assert not trusted, f"VIOLATED: a host nobody knows is trusted: {trusted[0]}"
"""
POLICIES_COUNTERPART = """
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.RejectPolicy())
assert trusted == []
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
assert trusted == ["AutoAddPolicy"]
"""


def host_keys(situation: SinkContext) -> list[Oracle]:
    if "policy" not in situation.code.lower():
        return []
    return [Oracle("host keys", ProofKind.PROPERTY, "a host with a key that nobody knows was to be trusted",
                   ("import paramiko", *IMPORTS), watch(situation) + POLICIES, ("trusted",), POLICIES_ATTACK, ordinary, ordinary,
                   counterpart=POLICIES_COUNTERPART)]  # fmt: skip
