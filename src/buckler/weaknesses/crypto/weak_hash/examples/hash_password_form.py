"""A password that comes under its name in a form."""

import hashlib


def digest(form):
    return hashlib.md5(form["password"].encode()).hexdigest()
