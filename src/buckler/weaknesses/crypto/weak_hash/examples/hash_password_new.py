"""A password that is written down hashed; nothing here compares it."""

import hashlib


def remembered(password, salt):
    return hashlib.sha1((salt + password).encode()).hexdigest()
