"""Which names mean secrets, judged by their last noun: `admin_pass` does, `password_field` does not.

>>> secret("restriction.password"), secret("password_length"), secret("X-Api-Key")
(True, False, True)
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

PASSWORDS = frozenset({"password", "passwd", "passphrase", "pwd", "passcode", "pass", "pw"})
SECRETS = frozenset({"secret", "apikey", "hmac", "csrf", "xsrf", "authtoken", "secretkey", "credentials",
                     "sessionkey", "accesskey", "privatekey"})  # fmt: skip
TOKENS = frozenset({"token", "signature", "sig", "otp", "mac", "digest"})
KEYED = frozenset({
    "api", "secret", "auth", "access", "private", "session", "signing", "encryption", "master", "shared", "admin",
    "hmac",
})  # fmt: skip
"""Words that make a following `key`, `token` or `hash` a secret."""
AGAIN = frozenset({
    "confirm", "confirmation", "confirmed", "repeat", "repeated", "again", "retype", "verify", "verification", "new",
    "old", "previous", "check", "second", "first", "1", "2", "twice", "last", "original",
})  # fmt: skip


@lru_cache(maxsize=8192)
def split(name: str) -> tuple[str, ...]:
    """The words of a name, lower case: `adminPass_2` is admin, pass, 2."""
    return tuple(w.lower() for w in _WORD.findall(name))


@lru_cache(maxsize=8192)
def last(name: str) -> tuple[str, ...]:
    """The words of the last dotted part, without call marks and a trailing `value`, `data` or `bytes`."""
    words = split(name.replace("()", "").rsplit(".", 1)[-1])
    while len(words) > 1 and words[-1] in (
        "value",
        "data",
        "bytes",
        "text",
        "string",
        "str",
        "raw",
        "encoded",
        "header",
    ):
        words = words[:-1]
    return words


def password(name: str) -> bool:
    words = last(name)
    return bool(words) and words[-1] in PASSWORDS and words[0] not in ("by", "bypass")


def secret(name: str) -> bool:
    """A name for something that must stay secret, beyond doubt."""
    words = last(name)
    if not words:
        return False
    if words[-1] in SECRETS or password(name):
        return True
    return len(words) > 1 and words[-1] in ("key", "token", "hash") and (words[-2] in KEYED or words[-2] in PASSWORDS)


def token(name: str) -> bool:
    """A name that may mean a secret, or a word of a language, or the signature of a function."""
    words = last(name)
    return bool(words) and words[-1] in TOKENS


def again(name: str) -> bool:
    """One of two fields in which the same thing is typed twice, or a value before or after a change."""
    return not AGAIN.isdisjoint(last(name))
