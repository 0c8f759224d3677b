"""Who may come in."""

import hashlib
import hmac

from shop.database import query


def digest(password):
    # Flaw: fast, unsalted, broken.
    return hashlib.md5(password.encode()).hexdigest()


def strong_digest(password, salt):
    # Safe: slow on purpose, salted.
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def check(user, password):
    rows = query("SELECT digest FROM account WHERE user = ?", (user,))
    return bool(rows) and hmac.compare_digest(rows[0]["digest"], digest(password))
