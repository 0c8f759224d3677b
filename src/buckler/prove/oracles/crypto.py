"""Ciphers that do not keep data secret and keys that are too short: seen by a watch around what makes them.

Example::

    weak_key(situation)      # [] where the library is none of those that are known
"""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, SinkContext
from buckler.prove.oracles.calls import IMPORTS, ordinary, watch

MADE = '''

def made(monkeypatch, kind, note):
    """Tell `note` of the objects of a class that the code makes."""
    original = kind.__init__

    def noting(self, *given, **named):
        if asked_for_here():
            note(*given, **named)
        original(self, *given, **named)

    monkeypatch.setattr(kind, "__init__", noting)
'''
PACKAGED_CIPHERS = '''

@pytest.fixture
def weak(monkeypatch):
    """The ciphers and modes the code asks for that do not keep data secret."""
    seen = []
    for cipher in (ARC2, ARC4, Blowfish, CAST, DES, DES3):
        everywhere(monkeypatch, cipher, "new", lambda *_, name=cipher.__name__, **__: seen.append(name.rpartition(".")[2]))
    everywhere(monkeypatch, AES, "new", lambda key, mode, *_, **__: seen.append("ECB") if mode == AES.MODE_ECB else None)
    return seen
'''
PACKAGED_RIGHT = """
AES.new(bytes(16), AES.MODE_GCM)
assert weak == []
AES.new(bytes(16), AES.MODE_ECB)
assert weak == ["ECB"]
"""
CIPHERS = (
    MADE
    + '''

@pytest.fixture
def weak(monkeypatch):
    """The ciphers and modes the code asks for that do not keep data secret."""
    seen = []
    for name in ("ARC4", "TripleDES", "Blowfish", "CAST5", "IDEA", "SEED"):
        if hasattr(algorithms, name):
            made(monkeypatch, getattr(algorithms, name), lambda *_, name=name, **__: seen.append(name))
    made(monkeypatch, modes.ECB, lambda: seen.append("ECB"))
    return seen
'''
)
RIGHT = """
modes.GCM(bytes(12))
assert weak == []
modes.ECB()
assert weak == ["ECB"]
"""
CIPHER_ATTACK = """
attempt(VALUE)
assert not weak, f"VIOLATED: data is encrypted in a way that does not keep it secret: {weak[0]}"
"""


def weak_cipher(situation: SinkContext) -> list[Oracle]:
    code = " ".join((situation.code, *situation.near))
    if "algorithms." in code or "modes." in code or "Cipher(" in code:
        imports = ("from cryptography.hazmat.primitives.ciphers import algorithms, modes",)
        helpers, right = CIPHERS, RIGHT
    elif ".new(" in code:
        imports = ("from Crypto.Cipher import AES, ARC2, ARC4, CAST, DES, DES3, Blowfish",)
        helpers, right = PACKAGED_CIPHERS, PACKAGED_RIGHT
    else:
        return []
    oracle = Oracle("weak cipher", ProofKind.PROPERTY, "data was encrypted with a cipher or mode that does not keep it secret",
                    (*imports, *IMPORTS), watch(situation) + helpers, ("weak",), CIPHER_ATTACK, ordinary, ordinary,
                    counterpart=right, fresh="what was encrypted")  # fmt: skip
    return [oracle]


SHORT = '''

@pytest.fixture
def short(monkeypatch):
    """The lengths of the keys the code makes that are too short to last."""
    seen = []

    def tell(length):
        if length < 2048:
            seen.append(length)

WATCHED
    return seen
'''
KEYS = SHORT.replace(
    "WATCHED",
    """
    everywhere(monkeypatch, rsa, "generate_private_key", lambda public_exponent, key_size, *_, **__: tell(key_size))
    everywhere(monkeypatch, dsa, "generate_private_key", lambda key_size, *_, **__: tell(key_size))
""".strip("\n"),
)
KEYS_RIGHT = """
rsa.generate_private_key(65537, 2048)
assert short == []
rsa.generate_private_key(65537, 1024)
assert short == [1024]
"""
PACKAGED_KEYS = SHORT.replace(
    "WATCHED",
    """
    everywhere(monkeypatch, RSA, "generate", lambda bits, *_, **__: tell(bits))
    everywhere(monkeypatch, DSA, "generate", lambda bits, *_, **__: tell(bits))
""".strip("\n"),
)
PACKAGED_KEYS_RIGHT = """
RSA.generate(2048)
assert short == []
RSA.generate(1024)
assert short == [1024]
"""
KEY_ATTACK = """
attempt(VALUE)
assert not short, f"VIOLATED: a key of {short[0]} bits is made, which is too short to last"
"""


def weak_key(situation: SinkContext) -> list[Oracle]:
    code = " ".join((situation.code, *situation.near))
    if "generate_private_key" in code and "ec." not in code:
        imports = ("from cryptography.hazmat.primitives.asymmetric import dsa, rsa",)
        helpers, right = KEYS, KEYS_RIGHT
    elif ".generate(" in code:
        imports = ("from Crypto.PublicKey import DSA, RSA",)
        helpers, right = PACKAGED_KEYS, PACKAGED_KEYS_RIGHT
    else:
        return []
    oracle = Oracle("weak key", ProofKind.PROPERTY, "a key was made that is too short to last", (*imports, *IMPORTS),
                    watch(situation) + helpers, ("short",), KEY_ATTACK, ordinary, ordinary,
                    counterpart=right, fresh="the keys")  # fmt: skip
    return [oracle]
